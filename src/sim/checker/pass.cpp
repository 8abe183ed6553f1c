#include "sim/checker/checker.hpp"
#include "sim/checker/reasons.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

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

std::set<std::string> pods_placed(const Plan& plan) {
    std::set<std::string> names;
    for (const auto& [node, pods] : plan.placed) names.insert(pods.begin(), pods.end());
    return names;
}

std::set<std::string> pods_set_aside(const Plan& plan) {
    std::set<std::string> names;
    for (const auto& each : plan.unplaceable) names.insert(each.pod);
    return names;
}

bool fits_some_type(const PendingPod& pod, const Policy& policy) {
    return std::any_of(policy.pools.begin(), policy.pools.end(), [&](const Pool& pool) {
        return std::any_of(
            pool.instance_types.begin(), pool.instance_types.end(), [&](const std::string& name) {
                const auto* type = find_type(policy, name);
                return type != nullptr &&
                       fits_within(pod.requests, template_allocatable(policy, pool, *type));
            });
    });
}

/// New requests mean a new pod template, which may fit.
std::string owner_and_size(const Deployment& deployment) {
    return fmt::format("{} of {}m and {} MiB", deployment.owner(), deployment.requests.cpu.value,
                       deployment.requests.memory.value);
}

}  // namespace

void Checker::passed(const Sender& sender, const Record& record) {
    check_account(sender, record.plan);
    check_booting(sender, record.plan);
    // A process that lost the lease may report operations that another one carried out.
    if (sender.epoch == ground_.table.epoch()) check_unschedulable(record);
    const bool gave_up = has_reason(last_record_.plan, ReasonCode::not_joined);
    if (!gave_up && has_reason(record.plan, ReasonCode::not_joined)) {
        plan_before_terminations_ = std::move(last_record_.plan);
    }
    last_record_ = record;
}

/// Each pod that was reported to a pass gets a place or a correct reason.
void Checker::check_account(const Sender& sender, const Plan& plan) {
    const auto& policy = ground_.settings.policy;
    int launches = 0;
    for (const auto& group : plan.launch) launches += group.count;
    if (launches > policy.limits.max_launches_per_pass) {
        breach("I7", fmt::format("{} launches in a pass; the limit is {}", launches,
                                 policy.limits.max_launches_per_pass));
    }
    const bool judges = sender.signals && sender.signals->pending.known() &&
                        !has_reason(plan, ReasonCode::fleet_unknown) &&
                        !has_reason(plan, ReasonCode::above_maximum);
    if (!judges) return;
    auto placed = pods_named(plan);
    placed.merge(pods_placed(plan));
    const auto aside = pods_set_aside(plan);
    for (const auto& pod : sender.signals->pending.value().pods) {
        const auto waited = plan.now - pod.unschedulable_since.value_or(Time{});
        const bool is_young = waited < std::max(policy.scale_up.pending_for, 1ms);
        if (is_young || placed.contains(pod.name) || aside.contains(pod.name)) continue;
        if (reports_limit(plan) && fits_some_type(pod, policy)) continue;
        return breach("L1", pod.name + " gets neither a place nor a correct reason in this pass");
    }
}

/// The free resources of booting nodes that every pass must know of.
std::vector<Bin> Checker::booting_bins(const Sender& sender) const {
    const auto& policy = ground_.settings.policy;
    const auto patience = policy.scale_up.join_timeout - 2 * clocks_wrong_by_ - 1min;
    std::vector<Bin> bins;
    for (const auto& machine : ground_.cloud.machines()) {
        const auto& instance = machine.instance;
        const bool boots = counts(machine) && !machine.joined &&
                           machine.listed_from < sender.asked_at &&
                           ground_.timeline.now() - instance.launched_at < patience;
        if (!boots) continue;
        const auto* pool = find_pool(policy, instance.offering.pool);
        const auto* type = find_type(policy, instance.offering.instance_type);
        const auto room = template_allocatable(policy, *pool, *type) - daemon_requests;
        bins.push_back({instance.id, pool->name, type->name, room, {}, 0});
    }
    return bins;
}

/// Whether some are pods of a node being interrupted, and none is a pending pod.
bool Checker::has_interrupted(const std::set<std::string>& names) {
    const auto found = std::find_if(names.begin(), names.end(),
                                    [](const std::string& name) { return name.starts_with("i-"); });
    if (found == names.end()) return false;
    const auto id = found->substr(0, found->find('/'));
    const auto* machine = ground_.cloud.find(id);
    if (machine == nullptr || !may_be_interrupted(*machine)) {
        breach("I7", "nodes are planned for pods of " + id + ", which is not being interrupted");
    }
    return true;
}

/// No node is launched for pods that fit on booting nodes.
void Checker::check_booting(const Sender& sender, const Plan& plan) {
    auto names = pods_named(plan);
    if (names.empty() || !sender.signals) return;
    names.merge(pods_placed(plan));
    if (has_interrupted(names)) return;  // their requests are not reported
    std::vector<PendingPod> pods;
    for (const auto& pod : sender.signals->pending.value().pods) {
        if (names.contains(pod.name)) pods.push_back(pod);
    }
    auto bins = booting_bins(sender);
    if (bins.empty() || !place(pods, bins).empty()) return;
    breach("I7", fmt::format("a node is launched for {} pods that fit on the {} booting nodes",
                             pods.size(), bins.size()));
}

