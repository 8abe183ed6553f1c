#include "decide/cooldown.hpp"

#include "decide/backoff.hpp"
#include "decide/membership.hpp"

#include <algorithm>
#include <chrono>

namespace nodenap {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds longest_cooldown = 1h;
constexpr Milliseconds launches_remembered_for = 1h + 5min;
constexpr Milliseconds premature_within = 10min;

bool is_of_last_hour(Time at, Time now) { return now - at < launches_remembered_for; }

}  // namespace

Time low_since(const Snapshot& snapshot, const Policy& policy) {
    const auto& memory = snapshot.memory;
    if (!memory.low_since || !memory.low_seen_at) return snapshot.now;
    const auto longest = std::max(longest_gap, 2 * policy.scale_down.unneeded_for);
    const bool gap = snapshot.now - *memory.low_seen_at > longest;
    return gap ? snapshot.now : *memory.low_since;
}

Milliseconds cooldown_length(const Memory& memory, const Policy& policy) {
    const auto base = policy.scale_down.cooldown;
    return doubled(base, memory.cooldown_doublings, std::max(base, longest_cooldown));
}

int launches_of_last_hour(const Memory& memory, Time now) {
    return static_cast<int>(std::count_if(memory.launches.begin(), memory.launches.end(),
                                          [&](Time at) { return is_of_last_hour(at, now); }));
}

void forget_old_launches(Memory& memory, Time now) {
    std::erase_if(memory.launches, [&](Time at) { return !is_of_last_hour(at, now); });
}

void note_launch(Memory& memory, Time now) { memory.launches.push_back(now); }

void note_removal(Memory& memory, Time now) {
    if (memory.last_removal_at == now) return;  // a further removal of the same decision
    if (!memory.removal_premature) memory.cooldown_doublings = 0;
    memory.removal_premature = false;
    memory.last_removal_at = now;
}

void note_repair(Memory& memory, Time now) {
    memory.last_removal_at = now;
    memory.removal_premature = true;
}

void forget_removal(Memory& memory, const Memory& before) {
    memory.last_removal_at = before.last_removal_at;
    memory.cooldown_doublings = before.cooldown_doublings;
    memory.removal_premature = before.removal_premature;
}

void note_shortage(Memory& memory, Time now) {
    const bool soon = memory.last_removal_at && now - *memory.last_removal_at <= premature_within;
    if (!soon || memory.removal_premature) return;
    memory.removal_premature = true;
    ++memory.cooldown_doublings;
}

}  // namespace nodenap
