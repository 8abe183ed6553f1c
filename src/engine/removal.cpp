#include "engine/removal.hpp"

#include "engine/explain.hpp"
#include "engine/load.hpp"
#include "engine/shortage.hpp"
#include "engine/trust.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <utility>

namespace nodenap {
namespace {

using namespace std::chrono_literals;

/// A joined node that is not Ready holds everything back for this long, then no longer.
constexpr Milliseconds notready_patience = 10min;
/// Requests and pods may take at most this share of what remains.
constexpr std::int64_t fullest_after_percent = 90;
/// A burstable node this close to its baseline may be starved of credits.
constexpr double baseline_tolerance = 0.1;

struct Case {
    const Membership& members;
    const Snapshot& snapshot;
    const Policy& policy;
};

using Verdict = std::optional<Reason>;

Verdict unknown_signal(const Case& c) {
    const auto& signals = c.snapshot.signals;
    const auto say = [](const char* what, const std::string& cause) {
        return Reason{ReasonCode::metrics_unknown,
                      std::string(what) + " cannot be seen (" + cause + "), so no node is removed"};
    };
    if (!signals.nodes.known()) return say("the nodes", signals.nodes.cause());
    if (c.members.nodes_are_partial()) {
        const auto cause = "Prometheus tells of no Node for " +
                           std::to_string(c.members.missing_nodes) + " of the " +
                           counted(c.members.expected_nodes, "instance") + " that should have one";
        return say("the nodes", cause);
    }
    if (const auto cause = hidden_pods(c.snapshot)) return say("the pods", *cause);
    if (const auto cause = unmatched_node(c.members)) return say("the nodes", *cause);
    if (!signals.pending.known()) return say("the waiting pods", signals.pending.cause());
    if (!signals.cpu.known()) return say("CPU use", signals.cpu.cause());
    if (c.policy.scale_up.memory_above_percent > 0 && !signals.memory.known()) {
        return say("memory use", signals.memory.cause());
    }
    return std::nullopt;
}

Verdict pods_wait(const Case& c) {
    const auto shortage = pod_shortage(c.members, c.snapshot, c.policy);
    if (shortage.awaits_nodes()) {
        return Reason{ReasonCode::booting, "pods wait for nodes that are on their way"};
    }
    if (shortage.too_young > 0) {
        return Reason{ReasonCode::unneeded_too_short,
                      counted(shortage.too_young, "pod") + " began to wait a moment ago"};
    }
    return std::nullopt;
}

Verdict something_boots(const Case& c) {
    const int booting = c.members.count(Stage::booting);
    if (booting > 0) {
        return Reason{ReasonCode::booting, counted(booting, "node") + " on the way"};
    }
    for (const auto& member : c.members.members) {
        if (member.stage != Stage::notready) continue;
        if (c.snapshot.now - notready_since(member, c.snapshot) < notready_patience) {
            return Reason{ReasonCode::booting, member.instance->id + " is not Ready at the moment"};
        }
    }
    return std::nullopt;
}

Verdict cools_down(const Case& c) {
    const auto& memory = c.snapshot.memory;
    std::optional<Time> since = memory.last_ready_at;
    if (memory.last_removal_at && (!since || *memory.last_removal_at > *since)) {
        since = memory.last_removal_at;
    }
    if (!since) return std::nullopt;
    const auto left = *since + cooldown_length(memory, c.policy) - c.snapshot.now;
    if (left.count() <= 0) return std::nullopt;
    return Reason{ReasonCode::cooldown, "the cooldown lasts " + duration_text(left) + " more"};
}

/// What did not join in time is no node: EC2 may refuse to end it.
Verdict at_the_minimum(const Case& c) {
    const int nodes = c.members.alive() - c.members.count(Stage::late);
    if (nodes > c.policy.limits.min_nodes) return std::nullopt;
    return Reason{ReasonCode::at_minimum, counted(nodes, "node") + " of ours, and min_nodes is " +
                                              std::to_string(c.policy.limits.min_nodes)};
}

Verdict not_idle(const Case& c) {
    const double percent = c.snapshot.signals.cpu.value().percent;
    const double line = c.policy.scale_down.cpu_below_percent;
    if (percent >= line) {
        return Reason{ReasonCode::nothing_to_do, "CPU is at " + number_text(percent) +
                                                     " %, not below " + number_text(line) +
                                                     " %, and no pod waits"};
    }
    const auto low_for = c.snapshot.now - low_since(c.snapshot, c.policy);
    const auto left = c.policy.scale_down.unneeded_for - low_for;
    if (left.count() <= 0) return std::nullopt;
    return Reason{ReasonCode::unneeded_too_short, "CPU is at " + number_text(percent) +
                                                      " %; if it stays low, a node goes in " +
                                                      duration_text(left)};
}

Verdict near_baseline(const Case& c) {
    for (const auto& member : c.members.members) {
        if (member.stage != Stage::ready || member.type == nullptr) continue;
        if (!member.type->baseline_percent) continue;
        const auto* use = use_of(c.snapshot.signals.cpu.value(), member);
        if (use == nullptr || use->size <= 0) continue;
        const double percent = 100 * use->busy / use->size;
        const double baseline = *member.type->baseline_percent;
        if (std::abs(percent - baseline) <= baseline * baseline_tolerance) {
            return Reason{ReasonCode::burst_baseline,
                          member.instance->id + " is at " + number_text(percent) +
                              " %, its baseline: it may want more and have no CPU credits"};
        }
    }
    return std::nullopt;
}

bool has_taints_of_its_own(const Member& member) {
    if (member.pool == nullptr) return false;
    const auto& taints = member.pool->taints;
    return std::any_of(taints.begin(), taints.end(), [](const std::string& taint) {
        return !taint.ends_with(":PreferNoSchedule");
    });
}

/// What those that take over the pods of one that goes have, and what would be asked of them.
struct Remainder {
    Resources room;
    Resources asked;
};

void add_node(Remainder& rest, const Node& node) {
    rest.room = rest.room + node.allocatable;
    rest.asked = rest.asked + node.requested;
}

void add_pods_of(Remainder& rest, const Member& going) {
    if (going.node == nullptr) return;
    rest.asked = rest.asked + (going.node->requested - going.node->daemonset_requested);
}

/// Where the pods of one that goes may go: to its own pool where taints set it apart, else to all
/// that ordinary pods may use.
std::vector<const Node*> takers_without(const Case& c, const Member& gone) {
    const bool apart = has_taints_of_its_own(gone);
    std::vector<const Node*> takers;
    for (const auto* node : c.members.other_nodes) {
        if (!apart && node->schedulable) takers.push_back(node);
    }
    for (const auto& member : c.members.members) {
        if (&member == &gone || member.stage != Stage::ready) continue;
        if (apart ? member.pool == gone.pool : member.node->schedulable) {
            takers.push_back(member.node);
        }
    }
    return takers;
}

Remainder remainder_without(const Case& c, const Member& gone) {
    Remainder rest;
    for (const auto* node : takers_without(c, gone)) add_node(rest, *node);
    for (const auto& member : c.members.members) {
        if (has_taints_of_its_own(gone) && member.pool != gone.pool) continue;
        if (&member == &gone || member.stage == Stage::leaving) add_pods_of(rest, member);
    }
    return rest;
}

bool too_full(std::int64_t asked, std::int64_t room) {
    return asked > 0 && asked * 100 > room * fullest_after_percent;
}

Verdict requests_too_high(const Case& c, const Member& member) {
    const auto rest = remainder_without(c, member);
    const auto say = [](const char* what, std::int64_t asked, std::int64_t room) {
        return Reason{ReasonCode::requests_too_high,
                      std::string(what) + " requested: " + std::to_string(asked) + " of the " +
                          std::to_string(room) + " that would remain, above 90 %"};
    };
    if (too_full(rest.asked.cpu.value, rest.room.cpu.value)) {
        return say("millicores", rest.asked.cpu.value, rest.room.cpu.value);
    }
    if (too_full(rest.asked.memory.value, rest.room.memory.value)) {
        return say("MiB", rest.asked.memory.value, rest.room.memory.value);
    }
    if (too_full(rest.asked.pods, rest.room.pods)) {
        return say("pods", rest.asked.pods, rest.room.pods);
    }
    return std::nullopt;
}

Verdict would_fire(const char* what, const Load& load, double line) {
    const double percent = load.seen > 0 ? 100 * load.busy / load.seen : 100;
    if (load.busy <= 0 || percent <= line) return std::nullopt;
    return Reason{ReasonCode::would_fire_again,
                  std::string("without it ") + what + " would be at " + number_text(percent) +
                      " %, above " + number_text(line) + " %, and a node would be added again"};
}

Verdict would_fire_again(const Case& c, const Member& member) {
    const auto& signals = c.snapshot.signals;
    const auto& up = c.policy.scale_up;
    auto cpu = would_fire("CPU", cpu_load_without(c.members, signals.cpu.value(), member),
                          up.cpu_above_percent);
    if (cpu || up.memory_above_percent <= 0) return cpu;
    return would_fire("memory", memory_load_without(c.members, signals.memory.value(), member),
                      up.memory_above_percent);
}

bool pool_at_minimum(const Case& c, const Member& member) {
    const auto* pool = member.pool;
    return pool != nullptr && c.members.alive_in_pool(pool->name) <= pool->min_nodes;
}

/// Requests are sums: what remains may hold them together and no node of it this pod. Where the
/// last removal was regretted, the pods of the next must fit on one node that remains.
Verdict fits_no_other(const Case& c, const Member& gone) {
    if (c.snapshot.memory.cooldown_doublings == 0) return std::nullopt;
    const auto asked = gone.node->requested - gone.node->daemonset_requested;
    if (asked.pods <= 0) return std::nullopt;
    const auto takers = takers_without(c, gone);
    const bool one_does = std::any_of(takers.begin(), takers.end(), [&](const Node* node) {
        return fits_within(asked, node->allocatable - node->requested);
    });
    if (one_does) return std::nullopt;
    return Reason{ReasonCode::requests_too_high,
                  "the last removal was regretted, and no other node has room for all its pods"};
}

/// Why this node stays, or nothing: it may go.
Verdict why_kept(const Case& c, const Member& member) {
    if (const auto left = refused_for(c.snapshot.memory, member.instance->id, c.snapshot.now)) {
        return Reason{ReasonCode::not_drainable,
                      "EC2 refused to terminate it and is asked again in " + duration_text(*left)};
    }
    if (pool_at_minimum(c, member)) {
        return Reason{ReasonCode::at_minimum, "pool " + member.pool->name + " is at its min_nodes"};
    }
    if (member.node == nullptr) {
        return Reason{ReasonCode::not_drainable, "its Node object is not to be seen"};
    }
    const bool cordoned = !member.node->schedulable && !has_taints_of_its_own(member);
    if (cordoned) {
        return Reason{ReasonCode::not_drainable, "somebody cordoned or tainted it"};
    }
    if (member.node->unlisted_pods > 0) {
        return Reason{ReasonCode::not_drainable,
                      "cAdvisor shows " + counted(member.node->unlisted_pods, "pod") +
                          " on it that kube-state-metrics does not list"};
    }
    const auto volumes = local_volumes(member, c.snapshot);
    if (!volumes.empty()) {
        return Reason{ReasonCode::not_drainable, "holds local volume " + volumes.front()};
    }
    const bool empty = member.node->only_daemonset_pods;
    if (!empty && c.policy.scale_down.without_drain == WithoutDrain::empty) {
        return Reason{ReasonCode::not_drainable,
                      "it runs pods, and without the Kubernetes API there is no drain"};
    }
    if (auto reason = requests_too_high(c, member)) return reason;
    if (auto reason = fits_no_other(c, member)) return reason;
    return would_fire_again(c, member);
}

/// The oldest node that may go; else why not, the most telling reason first.
RemovalAnswer choose_one(const Case& c, const char* why) {
    RemovalAnswer answer;
    Verdict telling;
    for (const auto& member : c.members.members) {
        if (member.stage != Stage::ready && member.stage != Stage::notready) continue;
        const auto name = member.node != nullptr ? member.node->name : member.instance->id;
        auto reason = why_kept(c, member);
        if (!reason) {
            answer.remove.push_back({name, member.instance->id, why});
            return answer;
        }
        answer.kept.push_back({name, reason->text});
        if (!telling || telling->code == ReasonCode::not_drainable) telling = std::move(reason);
    }
    answer.reasons.push_back(
        telling.value_or(Reason{ReasonCode::not_drainable, "none of our nodes is joined"}));
    return answer;
}

RemovalAnswer held(Reason reason) { return {{}, {std::move(reason)}, {}}; }

}  // namespace

RemovalAnswer judge_removal(const Membership& members, const Snapshot& snapshot,
                            const Policy& policy) {
    const Case c{members, snapshot, policy};
    for (const auto gate : {unknown_signal, pods_wait, something_boots, cools_down, at_the_minimum,
                            not_idle, near_baseline}) {
        if (auto reason = gate(c)) return held(std::move(*reason));
    }
    auto answer = choose_one(c, "underused");
    if (!answer.remove.empty()) {
        const auto& cpu = snapshot.signals.cpu.value();
        answer.reasons.push_back(
            {ReasonCode::underused, "CPU is at " + number_text(cpu.percent) + " % for " +
                                        duration_text(snapshot.now - low_since(snapshot, policy)) +
                                        ", and the rest holds everything"});
    }
    return answer;
}

RemovalAnswer judge_surplus(const Membership& members, const Snapshot& snapshot,
                            const Policy& policy) {
    const Case c{members, snapshot, policy};
    if (auto reason = unknown_signal(c)) return held(std::move(*reason));
    const Reason above{ReasonCode::above_maximum, counted(members.alive(), "node") +
                                                      " of ours, above max_nodes " +
                                                      std::to_string(policy.limits.max_nodes)};
    const auto youngest =
        std::find_if(members.members.rbegin(), members.members.rend(), [&](const Member& member) {
            return member.stage == Stage::booting && !pool_at_minimum(c, member);
        });
    if (youngest != members.members.rend()) {
        return {{{{}, youngest->instance->id, "above_maximum"}}, {above}, {}};
    }
    auto answer = choose_one(c, "above_maximum");
    if (!answer.remove.empty()) answer.reasons.push_back(above);
    return answer;
}

}  // namespace nodenap
