#include "engine/remaining.hpp"

#include "engine/explain.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace nodenap {
namespace {

/// Requests and pods may take at most this share of what remains.
constexpr std::int64_t fullest_after_percent = 90;
/// A burstable node this close to its baseline may be starved of credits.
constexpr double baseline_tolerance = 0.1;

using Verdict = std::optional<Reason>;

/// What those that take over the pods of a set have, and what would be asked of them.
struct Remainder {
    Resources room;
    Resources asked;
};

bool is_one_of(const MemberSet& set, const Node* node) {
    return std::any_of(set.begin(), set.end(),
                       [&](const Member* member) { return member->node == node; });
}

bool is_one_of(const MemberSet& set, const Member& member) {
    return std::find(set.begin(), set.end(), &member) != set.end();
}

void add_pods_of(Remainder& rest, const Member& going) {
    if (going.node == nullptr) return;
    rest.asked = rest.asked + (going.node->requested - going.node->daemonset_requested);
}

/// Of those that may take the pods of `one`, a member of the set.
Remainder remainder_for(const RemovalCase& c, const MemberSet& going, const Member& one) {
    Remainder rest;
    for (const auto* node : takers_without(c.members, one)) {
        if (is_one_of(going, node)) continue;
        rest.room = rest.room + node->allocatable;
        rest.asked = rest.asked + node->requested;
    }
    for (const auto& member : c.members.members) {
        if (is_set_apart(one) && member.pool != one.pool) continue;
        if (is_one_of(going, member) || member.stage == Stage::leaving) add_pods_of(rest, member);
    }
    return rest;
}

bool too_full(std::int64_t asked, std::int64_t room) {
    return asked > 0 && asked * 100 > room * fullest_after_percent;
}

Verdict too_full(const Remainder& rest) {
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

/// Idle cores of the nodes that remain and may be short of CPU credits.
double cores_held_back(const RemovalCase& c, const MemberSet& going) {
    double cores = 0;
    for (const auto& member : c.members.members) {
        if (is_one_of(going, member) || !near_baseline(c, member)) continue;
        const auto* use = use_of(c.snapshot.signals.cpu.value(), member);
        cores += use->size - use->busy;
    }
    return cores;
}

}  // namespace

bool is_set_apart(const Member& member) {
    if (member.pool == nullptr) return false;
    const auto& taints = member.pool->taints;
    return std::any_of(taints.begin(), taints.end(), [](const std::string& taint) {
        return !taint.ends_with(":PreferNoSchedule");
    });
}

std::vector<const Node*> takers_without(const Membership& members, const Member& gone) {
    const bool apart = is_set_apart(gone);
    std::vector<const Node*> takers;
    for (const auto* node : members.other_nodes) {
        if (!apart && node->schedulable) takers.push_back(node);
    }
    for (const auto& member : members.members) {
        if (&member == &gone || member.stage != Stage::ready || member.node == nullptr) continue;
        if (apart ? member.pool == gone.pool : member.node->schedulable) {
            takers.push_back(member.node);
        }
    }
    return takers;
}

std::optional<Reason> requests_too_high(const RemovalCase& c, const MemberSet& going) {
    for (const auto* member : going) {
        if (auto reason = too_full(remainder_for(c, going, *member))) return reason;
    }
    return std::nullopt;
}

std::optional<Reason> would_fire_again(const RemovalCase& c, const MemberSet& going) {
    const auto& signals = c.snapshot.signals;
    const auto& up = c.policy.scale_up;
    auto load = cpu_load_without(c.members, signals.cpu.value(), going);
    load.busy += cores_held_back(c, going);
    auto cpu = would_fire("CPU", load, up.cpu_above_percent);
    if (cpu || up.memory_above_percent <= 0) return cpu;
    return would_fire("memory", memory_load_without(c.members, signals.memory.value(), going),
                      up.memory_above_percent);
}

std::optional<Reason> fits_no_other(const RemovalCase& c, const Member& gone) {
    if (c.snapshot.memory.cooldown_doublings == 0) return std::nullopt;
    const auto asked = gone.node->requested - gone.node->daemonset_requested;
    if (asked.pods <= 0) return std::nullopt;
    const auto takers = takers_without(c.members, gone);
    const bool one_does = std::any_of(takers.begin(), takers.end(), [&](const Node* node) {
        return fits_within(asked, node->allocatable - node->requested);
    });
    if (one_does) return std::nullopt;
    return Reason{ReasonCode::requests_too_high,
                  "the last removal was regretted, and no other node has room for all its pods"};
}

std::optional<Reason> near_baseline(const RemovalCase& c, const Member& member) {
    if (member.stage != Stage::ready || member.type == nullptr) return std::nullopt;
    if (!member.type->baseline_percent) return std::nullopt;
    const auto* use = use_of(c.snapshot.signals.cpu.value(), member);
    if (use == nullptr || use->size <= 0) return std::nullopt;
    const double percent = 100 * use->busy / use->size;
    const double baseline = *member.type->baseline_percent;
    if (std::abs(percent - baseline) > baseline * baseline_tolerance) return std::nullopt;
    return Reason{ReasonCode::burst_baseline,
                  member.instance->id + " is at " + number_text(percent) +
                      " %, its baseline: it may need more and have no CPU credits"};
}

}  // namespace nodenap
