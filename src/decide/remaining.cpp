#include "decide/remaining.hpp"

#include "decide/dead.hpp"
#include "decide/explain.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

namespace nodenap {
namespace {

/// Requests and pods may use at most this share of the remaining resources.
constexpr std::int64_t fullest_after_percent = 90;
/// A burstable node this close to its baseline may be out of CPU credits.
constexpr double baseline_tolerance = 0.1;

using Verdict = std::optional<Reason>;

const Pool* set_apart(const Member& member) { return is_set_apart(member) ? member.pool : nullptr; }

bool takes_pods(const Member& member, const Pool* apart) {
    if (member.stage != Stage::ready || member.node == nullptr) return false;
    return apart != nullptr ? member.pool == apart : member.node->schedulable;
}

/// No node has more. Larger numbers are reporting errors and are clamped, so that sums, from which
/// removed nodes are subtracted, stay exact.
Resources bounded(const Resources& told) {
    constexpr std::int64_t most = std::int64_t{1} << 40;
    const auto bound = [=](std::int64_t value) { return std::clamp(value, -most, most); };
    return {{bound(told.cpu.value)}, {bound(told.memory.value)}, bound(told.pods)};
}

bool too_full(std::int64_t asked, std::int64_t room) {
    return asked > 0 && asked * 100 > room * fullest_after_percent;
}

Verdict too_full(const Resources& asked, const Resources& room) {
    const auto say = [](const char* what, std::int64_t needed, std::int64_t remains) {
        return Reason{ReasonCode::requests_too_high,
                      "after the removal pods would request " + std::to_string(needed) + " of " +
                          std::to_string(remains) + what + ", more than 90%"};
    };
    if (too_full(asked.cpu.value, room.cpu.value)) {
        return say("m CPU", asked.cpu.value, room.cpu.value);
    }
    if (too_full(asked.memory.value, room.memory.value)) {
        return say(" MiB", asked.memory.value, room.memory.value);
    }
    if (too_full(asked.pods, room.pods)) return say(" pod places", asked.pods, room.pods);
    return std::nullopt;
}

Verdict would_fire(const char* what, const Load& load, double line) {
    const double percent = load.seen > 0 ? 100 * load.busy / load.seen : 100;
    if (load.busy <= 0 || percent <= line) return std::nullopt;
    return Reason{ReasonCode::would_fire_again, std::string("after the removal ") + what +
                                                    " would be at " + number_text(percent) +
                                                    "%, above the scale-up threshold (" +
                                                    number_text(line) + "%)"};
}

}  // namespace

Resources own_requests(const Node& node) { return node.requested - node.daemonset_requested; }

bool is_set_apart(const Member& member) {
    if (member.pool == nullptr) return false;
    const auto& taints = member.pool->taints;
    return std::any_of(taints.begin(), taints.end(), [](const std::string& taint) {
        return !taint.ends_with(":PreferNoSchedule");
    });
}

std::vector<const Node*> takers(const Membership& members, const Pool* apart) {
    std::vector<const Node*> all;
    for (const auto* node : members.other_nodes) {
        if (apart == nullptr && node->schedulable) all.push_back(node);
    }
    for (const auto& member : members.members) {
        if (takes_pods(member, apart)) all.push_back(member.node);
    }
    return all;
}

Remaining::Remaining(const RemovalContext& removal)
    : c_(removal), cpu_(Loads::of_cpu(removal.members, removal.snapshot.signals.cpu.value())) {
    if (c_.policy.scale_up.memory_above_percent > 0) {
        memory_.emplace(Loads::of_memory(c_.members, c_.snapshot.signals.memory.value()));
    }
    sums_[nullptr] = sums_of(nullptr);
    for (const auto* dead : dead_workers(c_.members, c_.snapshot)) --serving_[dead->pool];
    for (const auto& member : c_.members.members) {
        const auto* apart = set_apart(member);
        if (!sums_.contains(apart)) sums_[apart] = sums_of(apart);
        const bool serves = is_alive(member.stage) && member.stage != Stage::not_registered;
        if (serves) ++serving_[member.pool];
        cores_held_back_ += idle_cores(member);
    }
}

Remaining::Sums Remaining::sums_of(const Pool* apart) const {
    Sums sums{takers(c_.members, apart), {}, {}};
    for (const auto* node : sums.takers) {
        sums.room = sums.room + bounded(node->allocatable);
        sums.asked = sums.asked + bounded(node->requested);
    }
    for (const auto& member : c_.members.members) {
        if (member.stage != Stage::terminating || member.node == nullptr) continue;
        if (apart == nullptr || member.pool == apart)
            sums.asked = sums.asked + bounded(own_requests(*member.node));
    }
    return sums;
}

Remaining::Sums Remaining::sums_without(const MemberSet& going, const Pool* apart) const {
    const auto& all = sums_.at(apart);
    Sums sums{{}, all.room, all.asked};
    for (const auto* member : going) {
        if (member->node == nullptr) continue;
        const auto& node = *member->node;
        if (takes_pods(*member, apart)) {
            sums.room = sums.room - bounded(node.allocatable);
            sums.asked = sums.asked - bounded(node.requested);
        }
        if (apart == nullptr || member->pool == apart)
            sums.asked = sums.asked + bounded(own_requests(node));
    }
    return sums;
}

double Remaining::idle_cores(const Member& member) const {
    if (!near_baseline(member)) return 0;
    const auto* use = cpu_of(member);
    return use->size - use->busy;
}

bool Remaining::is_at_pool_minimum(const Member& member, const MemberSet& going) const {
    const auto* pool = member.pool;
    if (pool == nullptr) return false;
    const auto gone = std::ranges::count(going, pool, &Member::pool);
    const auto serving = serving_.find(pool);
    const int now = serving == serving_.end() ? 0 : serving->second;
    return now - static_cast<int>(gone) <= pool->min_nodes;
}

std::optional<Reason> Remaining::requests_too_high(const MemberSet& going) const {
    std::set<const Pool*> asked;
    for (const auto* member : going) {
        const auto* apart = set_apart(*member);
        if (!asked.insert(apart).second) continue;
        const auto sums = sums_without(going, apart);
        if (auto reason = too_full(sums.asked, sums.room)) return reason;
    }
    return std::nullopt;
}

std::optional<Reason> Remaining::would_fire_again(const MemberSet& going) const {
    const auto& up = c_.policy.scale_up;
    auto load = cpu_.without(going);
    load.busy += cores_held_back_;
    for (const auto* member : going) load.busy -= idle_cores(*member);
    auto cpu = would_fire("CPU", load, up.cpu_above_percent);
    if (cpu || !memory_) return cpu;
    return would_fire("memory", memory_->without(going), up.memory_above_percent);
}

std::optional<Reason> Remaining::fits_no_other(const Member& gone) const {
    if (c_.snapshot.memory.cooldown_doublings == 0) return std::nullopt;
    const auto asked = own_requests(*gone.node);
    if (asked.pods <= 0) return std::nullopt;
    const auto& others = sums_.at(set_apart(gone)).takers;
    const bool one_does = std::ranges::any_of(others, [&](const Node* node) {
        return node != gone.node && fits_within(asked, node->allocatable - node->requested);
    });
    if (one_does) return std::nullopt;
    return Reason{
        ReasonCode::requests_too_high,
        "the last removal was premature, so this node's pods must fit on one other node, and "
        "none has enough free resources"};
}

std::optional<Reason> Remaining::near_baseline(const Member& member) const {
    if (member.stage != Stage::ready || member.type == nullptr) return std::nullopt;
    if (!member.type->baseline_percent) return std::nullopt;
    const auto* use = cpu_of(member);
    if (use == nullptr || use->size <= 0) return std::nullopt;
    const double percent = 100 * use->busy / use->size;
    const double baseline = *member.type->baseline_percent;
    if (std::abs(percent - baseline) > baseline * baseline_tolerance) return std::nullopt;
    return Reason{ReasonCode::burst_baseline,
                  member.instance->id + " is at its baseline (" + number_text(percent) +
                      "%) and may be out of CPU credits, so its low CPU does not count as idle"};
}

}  // namespace nodenap
