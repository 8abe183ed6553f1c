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
constexpr Milliseconds first_backoff = 3min;
constexpr Milliseconds longest_backoff = 30min;
constexpr Milliseconds backoff_if_not_sold = 24h;
constexpr Milliseconds longest_cooldown = 1h;
constexpr Milliseconds launches_remembered_for = 1h + 5min;
constexpr Milliseconds refusal_lasts = 30min;
constexpr Milliseconds premature_within = 10min;

/// What a pass saw, and how long an instance is waited for.
struct Observation {
    const Snapshot& snapshot;
    Milliseconds join_timeout;

    bool nodes_known() const { return snapshot.signals.nodes.known(); }
};

void note_registered(RememberedInstance& entry, Time at) {
    entry.registered_at = at;
    entry.first_seen_at.reset();
    entry.unwatched = Milliseconds{0};
    entry.registration_failed = false;
}

void observe_ready(Memory& memory, const Member& member, Time now) {
    auto& entry = memory.instances[member.instance->id];
    entry.notready_since.reset();
    if (!entry.only_by_name) entry.only_by_name = member.node->name == member.instance->id;
    if (entry.registered_at) return;
    note_registered(entry, now);
    memory.last_ready_at = now;
}

void observe_opening(Memory& memory, const Member& member, const Observation& observed) {
    auto& entry = memory.instances[member.instance->id];
    const auto now = observed.snapshot.now;
    if (!is_closed(member)) {
        if (entry.opens_at && *entry.opens_at > now) entry.opens_at = now;
    } else if (now - *entry.registered_at < settled_after || entry.opens_at) {
        entry.opens_at =
            std::max(*entry.registered_at + observed.join_timeout, entry.opens_at.value_or(Time{}));
    }
}

void observe_notready(Memory& memory, const Member& member, const Observation& observed) {
    auto& entry = memory.instances[member.instance->id];
    const auto since = notready_since(member, observed.snapshot);
    if (!entry.registered_at) note_registered(entry, member.node->created_at);
    entry.notready_since = since;
}

void observe_awaited(Memory& memory, const Member& member, const Observation& observed) {
    auto& entry = memory.instances[member.instance->id];
    entry.unwatched = unwatched(observed.snapshot, entry, observed.join_timeout);
    if (!entry.first_seen_at) entry.first_seen_at = observed.snapshot.now;
}

void observe_member(Memory& memory, const Member& member, const Observation& observed) {
    if (member.stage == Stage::ready) {
        observe_ready(memory, member, observed.snapshot.now);
        observe_opening(memory, member, observed);
    } else if (member.stage == Stage::notready) {
        observe_notready(memory, member, observed);
    } else {
        observe_awaited(memory, member, observed);
    }
}

/// Its removal may be held, or was written by someone else: that it joined, and is Ready, must not
/// be forgotten.
void observe_terminating(Memory& memory, const Member& member, Time now) {
    if (member.node == nullptr || !member.node->ready) return;
    auto& entry = memory.instances[member.instance->id];
    entry.notready_since.reset();
    if (!entry.registered_at) note_registered(entry, now);
}

/// One of the Nodes may be its own, and Ready: that it was not Ready before proves nothing now.
/// Which one it is shows the name alone, also once the others are gone.
void observe_disputed(Memory& memory, const Member& member, Time now) {
    if (member.stage != Stage::ready) return;
    auto& entry = memory.instances[member.instance->id];
    entry.notready_since.reset();
    if (!entry.registered_at) note_registered(entry, now);
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
    const Observation observed{snapshot, policy.scale_up.join_timeout};
    const bool saw_nodes = observed.nodes_known() && !members.nodes_are_partial();
    for (const auto& member : members.members) {
        const bool is_told = saw_nodes || (observed.nodes_known() && member.node != nullptr);
        if (!member.disputed_by.empty() && is_alive(member.stage)) {
            observe_disputed(memory, member, snapshot.now);
            continue;
        }
        if (!is_told || !member.disputed_by.empty()) continue;
        if (is_alive(member.stage)) {
            observe_member(memory, member, observed);
        } else if (member.stage == Stage::terminating) {
            observe_terminating(memory, member, snapshot.now);
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
    const auto registered_at = known.registered_at.value_or(snapshot.now);
    const auto since = std::max(registered_at, known.opens_at.value_or(registered_at));
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
    std::erase_if(memory.unavailable_offerings, [&](const UnavailableOffering& unavailable) {
        return snapshot.now - unavailable.until > longest_backoff;
    });
    return memory;
}

// NOLINTNEXTLINE(readability-function-size): whose memory, what, when, and two words on why
void back_off(Memory& memory, const Offering& offering, Time now, std::string cause,
              bool not_sold) {
    auto found = std::find_if(
        memory.unavailable_offerings.begin(), memory.unavailable_offerings.end(),
        [&](const UnavailableOffering& unavailable) { return unavailable.offering == offering; });
    if (found == memory.unavailable_offerings.end()) {
        memory.unavailable_offerings.push_back({offering, now, 0, {}});
        found = std::prev(memory.unavailable_offerings.end());
    }
    found->cause = std::move(cause);
    if (found->until > now && !not_sold) return;
    found->until = now + (not_sold ? backoff_if_not_sold
                                   : doubled(first_backoff, found->failures, longest_backoff));
    ++found->failures;
}

void note_registration_failure(Memory& memory, const std::string& instance_id,
                               const Offering& offering, Time now) {
    const bool again = std::exchange(memory.instances[instance_id].registration_failed, true);
    if (!again) back_off(memory, offering, now, "not registered in time", false);
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

bool is_in_backoff(const Memory& memory, const Offering& offering, Time now) {
    return std::any_of(memory.unavailable_offerings.begin(), memory.unavailable_offerings.end(),
                       [&](const UnavailableOffering& each) {
                           return each.offering == offering && each.until > now;
                       });
}

int launches_of_last_hour(const Memory& memory, Time now) {
    return static_cast<int>(std::count_if(memory.launches.begin(), memory.launches.end(),
                                          [&](Time at) { return is_of_last_hour(at, now); }));
}

void note_launch(Memory& memory, Time now) { memory.launches.push_back(now); }

void note_removal(Memory& memory, Time now) {
    if (memory.last_removal_at == now) return;  // another of the same decision
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
