#include "decide/plan.hpp"

#include "decide/cooldown.hpp"
#include "decide/explain.hpp"
#include "decide/fit.hpp"
#include "decide/groups.hpp"
#include "decide/interrupted.hpp"
#include "decide/planner.hpp"
#include "decide/removal.hpp"
#include "decide/trust.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace nodenap {
namespace {

bool has_reason(const Plan& plan, ReasonCode code) {
    return std::any_of(plan.reasons.begin(), plan.reasons.end(),
                       [&](const Reason& reason) { return reason.code == code; });
}

template <class T>
void note_unknown(SignalSummary& summary, const char* name, const Reading<T>& reading) {
    if (!reading.known()) summary.unknown.push_back({name, reading.cause()});
}

double cores_seen(const Use& use) {
    double cores = 0;
    for (const auto& host : use.hosts) cores += host.size;
    return cores;
}

SignalSummary summarize(const Snapshot& snapshot, const NodeCounts& nodes) {
    SignalSummary summary;
    const auto& signals = snapshot.signals;
    if (signals.cpu.known()) {
        summary.cpu_percent = signals.cpu.value().percent;
        if (!signals.cpu.value().hosts.empty()) summary.cores = cores_seen(signals.cpu.value());
    }
    if (signals.memory.known()) summary.memory_percent = signals.memory.value().percent;
    if (signals.pending.known()) summary.pending_pods = signals.pending.value().count;
    note_unknown(summary, "fleet", snapshot.fleet);
    note_unknown(summary, "nodes", signals.nodes);
    if (const auto cause = hidden_pods(snapshot)) summary.unknown.push_back({"nodes", *cause});
    note_unknown(summary, "pending", signals.pending);
    note_unknown(summary, "cpu", signals.cpu);
    note_unknown(summary, "memory", signals.memory);
    summary.nodes_ready = nodes.ready;
    summary.nodes_booting = nodes.booting;
    summary.nodes_notready = nodes.notready;
    summary.nodes_other = nodes.other;
    return summary;
}

void sum_up(Plan& plan) {
    for (const auto& group : plan.launch) {
        plan.totals.new_nodes += group.count;
        plan.totals.price_per_hour_usd += group.count * group.price_per_hour_usd;
        for (const auto& pods : group.pods) {
            plan.totals.pods_placed += static_cast<std::int64_t>(pods.size());
        }
    }
    for (const auto& [node, pods] : plan.placed) {
        plan.totals.pods_placed += static_cast<std::int64_t>(pods.size());
    }
}

/// The plan is still reported, but none of it is carried out.
void withhold(Plan& plan, ReasonCode code, const std::string& why) {
    const bool would_act = !plan.launch.empty() || !plan.remove.empty();
    plan.reasons.insert(plan.reasons.begin(),
                        {code, would_act ? why + "; would " + headline(plan) : why});
    plan.decision = DecisionKind::hold;
}

/// Whether it is the reason of a removal that is made regardless of the other rules.
bool is_of_a_removal(const Reason& reason) {
    return reason.code == ReasonCode::not_joined || reason.code == ReasonCode::not_ready;
}

/// No node can be launched: only unregistered instances, if any, are terminated.
void keep_only_removals(Plan& plan, const std::vector<Reason>& limits) {
    plan.decision = plan.remove.empty() ? DecisionKind::hold : DecisionKind::scale_down;
    auto& reasons = plan.reasons;
    reasons.insert(reasons.begin(), limits.begin(), limits.end());
    std::stable_partition(reasons.begin(), reasons.end(), is_of_a_removal);
}

/// A shortage for which no node can be launched does not keep unused nodes: rule 4 is applied as if
/// it did not exist.
void ask_for_removal(Plan& plan, RemovalAnswer answer) {
    plan.kept = std::move(answer.kept);
    if (answer.remove.empty()) return;
    plan.decision = DecisionKind::scale_down;
    plan.remove = std::move(answer.remove);
    plan.reasons.insert(plan.reasons.begin(), answer.reasons.begin(), answer.reasons.end());
}

void keep_removals(Plan& plan) {
    std::erase_if(plan.reasons, is_of_a_removal);
    for (const auto& removal : plan.remove) {
        plan.kept.push_back(
            {removal.node.empty() ? removal.instance_id : removal.node,
             "not removed (mode is add_only); otherwise: " + std::string(word(removal.cause))});
    }
    plan.remove.clear();
}

void respect_mode(Plan& plan, const Snapshot& snapshot, Mode mode) {
    const bool acts = !plan.launch.empty() || !plan.remove.empty();
    if (snapshot.paused_until && *snapshot.paused_until > snapshot.now) {
        const auto left = *snapshot.paused_until - snapshot.now;
        const bool is_limited = left <= std::chrono::hours(24 * 366);
        const auto& why = snapshot.pause_reason;
        const std::string text =
            is_limited ? "paused for " + duration_text(left) + " more" : "paused until resumed";
        withhold(plan, ReasonCode::paused, why.empty() ? text : text + ": " + why);
    } else if (mode == Mode::observe && acts) {
        withhold(plan, ReasonCode::observing, "mode is observe");
    } else if (mode == Mode::add_only && !plan.remove.empty()) {
        if (plan.launch.empty()) return withhold(plan, ReasonCode::observing, "mode is add_only");
        keep_removals(plan);
    }
}

/// Why on-demand nodes are launched in a pool that prefers spot.
void explain_on_demand(Plan& plan, const Snapshot& snapshot) {
    for (const auto& unavailable : snapshot.memory.unavailable_offerings) {
        const auto& offering = unavailable.offering;
        const bool is_instead =
            std::any_of(plan.launch.begin(), plan.launch.end(), [&](const LaunchGroup& group) {
                return group.offering.capacity == Capacity::on_demand &&
                       group.offering.pool == offering.pool &&
                       group.offering.instance_type == offering.instance_type;
            });
        if (offering.capacity != Capacity::spot || unavailable.until <= snapshot.now ||
            !is_instead) {
            continue;
        }
        plan.reasons.push_back({ReasonCode::spot_unavailable,
                                "bought on demand: spot " + offering.instance_type + " in " +
                                    offering.zone + " is unavailable: " + unavailable.cause +
                                    "; retry in " +
                                    duration_text(unavailable.until - snapshot.now)});
        return;  // one is enough; `status` lists all
    }
}

/// Instances with the cluster's tags that are no workers are reported to the user, because they
/// count.
void name_those_never_touched(Plan& plan, const Membership& members, const Policy& policy) {
    const auto name = [&](const Instance& instance, const std::string& what) {
        if (!runs(instance)) return;
        const bool has_price = find_type(policy, instance.offering.instance_type) != nullptr;
        plan.kept.push_back(
            {instance.id, what + ": counts towards max_nodes and is never terminated" +
                              (has_price ? "" : "; its price is unknown and not counted")});
    };
    for (const auto& server : members.servers) name(*server.instance, "is a server");
    for (const auto* instance : members.foreign) {
        name(*instance,
             "bears this cluster's tags, but no launch template of this cluster launched it");
    }
}

/// The groups of pods for which this plan launches nodes.
std::set<std::string> launched_groups(const Plan& plan, const Pending& pending) {
    std::set<std::string> names;
    for (const auto& launch : plan.launch) {
        for (const auto& pods : launch.pods) names.insert(pods.begin(), pods.end());
    }
    std::set<std::string> groups;
    for (const auto& pod : pending.pods) {
        if (names.contains(pod.name)) groups.insert(group_of(pod));
    }
    const bool for_unnamed = pending.unnamed() > 0 && !plan.launch.empty();
    if (for_unnamed && has_reason(plan, ReasonCode::pending_pods)) groups.insert(unnamed_group);
    return groups;
}

/// Whether the last removal may have caused this shortage. It did not if the pods were pending
/// before, or if a node launched earlier for their group did not help.
bool follows_a_removal(const Plan& plan, const Demand& demand, const Groups& groups,
                       const Memory& memory) {
    if (!memory.last_removal_at) return false;
    const bool brakes = brake_of(groups, plan.now).is_on();
    const auto is_another_try = [&](const std::string& group) {
        const auto* known = groups.find(group);
        return (known != nullptr && known->failures > 0) || (brakes && !groups.served(group));
    };
    const auto waits_since_then = [&](const PendingPod& pod) {
        const bool since =
            !pod.unschedulable_since || *pod.unschedulable_since >= *memory.last_removal_at;
        return since && (pod.owner == interrupted_owner || !is_another_try(group_of(pod)));
    };
    return has_reason(plan, ReasonCode::high_cpu) || has_reason(plan, ReasonCode::high_memory) ||
           (demand.unnamed_pods > 0 && !is_another_try(unnamed_group)) ||
           std::any_of(demand.pods.begin(), demand.pods.end(), waits_since_then);
}

}  // namespace

