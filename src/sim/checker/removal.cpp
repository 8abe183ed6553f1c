#include "sim/checker/checker.hpp"

#include "controller/memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

/// EventBridge delivers a spot interruption notice within ten seconds; its pass saves it unless it
/// crashes.
constexpr Milliseconds warning_travels = 15s;

/// CPU usage without these nodes; 0 if none of them has data.
double percent_without(const Use& use, const std::set<std::string>& gone) {
    double busy = 0;
    double size = 0;
    bool is_reported = false;
    for (const auto& host : use.hosts) {
        busy += host.busy;
        if (gone.contains(host.host)) {
            is_reported = true;
        } else {
            size += host.size;
        }
    }
    return is_reported && size > 0 ? 100 * busy / size : 0;
}

}  // namespace

void Checker::removal_announced(const Sender& sender, const Operation& operation) {
    const bool again = !to_remove_.insert(operation.instance_id).second;
    if (operation.reason != "not_joined" && lacked_signals(sender)) {
        breach("I5", fmt::format("{} is removed ({}) although signals were missing",
                                 operation.instance_id, operation.reason));
    }
    auto* machine = ground_.cloud.find(operation.instance_id);
    if (machine == nullptr) return;
    machine->being_removed = true;
    if (!machine->seen_registered_at) check_unmatched(sender, *machine);
    if (operation.reason == "not_joined") return check_registration_failed(sender, *machine);
    if (operation.reason != "above_maximum") check_cooldown(sender, operation);
    note_removed(sender, operation);
    if (again) return;
    if (operation.reason == "not_ready") return check_not_ready(sender, *machine);
    if (machine->runs()) removals_.push_back(ground_.timeline.now());
    check_emptiness(*machine);
    check_capacity(sender, operation);
    if (machine->seen_registered_at)
        check_minimum(sender, operation);  // a booting node does not count
}

/// Removals in one write were decided together.
void Checker::note_removed(const Sender& sender, const Operation& operation) {
    const std::pair write{sender.epoch, sender.sent};
    if (last_removal_write_ != write) {
        before_last_removal_ = std::exchange(last_removal_at_, sender.now);
        last_removal_write_ = write;
        last_removed_.clear();
        removed_together_.clear();
    }
    last_removed_.insert(operation.instance_id);
    if (operation.reason != "not_ready") removed_together_.insert(operation.instance_id);
}

/// Whether most Nodes that were once Ready, of running workers, are not reported.
bool Checker::most_nodes_missing(const Sender& sender) const {
    if (!sender.signals || !sender.signals->nodes.known()) return true;
    std::set<std::string> reported;
    for (const auto& node : sender.signals->nodes.value()) reported.insert(node.instance_id);
    int expected = 0;
    int missing = 0;
    for (const auto& machine : ground_.cloud.machines()) {
        if (!machine.is_worker() || !machine.runs()) continue;
        const bool is_reported = reported.contains(machine.instance.id);
        const bool is_missing = !is_reported && machine.seen_registered_at && counts(machine);
        if (is_reported || is_missing) ++expected;
        if (is_missing) ++missing;
    }
    return 2 * missing > expected;
}

/// If only a few Nodes are missing and all else is reported, no pass can notice.
bool Checker::lacked_signals(const Sender& sender) const {
    if (sender.had_all_signals) return false;
    const bool only_nodes = sender.signals && sender.signals->cpu.known() &&
                            sender.signals->pending.known() && sender.signals->nodes.known();
    return !only_nodes || most_nodes_missing(sender);
}

/// The pods of removed nodes must fit into the free resources of the other Ready Nodes, CPU must
/// stay below the scale-up threshold, and a node with pods must be removed alone.
void Checker::check_capacity(const Sender& sender, const Operation& operation) {
    if (!sender.signals || !sender.signals->nodes.known()) return;
    Resources room;
    Resources asked;
    bool has_pods = false;
    for (const auto& node : sender.signals->nodes.value()) {
        if (removed_together_.contains(node.instance_id)) {
            has_pods = has_pods || !node.only_daemonset_pods;
            asked = asked + (node.requested - node.daemonset_requested);
        } else if (node.ready && fits_within(node.requested, node.allocatable)) {
            room = room + (node.allocatable - node.requested);
        }
    }
    const auto& id = operation.instance_id;
    if (has_pods && !fits_within(asked, room)) {
        breach("I8", id + " is removed, but its pods do not fit on other nodes");
    }
    const auto together = removed_together_.size();
    const int most = ground_.settings.policy.scale_down.max_empty_removals_per_pass;
    if (together > 1 && (has_pods || together > static_cast<std::size_t>(most))) {
        breach("I8", fmt::format("{} nodes are removed at once{}", together,
                                 has_pods ? ", one of which runs pods" : ""));
    }
    if (!sender.signals->cpu.known()) return;
    const double line = ground_.settings.policy.scale_up.cpu_above_percent;
    const double percent = percent_without(sender.signals->cpu.value(), removed_together_);
    if (percent <= line + 1e-6) return;
    breach("L5", fmt::format("{} is removed, but CPU would be at {:.0f}%, above {:.0f}%", id,
                             percent, line));
}