/// Whether a node launched for a pod that fits nowhere has proved not to help: it has been Ready
/// long enough for the scheduler, and no other pod uses it.
bool Checker::is_unused(const std::string& id) const {
    const auto* machine = ground_.cloud.find(id);
    const auto& cluster = ground_.cluster;
    const bool known = machine != nullptr && machine->seen_registered_at &&
                       ground_.timeline.now() - *machine->seen_registered_at >= 1min;
    return known && counts(*machine) && !machine->never_joins &&
           cluster.requested_on(id, false) == cluster.requested_on(id, true);
}

/// Running instances; those that never register are marked by "?", since they will be terminated
/// and replaced.
std::set<std::string> Checker::running() const {
    std::set<std::string> ids;
    for (const auto& machine : ground_.cloud.machines()) {
        if (!counts(machine)) continue;
        ids.insert(machine.never_joins ? machine.instance.id + "?" : machine.instance.id);
    }
    return ids;
}

void Checker::check_unschedulable(const Record& record) {
    const auto launched = launched_by(record);
    if (launched.empty()) return;
    const auto named = pods_named(record.plan);
    const auto alive = running();
    const bool complete =
        std::none_of(record.done.begin(), record.done.end(),
                     [](const Effect& effect) { return effect.kind == "launch" && effect.error; });
    Attempt attempt{ground_.timeline.now(), {}, launched, std::nullopt};
    for (const auto& pod : ground_.cluster.pods()) {
        const bool unschedulable = !pod.daemon && ground_.cluster.deployment_of(pod).fits_nowhere;
        if (!unschedulable || !named.contains(pod.name)) continue;
        note_try(pod.name, {{}, launched, alive, complete, false});
        attempt.owner_of[pod.name] = owner_and_size(ground_.cluster.deployment_of(pod));
    }
    const bool only_unschedulable = attempt.owner_of.size() == named.size();
    if (!named.empty() && only_unschedulable) note_attempt(std::move(attempt));
}

/// Whether the process's signals show pods on this instance's Node, other than DaemonSet pods.
/// Nothing if they show no such Ready Node, or its pods could not be counted.
std::optional<bool> Checker::is_used(const Sender& sender, const std::string& id) const {
    const auto* machine = ground_.cloud.find(id);
    const bool terminates_now =
        sender.epoch == last_removal_write_.first && last_removed_.contains(id);
    if (machine == nullptr || machine->warned_at || (!counts(*machine) && !terminates_now))
        return {};
    for (const auto& node : sender.signals->nodes.value()) {
        if (!node.ready || node.instance_id != id) continue;
        const bool has_pods = node.requested.pods > node.daemonset_requested.pods;
        if (has_pods || node.unlisted_pods > 0) return true;
        if (node.only_daemonset_pods) return false;
    }
    return {};
}

/// Whether a node of this launch was never observed registered: its pods were not tried, and only
/// the pass knows which of the launch's pods these are.
bool Checker::has_unseen_node(const Attempt& attempt) const {
    return std::ranges::any_of(attempt.launched, [&](const std::string& id) {
        const auto* machine = ground_.cloud.find(id);
        return machine != nullptr && !machine->seen_registered_at;
    });
}

/// When a pass that has the pods in its signals and saves its memory can know that a node launched
/// for them helps none of them: while pods of their owner are pending, once it may have observed
/// the node Ready for a minute; if the pods were deleted, as soon as the node is reported Ready and
/// empty and no node of theirs was ever used.
void Checker::refute(Attempt& attempt, const Sender& sender) {
    if (has_unseen_node(attempt)) return;
    std::set<std::string> waiting;
    for (const auto& pod : sender.signals->pending.value().pods) waiting.insert(pod.name);
    std::set<std::string> owners;
    for (const auto& pod : ground_.cluster.pods()) {
        if (!waiting.contains(pod.name)) continue;
        owners.insert(owner_and_size(ground_.cluster.deployment_of(pod)));
    }
    const bool wait = std::ranges::any_of(
        attempt.owner_of, [&](const auto& pod) { return owners.contains(pod.second); });
    bool is_empty = false;
    bool any_unused = false;
    for (const auto& id : attempt.launched) {
        const auto reported_used = is_used(sender, id);
        attempt.used = attempt.used || reported_used.value_or(false);
        is_empty = is_empty || !reported_used.value_or(true);
        any_unused = any_unused || is_unused(id);
    }
    if (!(wait ? any_unused : is_empty && !attempt.used)) return;
    attempt.refuted_at = ground_.timeline.now();
    attempt.waited = wait;
    // If other pods use one of the nodes, nothing was proved about the deleted pods.
    if (!attempt.used) return;
    std::erase_if(attempt.owner_of, [&](const auto& pod) { return !waiting.contains(pod.first); });
}

