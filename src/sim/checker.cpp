#include "sim/checker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

/// What ended this recently may still be counted by a pass that looked before.
constexpr Milliseconds sight_may_be_old = 2min;

bool is_unfenced(const std::string& attribute) {
    return attribute == "notices" || attribute == "paused_until";
}

/// Whether the write changes only what anyone may change at any time.
bool is_outside_the_fence(const Change& change) {
    const auto is_free = [](const auto& set) { return is_unfenced(set.first.attribute); };
    const auto is_free_path = [](const Path& path) { return is_unfenced(path.attribute); };
    return change.add.empty() && change.set_if_absent.empty() &&
           std::all_of(change.set.begin(), change.set.end(), is_free) &&
           std::all_of(change.remove.begin(), change.remove.end(), is_free_path);
}

bool announces(const Change& change) {
    return std::any_of(change.set.begin(), change.set.end(), [](const auto& set) {
        return set.first.attribute == "open_intents" && !set.first.entry.empty();
    });
}

std::vector<std::string> launched_by(const Record& record) {
    std::vector<std::string> ids;
    for (const auto& effect : record.done) {
        if (effect.kind == "launch" && !effect.error) ids.push_back(effect.id);
    }
    return ids;
}

std::set<std::string> pods_named(const Plan& plan) {
    std::set<std::string> names;
    for (const auto& group : plan.launch) {
        for (const auto& pods : group.pods) names.insert(pods.begin(), pods.end());
    }
    return names;
}

bool says(const Plan& plan, ReasonCode code) {
    return std::any_of(plan.reasons.begin(), plan.reasons.end(),
                       [&](const Reason& reason) { return reason.code == code; });
}

/// Whether pods are known to wait because the policy or EC2 gives no more.
bool says_a_limit(const Plan& plan) {
    return says(plan, ReasonCode::at_maximum) || says(plan, ReasonCode::price_limit) ||
           says(plan, ReasonCode::launch_limit) || says(plan, ReasonCode::no_capacity);
}

}  // namespace

void Checker::breach(const char* promise, std::string text) {
    breaches_.push_back({promise, ground_.timeline.now(), std::move(text)});
}

void Checker::state_written(const Sender& sender, const Change& change) {
    const auto epoch = ground_.table.epoch();
    if (!sender.acquires && !is_outside_the_fence(change) && sender.epoch != epoch) {
        breach("I6",
               fmt::format("a pass of epoch {} wrote the state in epoch {}", sender.epoch, epoch));
    }
    if (!announces(change)) return;
    const auto state = state_from(ground_.table.state(), ground_.codec);
    for (const auto& intent : state.open_intents) {
        if (!announced_.contains(intent.id)) announced(sender, intent);
    }
}

void Checker::announced(const Sender& sender, const Intent& intent) {
    announced_.emplace(intent.id, intent);
    if (intent.kind == IntentKind::remove) removal_announced(sender, intent);
}

void Checker::memory_saved() {
    for (auto& machine : ground_.cloud.machines()) {
        if (machine.runs() && machine.joined) machine.seen_joined = true;
    }
}

/// That nobody ever told of a Node cannot be told from an instance that never joined.
bool Checker::was_blind(const Sender& sender, const Intent& intent) const {
    if (intent.reason != not_joined) return !sender.saw_all;
    const auto* machine = ground_.cloud.find(intent.instance_id);
    return !sender.saw_nodes && machine != nullptr && machine->seen_joined;
}

void Checker::removal_announced(const Sender& sender, const Intent& intent) {
    const bool again = !to_remove_.insert(intent.instance_id).second;
    if (was_blind(sender, intent)) {
        breach("I5", fmt::format("{} is to go ({}), and not everything could be seen",
                                 intent.instance_id, intent.reason));
    }
    auto* machine = ground_.cloud.find(intent.instance_id);
    if (machine == nullptr) return;
    machine->asked_to_go = true;
    if (intent.reason == not_joined || again) return;
    if (machine->runs()) removals_.push_back(ground_.timeline.now());
    check_emptiness(*machine);
    const auto& machines = ground_.cloud.machines();
    const auto left = std::count_if(machines.begin(), machines.end(), [&](const Machine& each) {
        return joined_lately(each) && !each.asked_to_go;
    });
    const int least = ground_.settings.policy.limits.min_nodes;
    if (left < least) {
        breach("I3", fmt::format("{} is to go ({}), and leaves {} joined of at least {}",
                                 intent.instance_id, intent.reason, left, least));
    }
}

/// Without a drain only what was empty goes, as far as the last scrape could tell.
void Checker::check_emptiness(const Machine& machine) {
    const auto& settings = ground_.settings;
    if (settings.policy.scale_down.without_drain == WithoutDrain::any || !machine.runs()) return;
    for (const auto& pod : ground_.cluster.pods()) {
        const bool lives_there = !pod.daemon && pod.node == machine.instance.id;
        const auto since = ground_.timeline.now() - pod.bound_at;
        if (!lives_there || since < sight_may_be_old + settings.metrics.max_age) continue;
        return breach("I8", machine.instance.id + " is to go, and " + pod.name + " runs on it");
    }
}