/// An instance that registered under another name does have a Node.
void Checker::check_unmatched(const Sender& sender, const Machine& machine) {
    if (!machine.joined || !sender.signals || !sender.signals->nodes.known()) return;
    for (const auto& node : sender.signals->nodes.value()) {
        const bool was_ready = node.ready || machine.nodes_that_may_be.contains(node.name);
        const bool may_be_its = was_ready && !node.server && node.instance_id.empty() &&
                                node.created_at >= machine.instance.launched_at;
        if (!may_be_its) continue;
        breach("I5", machine.instance.id + " is removed, but " + node.name + " may be its Node");
        return;
    }
}

/// A Node that was never reported looks like an instance that never registered, unless most Nodes
/// are missing.
void Checker::check_registration_failed(const Sender& sender, const Machine& machine) {
    const auto& id = machine.instance.id;
    if (machine.seen_registered_at) {
        return breach("I5", id + " is terminated as not registered, but was observed Ready");
    }
    if (machine.joined && !sender.had_nodes && most_nodes_missing(sender)) {
        return breach(
            "I5",
            id +
                " is terminated as not registered, but is Ready while most Nodes are not reported");
    }
    if (sender.signals && sender.signals->nodes.known()) {
        for (const auto& node : sender.signals->nodes.value()) {
            const bool holds_pods = node.requested.pods > node.daemonset_requested.pods;
            if (node.instance_id != id || !holds_pods) continue;
            return breach("I8", id + " is terminated as not registered, but runs pods");
        }
    }
    if (clocks_wrong_by_ == 0ms && machine.observations == 0) {
        breach("I5", id + " is terminated as not registered by the first pass that has node data");
    }
}

/// A dead worker: no pass of the last ten minutes observed it Ready, its pods are being deleted,
/// and few other workers are not Ready.
void Checker::check_not_ready(const Sender& sender, const Machine& machine) {
    const auto& id = machine.instance.id;
    const auto patience = 10min - 2 * clocks_wrong_by_ - 1min;
    const auto& since = machine.not_ready_since;
    if (!since || ground_.timeline.now() - *since < patience) {
        breach("I8", id + " is removed as not ready, but was reported Ready recently");
    }
    for (const auto& pod : ground_.cluster.pods()) {
        const bool runs_there = !pod.daemon && pod.node == id && !pod.deleting;
        if (!runs_there || !machine.runs()) continue;
        if (ground_.timeline.now() - pod.bound_at < observed_before) continue;
        return breach("I8", id + " is removed as not ready, but " + pod.name + " runs on it");
    }
    if (!sender.signals || !sender.signals->nodes.known()) return;
    std::int64_t joined = 0;
    std::int64_t notready = 0;
    for (const auto& node : sender.signals->nodes.value()) {
        const auto* each = ground_.cloud.find(node.instance_id);
        if (each == nullptr || !each->is_worker() || node.name != node.instance_id) continue;
        ++joined;  // an upper bound: includes nodes that a pass may not know to be booting or
                   // terminating
        const bool may_leave = may_be_interrupted(*each) || has_forged_removal(node.instance_id);
        if (!node.ready && each->seen_registered_at && counts(*each) && !may_leave) ++notready;
    }
    if (notready == 0 || 3 * (notready + 1) <= joined) return;
    breach("I8", fmt::format("{} is removed as not ready while {} more of {} are not Ready", id,
                             notready, joined));
}

/// Measured by the clocks of the passes, which may be wrong.
void Checker::check_cooldown(const Sender& sender, const Operation& operation) {
    if (!last_removal_at_ || last_removal_write_ == std::pair{sender.epoch, sender.sent}) return;
    const auto since = sender.now - *last_removal_at_;
    if (since >= ground_.settings.policy.scale_down.cooldown) return;
    breach("I11", fmt::format("{} is removed {} s after the last removal, during the cooldown",
                              operation.instance_id, since / 1s));
}

void Checker::check_minimum(const Sender& sender, const Operation& operation) {
    const auto& machines = ground_.cloud.machines();
    const auto interruptions = state_from(ground_.table.state(), ground_.codec).interruptions;
    const auto left = std::count_if(machines.begin(), machines.end(), [&](const Machine& each) {
        const bool long_warned =
            each.warned_at && *each.warned_at + warning_travels < sender.asked_at;
        const bool known_interrupted = long_warned && interruptions.contains(each.instance.id);
        const bool stays = !each.being_removed || refused_terminations_.contains(each.instance.id);
        return registered_lately(each) && !known_interrupted && stays;
    });
    const int least = ground_.settings.policy.limits.min_nodes;
    if (left >= least) return;
    breach("I3", fmt::format("{} is removed ({}), leaving {} registered; the minimum is {}",
                             operation.instance_id, operation.reason, left, least));
}

/// Without draining, only nodes that were empty at the last scrape may be removed.
void Checker::check_emptiness(const Machine& machine) {
    const auto& settings = ground_.settings;
    if (settings.policy.scale_down.without_drain == WithoutDrain::any || !machine.runs()) return;
    for (const auto& pod : ground_.cluster.pods()) {
        const bool runs_there = !pod.daemon && pod.node == machine.instance.id;
        const auto since = ground_.timeline.now() - pod.bound_at;
        if (!runs_there || since < observed_before + settings.metrics.max_age) continue;
        return breach("I8", machine.instance.id + " is removed, but " + pod.name + " runs on it");
    }
}

void Checker::termination_refused(const std::string& id) {
    refused_terminations_[id] = ground_.table.epoch();
    const bool was_the_last = last_removed_.erase(id) > 0 && last_removed_.empty();
    if (was_the_last) last_removal_at_ = before_last_removal_;
}

}  // namespace nodenap::sim
