#include "engine/trust.hpp"

#include "engine/explain.hpp"
#include "engine/joining.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

namespace nodenap {
namespace {

using namespace std::chrono_literals;

/// Longer than two scrapes of kube-state-metrics are apart.
constexpr Milliseconds hidden_for = 1min;
/// A kube-state-metrics that has just started lists its volumes a while after its nodes.
constexpr Milliseconds unbound_for = 10min;

void observe_hidden_pods(Memory& memory, const Snapshot& snapshot) {
    std::map<std::string, Time> hidden;
    for (const auto& node : snapshot.signals.nodes.value()) {
        if (node.hidden_pods == 0) continue;
        const auto known = memory.hidden_since.find(node.name);
        hidden[node.name] = known == memory.hidden_since.end() ? snapshot.now : known->second;
    }
    memory.hidden_since = std::move(hidden);
}

RememberedVolume* find_volume(RememberedInstance& entry, const std::string& name) {
    const auto found = std::ranges::find(entry.volumes, name, &RememberedVolume::name);
    return found == entry.volumes.end() ? nullptr : &*found;
}

/// Only a look at the volumes shows that one is not bound: a gap of their series does not count,
/// and the time begins anew after it.
void note_unbound(RememberedInstance& entry, const Snapshot& snapshot) {
    const auto& bound = snapshot.signals.volumes;
    const bool seen = snapshot.signals.nodes.known() && snapshot.signals.volumes_reported;
    for (auto& volume : entry.volumes) {
        const bool is_bound =
            std::ranges::find(bound, volume.name, &LocalVolume::name) != bound.end();
        if (is_bound || !seen) {
            volume.unbound_since.reset();
        } else if (!volume.unbound_since) {
            volume.unbound_since = snapshot.now;
        }
    }
    std::erase_if(entry.volumes, [&](const RememberedVolume& volume) {
        return volume.unbound_since && snapshot.now - *volume.unbound_since > unbound_for;
    });
}

void observe_volumes(Memory& memory, const Snapshot& snapshot, const Membership& members) {
    for (const auto& member : members.members) {
        const auto entry = memory.instances.find(member.instance->id);
        if (entry == memory.instances.end()) continue;
        for (const auto& volume : snapshot.signals.volumes) {
            const bool is_here = member.node != nullptr && volume.node == member.node->name;
            if (!is_here || find_volume(entry->second, volume.name) != nullptr) continue;
            entry->second.volumes.push_back({volume.name, volume.claim, std::nullopt});
        }
        note_unbound(entry->second, snapshot);
    }
}

/// The instance that waits for its Node and may be this Node's; null if there is none.
const Instance* awaited_instance_of(const Node& node, const Membership& members) {
    for (const auto& member : members.members) {
        const bool waits = member.stage == Stage::booting || member.stage == Stage::late;
        if (!waits || member.node != nullptr) continue;
        if (may_be_node_of(node, *member.instance)) return member.instance;
    }
    return nullptr;
}

bool was_ready(const Node& node, const Memory& memory) {
    return node.ready || memory.unmatched_nodes.contains(node.name);
}

/// Only a Node that is gone, or that matches, is forgotten: a missed heartbeat proves nothing.
void observe_unmatched(Memory& memory, const Membership& members) {
    std::set<std::string> unmatched;
    for (const auto* node : members.unmatched_nodes) {
        if (!was_ready(*node, memory)) continue;
        if (awaited_instance_of(*node, members) != nullptr) unmatched.insert(node->name);
    }
    if (members.nodes_are_partial()) unmatched.merge(memory.unmatched_nodes);
    memory.unmatched_nodes = std::move(unmatched);
}

}  // namespace

std::optional<std::string> hidden_pods(const Snapshot& snapshot) {
    if (!snapshot.signals.nodes.known()) return std::nullopt;
    const auto& since = snapshot.memory.hidden_since;
    for (const auto& node : snapshot.signals.nodes.value()) {
        if (node.hidden_pods == 0) continue;
        const auto known = since.find(node.name);
        if (known == since.end() || snapshot.now - known->second < hidden_for) continue;
        return "cAdvisor shows " + counted(node.hidden_pods, "pod") + " on " + node.name +
               " that kube-state-metrics does not list, for " +
               duration_text(snapshot.now - known->second) +
               ": it may be limited to some namespaces, or a shard may be missing";
    }
    return std::nullopt;
}

std::optional<std::string> unmatched_node(const Membership& members, const Snapshot& snapshot) {
    for (const auto* node : members.unmatched_nodes) {
        if (!was_ready(*node, snapshot.memory)) continue;
        const auto* instance = awaited_instance_of(*node, members);
        if (instance == nullptr) continue;
        return "Node " + node->name + (node->ready ? " is Ready" : " was Ready") +
               " and matches no instance, and " + instance->id +
               " has no Node: they may be the same worker";
    }
    return std::nullopt;
}

std::vector<std::string> local_volumes(const Member& member, const Snapshot& snapshot) {
    std::vector<std::string> found;
    const auto add = [&](const std::string& name, const std::string& claim) {
        auto text = name + " of " + claim;
        if (std::ranges::find(found, text) == found.end()) found.push_back(std::move(text));
    };
    if (member.known != nullptr) {
        const auto* doubt =
            snapshot.signals.volumes_reported
                ? ""
                : " (Prometheus reports no PersistentVolume: whether it is still bound is unknown)";
        for (const auto& volume : member.known->volumes) add(volume.name, volume.claim + doubt);
    }
    for (const auto& volume : snapshot.signals.volumes) {
        const bool is_here = member.node != nullptr && volume.node == member.node->name;
        if (is_here) add(volume.name, volume.claim);
    }
    return found;
}

void observe_trust(Memory& memory, const Snapshot& snapshot, const Membership& members) {
    observe_volumes(memory, snapshot, members);
    if (!snapshot.signals.nodes.known()) return;
    observe_hidden_pods(memory, snapshot);
    observe_unmatched(memory, members);
}

}  // namespace nodenap