Planned plan_pass(const Snapshot& snapshot, const Policy& policy) {
    Planned planned;
    planned.decision = decide(snapshot, policy);
    planned.plan = make_plan(planned.decision, snapshot, policy);
    return planned;
}

Plan make_plan(const Decision& decision, const Snapshot& snapshot, const Policy& policy) {
    Plan plan;
    plan.now = snapshot.now;
    plan.cluster = snapshot.cluster;
    plan.decision = decision.kind;
    plan.reasons = decision.reasons;
    plan.signals = summarize(snapshot, decision.nodes);
    plan.placed = decision.placed;
    plan.remove = decision.remove;
    plan.unplaceable = decision.unplaceable;
    plan.kept = decision.kept;
    if (decision.kind == DecisionKind::scale_up) {
        auto launches = plan_launches(decision, snapshot, policy);
        plan.launch = std::move(launches.groups);
        auto& reasons = plan.reasons;
        if (plan.launch.empty()) {
            keep_only_removals(plan, launches.limits);
            if (plan.remove.empty())
                ask_for_removal(plan, judge_removal(decision.members, snapshot, policy));
        } else {
            reasons.insert(reasons.end(), launches.limits.begin(), launches.limits.end());
            explain_on_demand(plan, snapshot);
        }
    }
    name_those_never_touched(plan, decision.members, policy);
    sum_up(plan);
    respect_mode(plan, snapshot, policy.mode);
    return plan;
}

bool is_to_be_applied(const Plan& plan) {
    if (plan.reasons.empty()) return true;
    const auto code = plan.reasons.front().code;
    return code != ReasonCode::paused && code != ReasonCode::observing;
}

Memory remember(const Snapshot& snapshot, Decision decision, const Plan& plan, std::int64_t epoch) {
    Memory memory = std::move(decision.memory);
    if (!snapshot.fleet.known()) return memory;
    note_allocatable(memory, snapshot);
    const auto groups = groups_of(decision.members, snapshot);
    note_judged_groups(memory, groups, snapshot.now);
    if (follows_a_removal(plan, decision.demand, groups, memory))
        note_shortage(memory, snapshot.now);
    const auto& pending = snapshot.signals.pending;
    if (is_to_be_applied(plan) && pending.known()) {
        note_launched_groups(memory, launched_groups(plan, pending.value()), epoch);
    }
    forget_groups(memory, decision.members, snapshot.now, epoch);
    return memory;
}

}  // namespace nodenap
