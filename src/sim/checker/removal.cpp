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

/// EventBridge brings a spot warning within ten seconds; its pass, if it lives, writes it down.
constexpr Milliseconds warning_travels = 15s;

/// CPU use once these are gone; 0 where none of them has a line of its own.
double percent_without(const Use& use, const std::set<std::string>& gone) {
    double busy = 0;
    double size = 0;
    bool is_told = false;
    for (const auto& host : use.hosts) {
        busy += host.busy;
        if (gone.contains(host.host)) {
            is_told = true;
        } else {
            size += host.size;
        }
    }
    return is_told && size > 0 ? 100 * busy / size : 0;
}

}  // namespace

void Checker::removal_announced(const Sender& sender, const Operation& operation) {
    const bool again = !to_remove_.insert(operation.instance_id).second;
    if (operation.reason != "not_joined" && was_blind(sender)) {
        breach("I5", fmt::format("{} is to go ({}), and not everything could be seen",
                                 operation.instance_id, operation.reason));
    }
    auto* machine = ground_.cloud.find(operation.instance_id);
    if (machine == nullptr) return;
    machine->asked_to_go = true;
    if (!machine->seen_registered_at) check_unmatched(sender, *machine);
    if (operation.reason == "not_joined") return check_registration_failed(sender, *machine);
    if (operation.reason != "above_maximum") check_cooldown(sender, operation);
    note_removed(sender, operation);
    if (again) return;
    if (operation.reason == "not_ready") return check_dead(sender, *machine);
    if (machine->runs()) removals_.push_back(ground_.timeline.now());
    check_emptiness(*machine);
    check_room(sender, operation);
    if (machine->seen_registered_at)
        check_minimum(sender, operation);  // what boots counts for none
}

/// What is announced by one write was decided at once.
void Checker::note_removed(const Sender& sender, const Operation& operation) {
    const std::pair write{sender.epoch, sender.sent};
    if (last_removal_write_ != write) {
        before_last_removal_ = std::exchange(last_removal_at_, sender.now);
        last_removal_write_ = write;
        last_removed_.clear();
        going_together_.clear();
    }
    last_removed_.insert(operation.instance_id);
    if (operation.reason != "not_ready") going_together_.insert(operation.instance_id);
}

/// Whether most of the Nodes that were Ready once are not told, by those that are ours and run.
bool Checker::most_are_hidden(const Sender& sender) const {
    if (!sender.told || !sender.told->nodes.known()) return true;
    std::set<std::string> told;
    for (const auto& node : sender.told->nodes.value()) told.insert(node.instance_id);
    int expected = 0;
    int missing = 0;
    for (const auto& machine : ground_.cloud.machines()) {
        if (!machine.is_worker() || !machine.runs()) continue;
        const bool is_told = told.contains(machine.instance.id);
        const bool is_missing = !is_told && machine.seen_registered_at && counts(machine);
        if (is_told || is_missing) ++expected;
        if (is_missing) ++missing;
    }
    return 2 * missing > expected;
}

/// Where a few Nodes are missing and all else is told, no pass can know.
bool Checker::was_blind(const Sender& sender) const {
    if (sender.saw_all) return false;
    const bool only_nodes = sender.told && sender.told->cpu.known() &&
                            sender.told->pending.known() && sender.told->nodes.known();
    return !only_nodes || most_are_hidden(sender);
}

/// The pods of those that go within what all other Ready Nodes have free, and the CPU
/// that is used within what would not ask for a node again. What has pods goes alone.
void Checker::check_room(const Sender& sender, const Operation& operation) {
    if (!sender.told || !sender.told->nodes.known()) return;
    Resources room;
    Resources asked;
    bool has_pods = false;
    for (const auto& node : sender.told->nodes.value()) {
        if (going_together_.contains(node.instance_id)) {
            has_pods = has_pods || !node.only_daemonset_pods;
            asked = asked + (node.requested - node.daemonset_requested);
        } else if (node.ready && fits_within(node.requested, node.allocatable)) {
            room = room + (node.allocatable - node.requested);
        }
    }
    const auto& id = operation.instance_id;
    if (has_pods && !fits_within(asked, room)) {
        breach("I8", id + " is to go, and its pods fit nowhere else");
    }
    const auto together = going_together_.size();
    const int most = ground_.settings.policy.scale_down.max_empty_removals_per_pass;
    if (together > 1 && (has_pods || together > static_cast<std::size_t>(most))) {
        breach("I8", fmt::format("{} nodes are to go at once{}", together,
                                 has_pods ? ", and one of them runs pods" : ""));
    }
    if (!sender.told->cpu.known()) return;
    const double line = ground_.settings.policy.scale_up.cpu_above_percent;
    const double percent = percent_without(sender.told->cpu.value(), going_together_);
    if (percent <= line + 1e-6) return;
    breach("L5", fmt::format("{} is to go, and CPU would be at {:.0f} %, above {:.0f} %", id,
                             percent, line));
}

/// A machine that joined under another name is not one that has no Node.
void Checker::check_unmatched(const Sender& sender, const Machine& machine) {
    if (!machine.joined || !sender.told || !sender.told->nodes.known()) return;
    for (const auto& node : sender.told->nodes.value()) {
        const bool was_ready = node.ready || machine.nodes_that_may_be.contains(node.name);
        const bool may_be_its = was_ready && !node.server && node.instance_id.empty() &&
                                node.created_at >= machine.instance.launched_at;
        if (!may_be_its) continue;
        breach("I5", machine.instance.id + " is to go, and " + node.name + " may be its Node");
        return;
    }
}

