#include "decide/observe.hpp"

#include "decide/backoff.hpp"
#include "decide/cooldown.hpp"
#include "decide/joining.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>

namespace nodenap {
namespace {

/// The data of a pass, and the join timeout.
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
    } else if (now - *entry.registered_at < settles_for || entry.opens_at) {
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

/// Its removal may be held back, or was recorded by someone else: it must be remembered as
/// registered and Ready.
void observe_terminating(Memory& memory, const Member& member, Time now) {
    if (member.node == nullptr || !member.node->ready) return;
    auto& entry = memory.instances[member.instance->id];
    entry.notready_since.reset();
    if (!entry.registered_at) note_registered(entry, now);
}

/// One of the Nodes may be its own, and Ready: that it was not Ready before no longer counts. Only
/// the name shows which one it is, also after the others have disappeared.
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

Memory observe(const Snapshot& snapshot, const Membership& members, const Policy& policy) {
    Memory memory = snapshot.memory;
    if (snapshot.fleet.known()) observe_instances(memory, snapshot, members, policy);
    observe_load(memory, snapshot, policy);
    forget_old_launches(memory, snapshot.now);
    forget_old_backoffs(memory, snapshot.now);
    return memory;
}

}  // namespace nodenap
