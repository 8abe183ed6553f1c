#include "engine/scaler.hpp"

#include "engine/explain.hpp"
#include "engine/fit.hpp"
#include "engine/pack.hpp"
#include "engine/removal.hpp"
#include "engine/shortage.hpp"

#include <algorithm>
#include <utility>

namespace nodenap {
namespace {

/// Rule 1: the pools' minima first, then the cluster's.
void ask_for_minimum(Decision& decision, const Membership& members, const Policy& policy) {
    int missing = policy.limits.min_nodes - members.alive();
    const int before = std::max(missing, 0);
    int nodes = 0;
    for (const auto& pool : policy.pools) {
        const int need = pool.min_nodes - members.alive_in_pool(pool.name);
        if (need <= 0) continue;
        decision.demand.minimum.push_back({pool.name, need});
        missing -= need;
        nodes += need;
    }
    if (missing > 0) {
        decision.demand.minimum.push_back({{}, missing});
        nodes += missing;
    }
    if (nodes == 0) return;
    const auto text = before > 0 ? counted(members.alive(), "node") + " of ours, below min_nodes " +
                                       std::to_string(policy.limits.min_nodes)
                                 : "a pool is below its min_nodes by " + std::to_string(nodes);
    decision.reasons.push_back({ReasonCode::below_minimum, text});
}

/// Rule 2: what neither ready nor booting nodes can hold.
void ask_for_pods(Decision& decision, const Membership& members, const Snapshot& snapshot,
                  const Policy& policy) {
    auto shortage = pod_shortage(members, snapshot, policy);
    decision.placed = std::move(shortage.placed);
    decision.unplaceable = std::move(shortage.unplaceable);
    const auto count = static_cast<std::int64_t>(shortage.pods.size()) + shortage.unnamed;
    if (count == 0) return;
    decision.demand.unnamed_pods = shortage.unnamed;
    decision.reasons.push_back(
        {ReasonCode::pending_pods, counted(count, "pod") + " cannot be placed: " +
                                       shortage_text(shortage.pods)});
    decision.demand.pods = std::move(shortage.pods);
}

std::string busy_text(const char* what, const Use& use, double line) {
    return std::string(what) + " is at " + number_text(use.percent) + " %, above " +
           number_text(line) + " %";
}

/// Rule 3. What is on its way counts; if it suffices, rule 4 will say that something boots.
void ask_for_room(Decision& decision, const Membership& members, const Snapshot& snapshot,
                  const Policy& policy) {
    const auto& cpu = snapshot.signals.cpu;
    if (cpu.known() && cpu.value().percent > policy.scale_up.cpu_above_percent) {
        const auto load = cpu_load(members, cpu.value());
        const double missing =
            load.busy / (policy.scale_up.cpu_above_percent / 100) - load.seen - load.on_the_way;
        if (missing > 0) {
            decision.demand.cores = missing;
            decision.demand.seen_cores = load.seen;
            decision.reasons.push_back({ReasonCode::high_cpu,
                                        busy_text("CPU", cpu.value(),
                                                  policy.scale_up.cpu_above_percent)});
        }
    }
    const auto& memory = snapshot.signals.memory;
    const double line = policy.scale_up.memory_above_percent;
    if (line > 0 && memory.known() && memory.value().percent > line) {
        const auto load = memory_load(members, memory.value());
        const double missing = load.busy / (line / 100) - load.seen - load.on_the_way;
        if (missing > 0) {
            decision.demand.memory = Mebibytes{static_cast<std::int64_t>(missing) + 1};
            decision.demand.seen_memory = Mebibytes{static_cast<std::int64_t>(load.seen)};
            decision.reasons.push_back(
                {ReasonCode::high_memory, busy_text("memory", memory.value(), line)});
        }
    }
}

/// Instances that never joined are given up; for every other rule they are gone.
void give_up_never_joined(Decision& decision, Membership& members, const Snapshot& snapshot,
                          const Policy& policy) {
    for (const auto* late : never_joined(members, snapshot, policy)) {
        const auto& id = late->instance->id;
        decision.remove.push_back({late->node ? late->node->name : std::string{}, id, "not_joined"});
        const auto index = static_cast<std::size_t>(late - members.members.data());
        members.members[index].stage = Stage::leaving;
    }
}

std::string given_up_text(const std::vector<Removal>& removals, const Policy& policy) {
    std::string names;
    for (const auto& removal : removals) names += (names.empty() ? "" : ", ") + removal.instance_id;
    return names + " did not join in " + duration_text(policy.scale_up.join_timeout) +
           " and is given up";
}

void add_unplaceable(Decision& decision) {
    if (decision.unplaceable.empty()) return;
    const auto& first = decision.unplaceable.front();
    Reason reason{ReasonCode::unplaceable,
                  counted(static_cast<std::int64_t>(decision.unplaceable.size()), "pod") +
                      " that no new node helps: " + first.pod + " " + first.reason};
    const bool alone = decision.reasons.empty() ||
                       decision.reasons.front().code == ReasonCode::nothing_to_do;
    decision.reasons.insert(alone ? decision.reasons.begin() : decision.reasons.end(),
                            std::move(reason));
}

/// Rules 4 and 5, and what stands above the maximum.
void judge_what_is_too_much(Decision& decision, const Membership& members,
                            const Snapshot& snapshot, const Policy& policy) {
    const bool above = members.alive() > policy.limits.max_nodes;
    auto answer = above ? judge_surplus(members, snapshot, policy)
                        : judge_removal(members, snapshot, policy);
    decision.kept = std::move(answer.kept);
    decision.reasons = std::move(answer.reasons);
    if (answer.remove.empty()) return;
    decision.kind = DecisionKind::scale_down;
    decision.remove = std::move(answer.remove);
}

}  // namespace

Decision decide(const Snapshot& snapshot, const Policy& policy) {
    Decision decision;
    if (!snapshot.fleet.known()) {
        decision.reasons.push_back(
            {ReasonCode::fleet_unknown, "EC2 does not say what runs: " + snapshot.fleet.cause()});
        return decision;
    }
    auto members = membership(snapshot, policy);
    give_up_never_joined(decision, members, snapshot, policy);
    ask_for_minimum(decision, members, policy);
    ask_for_pods(decision, members, snapshot, policy);
    ask_for_room(decision, members, snapshot, policy);
    if (!decision.reasons.empty()) {
        decision.kind = DecisionKind::scale_up;
    } else if (!decision.remove.empty()) {
        decision.reasons.push_back({ReasonCode::booting, given_up_text(decision.remove, policy)});
    } else {
        judge_what_is_too_much(decision, members, snapshot, policy);
    }
    add_unplaceable(decision);
    return decision;
}

}  // namespace nodenap
