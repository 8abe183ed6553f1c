#include "decide/scaler.hpp"

#include "decide/backoff.hpp"
#include "decide/dead.hpp"
#include "decide/explain.hpp"
#include "decide/interrupted.hpp"
#include "decide/load.hpp"
#include "decide/observe.hpp"
#include "decide/removal.hpp"
#include "decide/shortage.hpp"
#include "decide/trust.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace nodenap {
namespace {

/// Rule 1: the minimum of each pool first, then the rest of the cluster's. Dead workers are
/// replaced.
void ask_for_minimum(Decision& decision, const Snapshot& snapshot, const Policy& policy) {
    const auto& members = decision.members;
    const auto dead = dead_workers(members, snapshot);
    const int alive = members.alive() - static_cast<int>(dead.size());
    const int missing = policy.limits.min_nodes - alive;
    int nodes = 0;
    std::string pools;
    for (const auto& pool : policy.pools) {
        const auto lost = std::count_if(
            dead.begin(), dead.end(), [&](const Member* member) { return member->pool == &pool; });
        const int need = pool.min_nodes - members.alive_in_pool(pool.name) + static_cast<int>(lost);
        if (need <= 0) continue;
        decision.demand.minimum.push_back({pool.name, need});
        pools += (pools.empty() ? "" : ", ") + pool.name + " (by " + std::to_string(need) + ")";
        nodes += need;
    }
    if (missing > nodes) {
        decision.demand.minimum.push_back({{}, missing - nodes});
        nodes = missing;
    }
    if (nodes == 0) return;
    const auto text = missing > 0 ? counted(alive, "worker") + ", below min_nodes (" +
                                        std::to_string(policy.limits.min_nodes) + ")"
                                  : "below the min_nodes of pool " + pools;
    decision.reasons.push_back({ReasonCode::below_minimum, text});
}

/// Rule 2: pods that neither ready nor booting nodes can hold.
void ask_for_pods(Decision& decision, const Membership& members, const Snapshot& snapshot,
                  const Policy& policy) {
    auto shortage = pod_shortage(members, snapshot, policy);
    decision.placed = std::move(shortage.placed);
    decision.unplaceable = std::move(shortage.unplaceable);
    const auto count = static_cast<std::int64_t>(shortage.pods.size()) + shortage.unnamed;
    if (count == 0) return;
    decision.demand.unnamed_pods = shortage.unnamed;
    const auto interrupted =
        std::ranges::count(shortage.pods, interrupted_owner, &PendingPod::owner);
    const auto of_them = interrupted == 0 ? std::string{}
                                          : " (" + std::to_string(interrupted) +
                                                " of them on nodes that EC2 will interrupt)";
    decision.reasons.push_back(
        {ReasonCode::pending_pods,
         counted(count, "unschedulable pod") + of_them + ": " + shortage_text(shortage.pods)});
    decision.demand.pods = std::move(shortage.pods);
}

std::string busy_text(const char* what, const Use& use, double line) {
    return std::string(what) + " is at " + number_text(use.percent) + "%, above " +
           number_text(line) + "%";
}

/// Rule 3. Booting nodes count; if they suffice, rule 4 reports that nodes are booting.
void ask_for_cores(Decision& decision, const Membership& members, const Snapshot& snapshot,
                   double line) {
    const auto& cpu = snapshot.signals.cpu;
    if (!cpu.known() || cpu.value().percent <= line) return;
    const auto load = Loads::of_cpu(members, cpu.value()).all();
    const double missing = missing_at(load, line);
    if (missing <= 0) return;
    decision.demand.cores = missing;
    decision.demand.seen_cores = load.seen;
    decision.reasons.push_back({ReasonCode::high_cpu, busy_text("CPU", cpu.value(), line)});
}

void ask_for_memory(Decision& decision, const Membership& members, const Snapshot& snapshot,
                    double line) {
    const auto& memory = snapshot.signals.memory;
    if (line <= 0 || !memory.known() || memory.value().percent <= line) return;
    const auto load = Loads::of_memory(members, memory.value()).all();
    const double missing = missing_at(load, line);
    if (missing <= 0) return;
    constexpr double most = 1e15;  // more is a reporting error, and not exact as an integer
    decision.demand.memory =
        Mebibytes{static_cast<std::int64_t>(std::ceil(std::min(missing, most)))};
    decision.demand.seen_memory = Mebibytes{static_cast<std::int64_t>(std::min(load.seen, most))};
    decision.reasons.push_back(
        {ReasonCode::high_memory, busy_text("memory", memory.value(), line)});
}

/// A limit, so that a user can notice a mistake; the next pass continues.
constexpr std::size_t most_unregistered_per_pass = 3;

/// Instances that never registered are terminated, regardless of the other rules, oldest first.
void terminate_unregistered(Decision& decision, const Membership& members,
                            const Snapshot& snapshot) {
    if (members.nodes_are_partial()) return;
    if (hidden_pods(snapshot) || unmatched_node(members, snapshot)) return;
    for (const auto& member : members.members) {
        if (member.stage != Stage::not_registered || !member.disputed_by.empty()) continue;
        if (refused_for(snapshot.memory, member.instance->id, snapshot.now)) continue;
        if (decision.remove.size() == most_unregistered_per_pass) return;
        decision.remove.push_back({member.node != nullptr ? member.node->name : std::string{},
                                   member.instance->id, RemovalCause::not_joined});
    }
}

/// Added to the decision of the rules; if they decided nothing, it is the decision.
void explain_unregistered(Decision& decision, const Policy& policy) {
    std::string names;
    int count = 0;
    for (const auto& removal : decision.remove) {
        if (removal.cause != RemovalCause::not_joined) continue;
        names += (names.empty() ? "" : ", ") + removal.instance_id;
        ++count;
    }
    if (count == 0) return;
    if (decision.kind == DecisionKind::hold) decision.kind = DecisionKind::scale_down;
    decision.reasons.push_back(
        {ReasonCode::not_joined, names + " did not register within " +
                                     duration_text(policy.scale_up.join_timeout) +
                                     (count == 1 ? "; terminating it" : "; terminating them")});
}

void explain_dead(Decision& decision, std::vector<Reason> reasons) {
    if (reasons.empty()) return;
    if (decision.kind == DecisionKind::hold) decision.kind = DecisionKind::scale_down;
    std::move(reasons.begin(), reasons.end(), std::back_inserter(decision.reasons));
}

/// Rule 2 comes before rule 4: if nothing is done, these pods are the first reason.
void add_unplaceable(Decision& decision) {
    if (decision.unplaceable.empty()) return;
    const auto& first = decision.unplaceable.front();
    Reason reason{ReasonCode::unplaceable,
                  counted(static_cast<std::int64_t>(decision.unplaceable.size()), "pod") +
                      " that no new node can help: " + first.pod + " " + first.reason};
    const bool holds = decision.kind == DecisionKind::hold;
    decision.reasons.insert(holds ? decision.reasons.begin() : decision.reasons.end(),
                            std::move(reason));
}

/// Returns whether a removal was found; its reasons and the blockers are kept either way.
bool take(Decision& decision, RemovalAnswer answer) {
    decision.kept = std::move(answer.kept);
    decision.reasons = std::move(answer.reasons);
    if (answer.remove.empty()) return false;
    decision.kind = DecisionKind::scale_down;
    decision.remove.insert(decision.remove.end(), answer.remove.begin(), answer.remove.end());
    return true;
}

/// Rules 1 to 3, then 4 and 5. Above the maximum the first three cannot launch anything.
void judge(Decision& decision, const Membership& members, const Snapshot& snapshot,
           const Policy& policy) {
    const auto dead = std::ranges::count(decision.remove, RemovalCause::not_ready, &Removal::cause);
    const bool too_many =
        members.alive() - members.count(Stage::not_registered) - static_cast<int>(dead) >
        policy.limits.max_nodes;
    if (too_many && take(decision, judge_surplus(members, snapshot, policy))) return;
    const auto why_surplus_stays = std::exchange(decision.reasons, {});
    ask_for_minimum(decision, snapshot, policy);
    ask_for_pods(decision, members, snapshot, policy);
    ask_for_cores(decision, members, snapshot, policy.scale_up.cpu_above_percent);
    ask_for_memory(decision, members, snapshot, policy.scale_up.memory_above_percent);
    if (!decision.reasons.empty()) {
        decision.kind = DecisionKind::scale_up;
    } else if (!decision.remove.empty()) {
        return;  // terminating unregistered instances is the decision
    } else if (too_many) {
        decision.reasons = why_surplus_stays;
    } else {
        take(decision, judge_removal(members, snapshot, policy));
    }
}

NodeCounts counts_of(const Membership& members) {
    return {members.count(Stage::ready),
            members.count(Stage::booting) + members.count(Stage::not_registered),
            members.count(Stage::notready), static_cast<int>(members.other_nodes.size())};
}

}  // namespace

Decision decide(const Snapshot& snapshot, const Policy& policy) {
    Decision decision;
    if (!snapshot.fleet.known()) {
        decision.reasons.push_back(
            {ReasonCode::fleet_unknown, "cannot list EC2 instances: " + snapshot.fleet.cause()});
        decision.memory = observe(snapshot, {}, policy);
        return decision;
    }
    decision.members = membership(snapshot, policy);
    const auto& members = decision.members;
    decision.nodes = counts_of(members);
    terminate_unregistered(decision, members, snapshot);
    auto dead = judge_dead(members, snapshot, policy);
    decision.remove.insert(decision.remove.end(), dead.remove.begin(), dead.remove.end());
    judge(decision, members, snapshot, policy);
    decision.kept.insert(decision.kept.end(), dead.kept.begin(), dead.kept.end());
    explain_unregistered(decision, policy);
    explain_dead(decision, std::move(dead.reasons));
    add_unplaceable(decision);
    decision.memory = observe(snapshot, members, policy);
    observe_trust(decision.memory, snapshot, members);
    return decision;
}

}  // namespace nodenap
