#include "decide/lifecycle.hpp"

#include "decide/joining.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace nodenap {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds settled_after = 60s;
constexpr Milliseconds shortest_gap = 10min;  // between two passes that see the same state
constexpr Milliseconds first_rest = 3min;
constexpr Milliseconds longest_rest = 30min;
constexpr Milliseconds rest_if_not_sold = 24h;
constexpr Milliseconds longest_cooldown = 1h;
constexpr Milliseconds launches_remembered_for = 1h + 5min;
constexpr Milliseconds refusal_lasts = 30min;
constexpr Milliseconds regret_within = 10min;

/// What a pass saw, and how long an instance is waited for.
struct Sight {
    const Snapshot& snapshot;
    Milliseconds join_timeout;

    bool nodes_known() const { return snapshot.signals.nodes.known(); }
};

void note_joined(RememberedInstance& entry, Time at) {
    entry.joined_at = at;
    entry.first_seen_at.reset();
    entry.unwatched = Milliseconds{0};
    entry.given_up = false;
}

void observe_ready(Memory& memory, const Member& member, Time now) {
    auto& entry = memory.instances[member.instance->id];
    entry.notready_since.reset();
    if (!entry.only_by_name) entry.only_by_name = member.node->name == member.instance->id;
    if (entry.joined_at) return;
    note_joined(entry, now);
    memory.last_ready_at = now;
}

void observe_opening(Memory& memory, const Member& member, const Sight& sight) {
    auto& entry = memory.instances[member.instance->id];
    const auto now = sight.snapshot.now;
    if (!is_closed(member)) {
        if (entry.opens_at && *entry.opens_at > now) entry.opens_at = now;
    } else if (now - *entry.joined_at < settled_after || entry.opens_at) {
        entry.opens_at =
            std::max(*entry.joined_at + sight.join_timeout, entry.opens_at.value_or(Time{}));
    }
}

void observe_notready(Memory& memory, const Member& member, const Sight& sight) {
    auto& entry = memory.instances[member.instance->id];
    const auto since = notready_since(member, sight.snapshot);
    if (!entry.joined_at) note_joined(entry, member.node->created_at);
    entry.notready_since = since;
}

void observe_awaited(Memory& memory, const Member& member, const Sight& sight) {
    auto& entry = memory.instances[member.instance->id];
    entry.unwatched = unwatched(sight.snapshot, entry, sight.join_timeout);
    if (!entry.first_seen_at) entry.first_seen_at = sight.snapshot.now;
}

void observe_member(Memory& memory, const Member& member, const Sight& sight) {
    if (member.stage == Stage::ready) {
        observe_ready(memory, member, sight.snapshot.now);
        observe_opening(memory, member, sight);
    } else if (member.stage == Stage::notready) {
        observe_notready(memory, member, sight);
    } else {
        observe_awaited(memory, member, sight);
    }
}

/// Its removal may be held, or was written by someone else: that it joined, and is Ready, must not
/// be forgotten.
void observe_leaving(Memory& memory, const Member& member, Time now) {
    if (member.node == nullptr || !member.node->ready) return;
    auto& entry = memory.instances[member.instance->id];
    entry.notready_since.reset();
    if (!entry.joined_at) note_joined(entry, now);
}

/// One of the Nodes may be its own, and Ready: that it was not Ready before proves nothing now.
/// Which one it is shows the name alone, also once the others are gone.
void observe_disputed(Memory& memory, const Member& member, Time now) {
    if (member.stage != Stage::ready) return;
    auto& entry = memory.instances[member.instance->id];
    entry.notready_since.reset();
    if (!entry.joined_at) note_joined(entry, now);
    if (member.disputed_by.size() > 1) entry.only_by_name = true;
}

void observe_server(Memory& memory, const TaggedServer& server, const Snapshot& snapshot,
                    bool saw_nodes) {
    const auto& [instance, node] = server;
    if (node != nullptr && is_proven_server(*node, *instance)) {
        memory.instances[instance->id].server_seen_at = snapshot.now;
        return;
    }
    const auto known = memory.instances.find(instance->id);
    if (!saw_nodes || known == memory.instances.end()) return;
    auto& seen_at = known->second.server_seen_at;
    if (seen_at && snapshot.now - *seen_at > server_remembered_for) seen_at.reset();
}

void observe_instances(Memory& memory, const Snapshot& snapshot, const Membership& members,
                       const Policy& policy) {
    const Sight sight{snapshot, policy.scale_up.join_timeout};
    const bool saw_nodes = sight.nodes_known() && !members.nodes_are_partial();
    for (const auto& member : members.members) {
        const bool is_told = saw_nodes || (sight.nodes_known() && member.node != nullptr);
        if (!member.disputed_by.empty() && is_alive(member.stage)) {
            observe_disputed(memory, member, snapshot.now);
            continue;
        }
        if (!is_told || !member.disputed_by.empty()) continue;
        if (is_alive(member.stage)) {
            observe_member(memory, member, sight);
        } else if (member.stage == Stage::leaving) {
            observe_leaving(memory, member, snapshot.now);
        }
    }
    for (const auto& server : members.servers) observe_server(memory, server, snapshot, saw_nodes);
    if (saw_nodes) memory.nodes_seen_at = snapshot.now;
    std::vector<std::string_view> running;
    for (const auto& instance : snapshot.fleet.value()) {
        if (runs(instance)) running.push_back(instance.id);
    }
    std::ranges::sort(running);
    std::erase_if(memory.instances, [&](const auto& entry) {
        return !std::ranges::binary_search(running, entry.first);
    });
}

bool is_of_last_hour(Time at, Time now) { return now - at < launches_remembered_for; }