void Checker::passed(const Record& record) {
    check_hopeless(record);
    last_record_ = record;
}

/// Whether a node launched for a pod that fits nowhere has shown that it does not help: it is
/// there, and no other pod took it.
bool Checker::stands_unused(const std::string& id) const {
    const auto* machine = ground_.cloud.find(id);
    const auto& cluster = ground_.cluster;
    return machine != nullptr && counts(*machine) && !machine->never_joins &&
           cluster.requested_on(id, false) == cluster.requested_on(id, true);
}

/// What runs; marked by "?" where it never joins: it is given up sooner or later, and its place is
/// wanted again.
std::set<std::string> Checker::running() const {
    std::set<std::string> ids;
    for (const auto& machine : ground_.cloud.machines()) {
        if (!counts(machine)) continue;
        ids.insert(machine.never_joins ? machine.instance.id + "?" : machine.instance.id);
    }
    return ids;
}

void Checker::check_hopeless(const Record& record) {
    const auto launched = launched_by(record);
    if (launched.empty()) return;
    const auto named = pods_named(record.plan);
    const auto alive = running();
    for (const auto& pod : ground_.cluster.pods()) {
        const bool hopeless = !pod.daemon && ground_.cluster.deployment_of(pod).fits_nowhere;
        if (hopeless && named.contains(pod.name)) note_try(pod.name, {{}, launched, alive, false});
    }
}

/// A pod that never fits costs one launch in ten minutes, unless what was launched came to nothing
/// or was taken by other pods (then it has shown nothing), or some other node has gone since. One
/// more is forgiven: a group of pods may be packed another way when its first node is there.
void Checker::note_try(const std::string& pod, Try now) {
    now.at = ground_.timeline.now();
    auto& last = tries_[pod];
    const bool soon = now.at - last.at < 10min - 2 * clocks_wrong_by_;
    const bool nothing_went = std::all_of(
        last.alive.begin(), last.alive.end(),
        [&](const std::string& id) { return !id.ends_with('?') && now.alive.contains(id); });
    now.again = soon && nothing_went &&
                std::all_of(last.launched.begin(), last.launched.end(),
                            [this](const std::string& id) { return stands_unused(id); });
    if (now.again && last.again) {
        breach("I7", pod + " fits nowhere and costs a third launch in ten minutes");
    }
    last = std::move(now);
}

bool Checker::joined_lately(const Machine& machine) const {
    if (!machine.ours || machine.server || !machine.joined || machine.warned) return false;
    return !machine.ended_at || ground_.timeline.now() - *machine.ended_at < sight_may_be_old;
}

bool Checker::counts(const Machine& machine) const {
    return machine.ours && !machine.server && machine.runs() && !machine.warned &&
           !machine.asked_to_go;
}

void Checker::launching(const Intent& intent) {
    const auto known = announced_.find(intent.id);
    if (known == announced_.end()) return breach("I10", intent.id + " was never written down");
    if (!is_same_request(known->second, intent))
        breach("I4", intent.id + " is sent with other words");
}

void Checker::launched(const Sender& sender, Machine& machine) {
    const auto now = ground_.timeline.now();
    machine.landed_late = sender.epoch != ground_.table.epoch();
    const auto& machines = ground_.cloud.machines();
    const auto& limits = ground_.settings.policy.limits;
    int alive = 0;
    int late = 0;
    for (const auto& each : machines) {
        if (!counts(each)) continue;
        ++alive;
        if (each.landed_late) ++late;
    }
    if (alive > limits.max_nodes + late) {
        breach("I2", fmt::format("{} are alive, {} of them landed late, and max_nodes is {}", alive,
                                 late, limits.max_nodes));
    }
    if (machine.landed_late) return;
    launches_.push_back(now);
    const auto window = 1h - 2 * clocks_wrong_by_ - 1min;
    const auto lately = std::count_if(launches_.begin(), launches_.end(),
                                      [&](Time at) { return now - at < window; });
    if (lately > limits.max_launches_per_hour) {
        breach("I7", fmt::format("{} launches in an hour, and {} are allowed", lately,
                                 limits.max_launches_per_hour));
    }
}

void Checker::termination_refused(const std::string& id) {
    ground_.cloud.find(id)->asked_to_go = false;
}

void Checker::terminating(const std::string& id) {
    auto* machine = ground_.cloud.find(id);
    if (machine == nullptr) return breach("I1", id + " is to be terminated, and never was");
    if (!machine->ours) breach("I1", id + " is terminated, and is not ours");
    if (machine->server) breach("I1", id + " is terminated, and is a server");
    if (!to_remove_.contains(id)) breach("I10", "the end of " + id + " was never written down");
    machine->asked_to_go = true;
}