/// That nobody ever told of a Node cannot be told from an instance that never joined, unless most
/// Nodes are hidden.
void Checker::check_registration_failed(const Sender& sender, const Machine& machine) {
    const auto& id = machine.instance.id;
    if (machine.seen_registered_at) {
        return breach("I5", id + " is given up, and was seen Ready");
    }
    if (machine.joined && !sender.saw_nodes && most_are_hidden(sender)) {
        return breach("I5", id + " is given up, is Ready, and most Nodes are hidden");
    }
    if (sender.told && sender.told->nodes.known()) {
        for (const auto& node : sender.told->nodes.value()) {
            const bool holds_pods = node.requested.pods > node.daemonset_requested.pods;
            if (node.instance_id != id || !holds_pods) continue;
            return breach("I8", id + " is given up, and pods were given to it");
        }
    }
    if (clocks_wrong_by_ == 0ms && machine.observations == 0) {
        breach("I5", id + " is given up by the first pass that was told of Nodes");
    }
}

/// A dead worker: no pass of ten minutes was told that it is Ready, what runs on it is being
/// deleted, and it is one of few.
void Checker::check_dead(const Sender& sender, const Machine& machine) {
    const auto& id = machine.instance.id;
    const auto patience = 10min - 2 * clocks_wrong_by_ - 1min;
    const auto& since = machine.not_told_ready_since;
    if (!since || ground_.timeline.now() - *since < patience) {
        breach("I8", id + " is to go as dead, and was told Ready a moment ago");
    }
    for (const auto& pod : ground_.cluster.pods()) {
        const bool lives_there = !pod.daemon && pod.node == id && !pod.deleting;
        if (!lives_there || !machine.runs()) continue;
        if (ground_.timeline.now() - pod.bound_at < looked_before) continue;
        return breach("I8", id + " is to go as dead, and " + pod.name + " runs on it");
    }
    if (!sender.told || !sender.told->nodes.known()) return;
    std::int64_t joined = 0;
    std::int64_t notready = 0;
    for (const auto& node : sender.told->nodes.value()) {
        const auto* each = ground_.cloud.find(node.instance_id);
        if (each == nullptr || !each->is_worker() || node.name != node.instance_id) continue;
        ++joined;  // at most: what a pass may not know to leave, or to boot, is counted
        const bool may_leave = is_about_to_go(*each) || has_forged_removal(node.instance_id);
        if (!node.ready && each->seen_registered_at && counts(*each) && !may_leave) ++notready;
    }
    if (notready == 0 || 3 * (notready + 1) <= joined) return;
    breach("I8",
           fmt::format("{} is to go as dead, with {} more of {} not Ready", id, notready, joined));
}

/// By the clocks of the passes, which may be wrong.
void Checker::check_cooldown(const Sender& sender, const Operation& operation) {
    if (!last_removal_at_ || last_removal_write_ == std::pair{sender.epoch, sender.sent}) return;
    const auto since = sender.now - *last_removal_at_;
    if (since >= ground_.settings.policy.scale_down.cooldown) return;
    breach("I11", fmt::format("{} is to go {} s after the last removal, and the cooldown lasts",
                              operation.instance_id, since / 1s));
}

void Checker::check_minimum(const Sender& sender, const Operation& operation) {
    const auto& machines = ground_.cloud.machines();
    const auto interruptions = state_from(ground_.table.state(), ground_.codec).interruptions;
    const auto left = std::count_if(machines.begin(), machines.end(), [&](const Machine& each) {
        const bool long_warned =
            each.warned_at && *each.warned_at + warning_travels < sender.asked_at;
        const bool known_to_go = long_warned && interruptions.contains(each.instance.id);
        const bool stays = !each.asked_to_go || refused_to_go_.contains(each.instance.id);
        return registered_lately(each) && !known_to_go && stays;
    });
    const int least = ground_.settings.policy.limits.min_nodes;
    if (left >= least) return;
    breach("I3", fmt::format("{} is to go ({}), and leaves {} joined of at least {}",
                             operation.instance_id, operation.reason, left, least));
}

/// Without a drain only what was empty goes, as far as the last scrape could tell.
void Checker::check_emptiness(const Machine& machine) {
    const auto& settings = ground_.settings;
    if (settings.policy.scale_down.without_drain == WithoutDrain::any || !machine.runs()) return;
    for (const auto& pod : ground_.cluster.pods()) {
        const bool lives_there = !pod.daemon && pod.node == machine.instance.id;
        const auto since = ground_.timeline.now() - pod.bound_at;
        if (!lives_there || since < looked_before + settings.metrics.max_age) continue;
        return breach("I8", machine.instance.id + " is to go, and " + pod.name + " runs on it");
    }
}

void Checker::termination_refused(const std::string& id) {
    refused_to_go_[id] = ground_.table.epoch();
    const bool was_the_last = last_removed_.erase(id) > 0 && last_removed_.empty();
    if (was_the_last) last_removal_at_ = before_last_removal_;
}

}  // namespace nodenap::sim
