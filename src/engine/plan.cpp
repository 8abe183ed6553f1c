#include "engine/plan.hpp"

#include "engine/explain.hpp"
#include "engine/fit.hpp"
#include "engine/pack.hpp"
#include "engine/planner.hpp"
#include "engine/shortage.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

namespace nodenap {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds first_unplaceable = 10min;
constexpr Milliseconds longest_unplaceable = 2h;

template <class T>
void note_unknown(SignalSummary& summary, const char* name, const Reading<T>& reading) {
    if (!reading.known()) summary.unknown.push_back({name, reading.cause()});
}

double cores_seen(const Use& use) {
    double cores = 0;
    for (const auto& host : use.hosts) cores += host.size;
    return cores;
}

SignalSummary summarize(const Snapshot& snapshot, const Policy& policy) {
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
    note_unknown(summary, "pending", signals.pending);
    note_unknown(summary, "cpu", signals.cpu);
    note_unknown(summary, "memory", signals.memory);
    if (!snapshot.fleet.known()) return summary;
    const auto members = membership(snapshot, policy);
    summary.nodes_ready = members.count(Stage::ready);
    summary.nodes_booting = members.count(Stage::booting);
    summary.nodes_notready = members.count(Stage::notready);
    summary.nodes_other = static_cast<int>(members.other_nodes.size());
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

/// The decision stays readable, but nothing of it is done.
void withhold(Plan& plan, ReasonCode code, const std::string& why) {
    const bool would_act = !plan.launch.empty() || !plan.remove.empty();
    plan.reasons.insert(plan.reasons.begin(),
                        {code, would_act ? why + "; would " + headline(plan) : why});
    plan.decision = DecisionKind::hold;
}

void keep_removals(Plan& plan) {
    for (const auto& removal : plan.remove) {
        plan.kept.push_back({removal.node.empty() ? removal.instance_id : removal.node,
                             "mode is add_only; else: " + removal.reason});
    }
    plan.remove.clear();
}

void respect_mode(Plan& plan, const Snapshot& snapshot, Mode mode) {
    const bool acts = !plan.launch.empty() || !plan.remove.empty();
    if (snapshot.paused_until && *snapshot.paused_until > snapshot.now) {
        withhold(plan, ReasonCode::paused,
                 "paused for " + duration_text(*snapshot.paused_until - snapshot.now) + " more");
    } else if (mode == Mode::observe && acts) {
        withhold(plan, ReasonCode::observing, "mode is observe");
    } else if (mode == Mode::add_only && !plan.remove.empty()) {
        if (plan.launch.empty()) return withhold(plan, ReasonCode::observing, "mode is add_only");
        keep_removals(plan);
    }
}

PodGroupMemory& group_entry(Memory& memory, const std::string& group) {
    const auto found = std::find_if(memory.groups.begin(), memory.groups.end(),
                                    [&](const PodGroupMemory& each) { return each.group == group; });
    if (found != memory.groups.end()) return *found;
    return memory.groups.emplace_back(PodGroupMemory{group, 0, std::nullopt, 0});
}

void judge_groups(Memory& memory, const Membership& members, const Snapshot& snapshot) {
    const auto refused = refused_groups(members, snapshot);
    for (const auto& name : judged_groups(members, snapshot)) {
        auto& group = group_entry(memory, name);
        group.launched_epoch = 0;
        if (std::find(refused.begin(), refused.end(), name) == refused.end()) {
            group.failures = 0;
            group.unplaceable_until.reset();
            continue;
        }
        auto rest = first_unplaceable;
        for (int i = 0; i < group.failures && rest < longest_unplaceable; ++i) rest *= 2;
        group.unplaceable_until = snapshot.now + std::min(rest, longest_unplaceable);
        ++group.failures;
    }
}

void note_launched_groups(Memory& memory, const Snapshot& snapshot, const Plan& plan,
                          std::int64_t epoch) {
    std::set<std::string> launched;
    for (const auto& launch : plan.launch) {
        for (const auto& pods : launch.pods) launched.insert(pods.begin(), pods.end());
    }
    if (launched.empty()) return;
    for (const auto& pod : snapshot.signals.pending.value().pods) {
        if (launched.contains(pod.name)) group_entry(memory, group_of(pod)).launched_epoch = epoch;
    }
}

/// Groups whose nodes are gone, or whose refusal is long past, need no memory.
void forget_groups(Memory& memory, const Membership& members, Time now, std::int64_t epoch) {
    std::erase_if(memory.groups, [&](const PodGroupMemory& group) {
        const bool refused = group.unplaceable_until &&
                             now - *group.unplaceable_until < longest_unplaceable;
        const bool has_nodes =
            group.launched_epoch == epoch ||
            std::any_of(members.members.begin(), members.members.end(), [&](const Member& member) {
                return member.stage != Stage::gone && group.launched_epoch != 0 &&
                       member.instance->epoch == group.launched_epoch;
            });
        return !refused && !has_nodes;
    });
}

bool asks_for_load(const Plan& plan) {
    return std::any_of(plan.reasons.begin(), plan.reasons.end(), [](const Reason& reason) {
        return reason.code == ReasonCode::pending_pods || reason.code == ReasonCode::high_cpu ||
               reason.code == ReasonCode::high_memory;
    });
}

}  // namespace

Plan make_plan(const Decision& decision, const Snapshot& snapshot, const Policy& policy) {
    Plan plan;
    plan.now = snapshot.now;
    plan.cluster = snapshot.cluster;
    plan.decision = decision.kind;
    plan.reasons = decision.reasons;
    plan.signals = summarize(snapshot, policy);
    plan.placed = decision.placed;
    plan.remove = decision.remove;
    plan.unplaceable = decision.unplaceable;
    plan.kept = decision.kept;
    if (decision.kind == DecisionKind::scale_up) {
        auto launches = plan_launches(decision, snapshot, policy);
        plan.launch = std::move(launches.groups);
        auto& reasons = plan.reasons;
        if (plan.launch.empty()) {
            plan.decision = DecisionKind::hold;
            reasons.insert(reasons.begin(), launches.limits.begin(), launches.limits.end());
        } else {
            reasons.insert(reasons.end(), launches.limits.begin(), launches.limits.end());
        }
    }
    sum_up(plan);
    respect_mode(plan, snapshot, policy.mode);
    return plan;
}

bool is_to_be_applied(const Plan& plan) {
    if (plan.reasons.empty()) return true;
    const auto code = plan.reasons.front().code;
    return code != ReasonCode::paused && code != ReasonCode::observing;
}

Memory remember(const Snapshot& snapshot, const Plan& plan, const Policy& policy,
                std::int64_t epoch) {
    Memory memory = observe(snapshot, policy);
    memory.last_decision = word(plan.decision);
    memory.last_reason = plan.reasons.empty() ? "" : word(plan.reasons.front().code);
    if (!snapshot.fleet.known()) return memory;
    const auto members = membership(snapshot, policy);
    judge_groups(memory, members, snapshot);
    if (is_to_be_applied(plan)) {
        if (snapshot.signals.pending.known()) note_launched_groups(memory, snapshot, plan, epoch);
        if (!plan.launch.empty() && asks_for_load(plan)) note_shortage(memory, snapshot.now);
    }
    forget_groups(memory, members, snapshot.now, epoch);
    return memory;
}

}  // namespace nodenap