/// If the pods were deleted and others use a node later, it may have helped them after all.
void Checker::withdraw(Attempt& attempt, const Sender& sender) const {
    if (attempt.waited) return;
    const bool any_used = std::ranges::any_of(attempt.launched, [&](const std::string& id) {
        return is_used(sender, id).value_or(false);
    });
    if (any_used) attempt.owner_of.clear();
}

/// One node that helps none of an owner's pods refutes all attempts for that owner.
void Checker::refute_attempts(const Sender& sender) {
    if (!sender.signals->pending.known()) return;
    std::set<std::string> refuted;
    for (auto& attempt : attempts_) {
        if (attempt.refuted_at) {
            withdraw(attempt, sender);
            continue;
        }
        refute(attempt, sender);
        if (!attempt.refuted_at) continue;
        for (const auto& [pod, owner] : attempt.owner_of) refuted.insert(owner);
    }
    const auto is_refuted = [&](const auto& pod) { return refuted.contains(pod.second); };
    for (auto& attempt : attempts_) {
        if (attempt.refuted_at || has_unseen_node(attempt)) continue;
        if (!std::ranges::any_of(attempt.owner_of, is_refuted)) continue;
        attempt.refuted_at = ground_.timeline.now();
        attempt.waited = true;
    }
}

/// An owner's pods, pending or deleted, get the next node ten minutes after the last attempt
/// failed, and later each time: eight attempts in three hours are too many. Launches split over
/// several passes by a limit are one attempt. One attempt in a row may come earlier, because a pass
/// may lack data that the checker has; or ten minutes after the last launch, because a pass may
/// have noticed the failure earlier.
void Checker::check_owners(Attempt& now) {
    std::set<std::string> owners;
    for (const auto& [pod, owner] : now.owner_of) owners.insert(owner);
    for (const auto& owner : owners) check_owner(now, owner);
}

void Checker::check_owner(Attempt& now, const std::string& owner) {
    constexpr int too_many = 8;
    constexpr Milliseconds one_try = 5min;
    int tries = 0;
    Time last{};
    const Attempt* before = nullptr;
    for (const auto& each : attempts_) {
        const bool is_of_it = std::ranges::any_of(
            each.owner_of, [&](const auto& pod) { return pod.second == owner; });
        if (!each.refuted_at || !is_of_it || now.at - *each.refuted_at > 3h) continue;
        if (before == nullptr || each.at - before->at > one_try) ++tries;
        last = std::max(last, *each.refuted_at);
        before = &each;
    }
    if (before == nullptr) return;
    const auto ten_minutes = 10min - 2 * clocks_wrong_by_;
    const bool soon = now.at - last < ten_minutes - 1min && now.at - before->at < ten_minutes;
    now.again = now.again || soon;
    if (tries < too_many && !(soon && before->again)) return;
    breach("I7", fmt::format("a node is launched for {} after {} failed attempts in three "
                             "hours, the last {} min before",
                             owner, tries, (now.at - last) / 1min));
}

/// For all owners: when the attempts for five owners have failed within an hour, the next comes ten
/// minutes after the last of them. One attempt in a row may come earlier, because a pass may lack
/// data that the checker has.
void Checker::note_attempt(Attempt now) {
    constexpr std::size_t many = 5;
    std::set<std::string> owners;
    Time last{};
    for (const auto& each : attempts_) {
        if (!each.refuted_at || now.at - *each.refuted_at > 50min) continue;
        for (const auto& [pod, owner] : each.owner_of) owners.insert(owner);
        last = std::max(last, *each.refuted_at);
    }
    const auto ten_minutes = 10min - 2 * clocks_wrong_by_;
    now.soon = owners.size() >= many && now.at - last < ten_minutes - 1min &&
               now.at - attempts_.back().at < ten_minutes;
    if (now.soon && attempts_.back().soon) {
        breach("I7",
               fmt::format("a node is launched for {} {} min after the attempts for {} owners "
                           "failed",
                           now.owner_of.begin()->first, (now.at - last) / 1min, owners.size()));
    }
    check_owners(now);
    attempts_.push_back(std::move(now));
}

/// A pod that never fits may cause one launch in ten minutes, unless the launched node failed or is
/// used by other pods (which proves nothing), or another node was removed since. One more is
/// allowed: a group of pods may be packed differently once its first node is Ready, and launches
/// that EC2 refused are repeated.
void Checker::note_try(const std::string& pod, Try now) {
    now.at = ground_.timeline.now();
    auto& last = tries_[pod];
    const bool soon = now.at - last.at < 10min - 2 * clocks_wrong_by_;
    const bool nothing_went = std::all_of(
        last.alive.begin(), last.alive.end(),
        [&](const std::string& id) { return !id.ends_with('?') && now.alive.contains(id); });
    now.again = soon && nothing_went && last.complete &&
                std::all_of(last.launched.begin(), last.launched.end(),
                            [this](const std::string& id) { return is_unused(id); });
    if (now.again && last.again) {
        breach("I7", pod + " fits nowhere and causes a third launch within ten minutes");
    }
    last = std::move(now);
}

}  // namespace nodenap::sim
