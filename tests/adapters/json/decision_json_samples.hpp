#pragma once

#include "controller/memory.hpp"

namespace nodenap::test {

inline Time at(std::int64_t seconds) { return Time(std::chrono::seconds(1'795'464'000 + seconds)); }

/// A plan with entries in every list.
inline Plan full_plan() {
    Plan plan;
    plan.now = at(0);
    plan.cluster = "prod";
    plan.decision = DecisionKind::scale_up;
    plan.reasons = {{ReasonCode::pending_pods, "3 unschedulable pods: “web” waits 2m."},
                    {ReasonCode::price_limit, "A third node would cost more than $0.05 an hour."}};
    plan.signals = {81.2, 40.0, 4.0, 50, 3, 1, 2, 1, {{"memory", "machine_memory_bytes is gone"}}};
    plan.launch = {{{"workers", "t3.small", "us-east-1a", Capacity::on_demand},
                    2,
                    0.0208,
                    {{"default/nginx-1", "default/nginx-2"}, {"default/nginx-9"}}},
                   {{"spot", "c5.large", "us-east-1b", Capacity::spot}, 1, 0.031, {{}}}};
    plan.placed = {{"i-0def", {"default/web-7"}}};
    plan.remove = {{"i-0abc", "i-0abc", RemovalCause::underused},
                   {"", "i-0bad", RemovalCause::not_joined}};
    plan.unplaceable = {{"ns/huge", "it asks for more than any type has"}};
    plan.kept = {{"i-0def", "pod default/db-0 has local storage"}};
    plan.totals = {3, 50, 0.0726};
    return plan;
}

inline Plan bare_plan() {
    Plan plan;
    plan.now = at(0);
    plan.cluster = "prod";
    plan.reasons = {{ReasonCode::nothing_to_do, "CPU is at 50%, between 30 and 70."}};
    return plan;
}

inline Record full_record() {
    return {full_plan(),
            41,
            "scheduled",
            {{"launch", "i-0abc", "running"}, {"launch", "5f3a", "failed", "no capacity"}}};
}

/// The memory of `nodes` registered workers with typical data.
inline Memory busy_memory(int nodes) {
    Memory memory;
    for (int i = 0; i < nodes; ++i) {
        const auto id = "i-0123456789abcde" + std::to_string(10 + i);
        memory.instances[id].registered_at = at(-3600 + i);
        memory.instances[id].only_by_name = true;
    }
    memory.instances.begin()->second.notready_since = at(-30);
    memory.unavailable_offerings = {{{"workers", "t3.small", "us-east-1a", Capacity::on_demand},
                                     at(180),
                                     1,
                                     "InsufficientInstanceCapacity"}};
    memory.groups = {{"default/ReplicaSet/nginx-5d5c9b7f6/100m/128Mi", {41}, std::nullopt, 0},
                     {"batch/Job/report/4000m/16384Mi", {37, 38}, at(600), 2}};
    for (int i = 0; i < 10; ++i) memory.launches.push_back(at(-3000 + 120 * i));
    memory.nodes_seen_at = at(-1);
    memory.low_since = at(-60);
    memory.low_seen_at = at(-1);
    memory.last_ready_at = at(-300);
    memory.last_removal_at = at(-900);
    memory.cooldown_doublings = 2;
    memory.removal_premature = true;
    memory.last_reason = "would_fire_again";
    memory.last_decision = "hold";
    return memory;
}

}  // namespace nodenap::test