void observe_load(Memory& memory, const Snapshot& snapshot, const Policy& policy) {
    const auto& cpu = snapshot.signals.cpu;
    const bool low = cpu.known() && cpu.value().percent < policy.scale_down.cpu_below_percent;
    memory.low_since.reset();
    memory.low_seen_at.reset();
    if (!low) return;
    memory.low_since = low_since(snapshot, policy);
    memory.low_seen_at = snapshot.now;
}

}  // namespace

bool is_settling(const Member& member, const Snapshot& snapshot) {
    if (member.stage != Stage::ready) return false;
    const auto& known = memory_of(member);
    const auto joined_at = known.joined_at.value_or(snapshot.now);
    const auto since = std::max(joined_at, known.opens_at.value_or(joined_at));
    return snapshot.now - since < settled_after;
}

bool is_closed(const Member& member) {
    if (member.node == nullptr || member.node->schedulable) return false;
    const auto& taints = member.node->taints;
    if (taints.empty() || member.pool == nullptr) return true;  // cordoned
    return std::any_of(taints.begin(), taints.end(), [&](const std::string& taint) {
        return std::ranges::count(member.pool->taints, taint) == 0;
    });
}

Time notready_since(const Member& member, const Snapshot& snapshot) {
    const auto& seen_at = snapshot.memory.nodes_seen_at;
    const bool gap = !seen_at || snapshot.now - *seen_at > shortest_gap;
    return gap ? snapshot.now : memory_of(member).notready_since.value_or(snapshot.now);
}

Time low_since(const Snapshot& snapshot, const Policy& policy) {
    const auto& memory = snapshot.memory;
    if (!memory.low_since || !memory.low_seen_at) return snapshot.now;
    const auto longest_gap = std::max(shortest_gap, 2 * policy.scale_down.unneeded_for);
    const bool gap = snapshot.now - *memory.low_seen_at > longest_gap;
    return gap ? snapshot.now : *memory.low_since;
}

Milliseconds doubled(Milliseconds first, int times, Milliseconds longest) {
    auto span = first;
    for (int i = 0; i < times && span.count() > 0 && span < longest; ++i) span *= 2;
    return std::min(span, longest);
}

Milliseconds cooldown_length(const Memory& memory, const Policy& policy) {
    const auto base = policy.scale_down.cooldown;
    return doubled(base, memory.cooldown_doublings, std::max(base, longest_cooldown));
}

Memory observe(const Snapshot& snapshot, const Membership& members, const Policy& policy) {
    Memory memory = snapshot.memory;
    if (snapshot.fleet.known()) observe_instances(memory, snapshot, members, policy);
    observe_load(memory, snapshot, policy);
    std::erase_if(memory.launches, [&](Time at) { return !is_of_last_hour(at, snapshot.now); });
    std::erase_if(memory.resting, [&](const RestingOffer& resting) {
        return snapshot.now - resting.until > longest_rest;
    });
    return memory;
}

// NOLINTNEXTLINE(readability-function-size): whose memory, what, when, and two words on why
void rest_offer(Memory& memory, const Offer& offer, Time now, std::string cause, bool not_sold) {
    auto found = std::find_if(memory.resting.begin(), memory.resting.end(),
                              [&](const RestingOffer& resting) { return resting.offer == offer; });
    if (found == memory.resting.end()) {
        memory.resting.push_back({offer, now, 0, {}});
        found = std::prev(memory.resting.end());
    }
    found->cause = std::move(cause);
    if (found->until > now && !not_sold) return;
    found->until =
        now + (not_sold ? rest_if_not_sold : doubled(first_rest, found->failures, longest_rest));
    ++found->failures;
}

void give_up(Memory& memory, const std::string& instance_id, const Offer& offer, Time now) {
    const bool again = std::exchange(memory.instances[instance_id].given_up, true);
    if (!again) rest_offer(memory, offer, now, "did not join in time", false);
}

void note_refused_removal(Memory& memory, const std::string& instance_id, Time now) {
    memory.instances[instance_id].refused_until = now + refusal_lasts;
}

std::optional<Milliseconds> refused_for(const Memory& memory, const std::string& instance_id,
                                        Time now) {
    const auto* known = remembered(memory, instance_id);
    if (known == nullptr || !known->refused_until || *known->refused_until <= now) {
        return std::nullopt;
    }
    return *known->refused_until - now;
}

bool is_resting(const Memory& memory, const Offer& offer, Time now) {
    return std::any_of(memory.resting.begin(), memory.resting.end(), [&](const RestingOffer& each) {
        return each.offer == offer && each.until > now;
    });
}

int launches_of_last_hour(const Memory& memory, Time now) {
    return static_cast<int>(std::count_if(memory.launches.begin(), memory.launches.end(),
                                          [&](Time at) { return is_of_last_hour(at, now); }));
}

void note_launch(Memory& memory, Time now) { memory.launches.push_back(now); }

void note_removal(Memory& memory, Time now) {
    if (memory.last_removal_at == now) return;  // another of the same decision
    if (!memory.removal_regretted) memory.cooldown_doublings = 0;
    memory.removal_regretted = false;
    memory.last_removal_at = now;
}

void note_repair(Memory& memory, Time now) {
    memory.last_removal_at = now;
    memory.removal_regretted = true;
}

void forget_removal(Memory& memory, const Memory& before) {
    memory.last_removal_at = before.last_removal_at;
    memory.cooldown_doublings = before.cooldown_doublings;
    memory.removal_regretted = before.removal_regretted;
}

void note_shortage(Memory& memory, Time now) {
    const bool soon = memory.last_removal_at && now - *memory.last_removal_at <= regret_within;
    if (!soon || memory.removal_regretted) return;
    memory.removal_regretted = true;
    ++memory.cooldown_doublings;
}

}  // namespace nodenap