void Checker::at_rest(Time quiet_since) {
    check_pods_at_rest();
    check_surplus_at_rest();
    check_state_at_rest();
    check_instances_at_rest();
    check_calm(quiet_since);
}

bool Checker::may_wait(const Pod& pod) const {
    const auto& plan = last_record_.plan;
    const auto is_it = [&](const UnplaceablePod& each) { return each.pod == pod.name; };
    const auto is_placed = [&](const auto& node) {
        return std::find(node.second.begin(), node.second.end(), pod.name) != node.second.end();
    };
    return says_a_limit(plan) ||
           std::any_of(plan.unplaceable.begin(), plan.unplaceable.end(), is_it) ||
           std::any_of(plan.placed.begin(), plan.placed.end(), is_placed);
}

void Checker::check_pods_at_rest() {
    for (const auto& pod : ground_.cluster.pods()) {
        if (!pod.unschedulable_since || may_wait(pod)) continue;
        const auto waits = ground_.timeline.now() - *pod.unschedulable_since;
        if (waits < 15min) continue;
        return breach("L1", fmt::format("{} has waited for {} min, and nobody says why", pod.name,
                                        waits / 1min));
    }
}

/// Low load that lasts is what makes an empty node surplus; the cooldown is at most an hour.
bool Checker::surplus_may_wait() const {
    const auto& plan = last_record_.plan;
    const auto& down = ground_.settings.policy.scale_down;
    if (plan.signals.cpu_percent.value_or(100) >= down.cpu_below_percent) return true;
    if (says_a_limit(plan) || says(plan, ReasonCode::burst_baseline)) return true;
    const auto last = std::max(launches_.empty() ? Time{} : launches_.back(),
                               removals_.empty() ? Time{} : removals_.back());
    const bool soon = says(plan, ReasonCode::cooldown) || says(plan, ReasonCode::booting) ||
                      says(plan, ReasonCode::unneeded_too_short);
    return soon && ground_.timeline.now() - last < 1h + 15min;
}

bool Checker::is_kept_for_a_reason(const std::string& id) const {
    const auto& kept = last_record_.plan.kept;
    return std::any_of(kept.begin(), kept.end(), [&](const KeptNode& each) {
        return each.node == id && (each.reason.find("would") != std::string::npos ||
                                   each.reason.find("min_nodes") != std::string::npos);
    });
}

void Checker::check_surplus_at_rest() {
    const auto& machines = ground_.cloud.machines();
    const auto alive = std::count_if(machines.begin(), machines.end(),
                                     [&](const Machine& each) { return counts(each); });
    if (surplus_may_wait() || alive <= ground_.settings.policy.limits.min_nodes) return;
    for (const auto& each : machines) {
        if (!counts(each) || !each.joined || each.terminate_refused) continue;
        const auto& id = each.instance.id;
        const auto pods = ground_.cluster.requested_on(id, false);
        const bool is_empty = pods.pods > 0 && pods == ground_.cluster.requested_on(id, true);
        if (!is_empty || is_kept_for_a_reason(id)) continue;
        const auto& reasons = last_record_.plan.reasons;
        return breach("L2", fmt::format("{} is empty and stays: {}", id,
                                        reasons.empty() ? "nothing" : reasons.back().text));
    }
}

void Checker::check_state_at_rest() {
    const auto state = state_from(ground_.table.state(), ground_.codec);
    if (!state.lease_owner.empty()) breach("L3", "the lease is held, and nobody is at work");
    for (const auto& intent : state.open_intents) breach("L4", intent.id + " is still open");
    for (const auto& intent : state.launched) breach("L4", intent.id + " is still awaited");
    for (const auto& [id, notice] : state.notices) breach("L6", "a notice of " + id + " is kept");
}

void Checker::check_instances_at_rest() {
    const auto patience = ground_.settings.policy.scale_up.join_timeout + 10min;
    for (const auto& machine : ground_.cloud.machines()) {
        if (!counts(machine) || machine.joined || machine.terminate_refused) continue;
        if (ground_.timeline.now() - machine.instance.launched_at < patience) continue;
        breach("L4", machine.instance.id + " never joined and still runs");
    }
}

/// The load has not changed for long: whoever still adds and removes goes round in circles.
void Checker::check_calm(Time quiet_since) {
    const bool hopeless = std::any_of(
        ground_.cluster.deployments().begin(), ground_.cluster.deployments().end(),
        [](const auto& entry) { return entry.second.fits_nowhere && entry.second.replicas > 0; });
    if (hopeless) return;  // one node is tried for it now and then
    const auto settled = quiet_since + 3h;
    const auto is_late = [&](Time at) { return at > settled; };
    const auto added = std::count_if(launches_.begin(), launches_.end(), is_late);
    const auto removed = std::count_if(removals_.begin(), removals_.end(), is_late);
    if (added > 0 && removed > 0) {
        breach("L5",
               fmt::format("{} added and {} removed long after the last change", added, removed));
    }
}

}  // namespace nodenap::sim
