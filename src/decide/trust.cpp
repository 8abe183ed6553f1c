#include "decide/trust.hpp"

#include "decide/explain.hpp"
#include "decide/joining.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace nodenap {
namespace {

using namespace std::chrono_literals;

/// Longer than the interval of kube-state-metrics' scrapes.
constexpr Milliseconds hidden_for = 1min;
/// A restarted kube-state-metrics lists volumes a while after nodes.
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

using Names = std::unordered_set<std::string_view>;

RememberedVolume* find_volume(RememberedInstance& entry, const std::string& name) {
    const auto found = std::ranges::find(entry.volumes, name, &RememberedVolume::name);
    return found == entry.volumes.end() ? nullptr : &*found;
}

/// Only observations with volume data show that a volume is not bound: after a gap in their series
/// the time starts again.
void note_unbound(RememberedInstance& entry, const Snapshot& snapshot, const Names& bound) {
    const bool seen = snapshot.signals.nodes.known() && snapshot.signals.volumes_reported;
    for (auto& volume : entry.volumes) {
        if (bound.contains(volume.name) || !seen) {
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
    Names bound;
    for (const auto& volume : snapshot.signals.volumes) bound.insert(volume.name);
    for (const auto& member : members.members) {
        const auto entry = memory.instances.find(member.instance->id);
        if (entry == memory.instances.end()) continue;
        for (const auto* volume : member.volumes) {
            if (find_volume(entry->second, volume->name) != nullptr) continue;
            entry->second.volumes.push_back({volume->name, volume->claim, std::nullopt});
        }
        note_unbound(entry->second, snapshot, bound);
    }
}

/// The oldest instance without a Node; null if there is none. A Node that is too old to be this
/// one's cannot be a younger one's either.
const Instance* first_awaited(const Membership& members) {
    const auto found = std::ranges::find_if(members.members, [](const Member& member) {
        const bool waits = member.stage == Stage::booting || member.stage == Stage::not_registered;
        return waits && member.node == nullptr;
    });
    return found == members.members.end() ? nullptr : found->instance;
}

bool was_ready(const Node& node, const Memory& memory) {
    return node.ready || memory.unmatched_nodes.contains(node.name);
}

/// Only a Node that was deleted, or that now matches, is forgotten: a missed heartbeat proves
/// nothing.
void observe_unmatched(Memory& memory, const Membership& members) {
    std::set<std::string> unmatched;
    const auto* awaited = first_awaited(members);
    for (const auto* node : members.unmatched_nodes) {
        if (awaited == nullptr || !was_ready(*node, memory)) continue;
        if (may_be_node_of(*node, *awaited)) unmatched.insert(node->name);
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

bool hides_pods(const Snapshot& snapshot) {
    const auto& nodes = snapshot.signals.nodes.value();
    return std::ranges::any_of(nodes, [](const Node& node) { return node.hidden_pods > 0; });
}

std::optional<std::string> unmatched_node(const Membership& members, const Snapshot& snapshot) {
    const auto* instance = first_awaited(members);
    for (const auto* node : members.unmatched_nodes) {
        if (instance == nullptr || !was_ready(*node, snapshot.memory)) continue;
        if (!may_be_node_of(*node, *instance)) continue;
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
    for (const auto* volume : member.volumes) add(volume->name, volume->claim);
    return found;
}

void observe_trust(Memory& memory, const Snapshot& snapshot, const Membership& members) {
    observe_volumes(memory, snapshot, members);
    if (!snapshot.signals.nodes.known()) return;
    observe_hidden_pods(memory, snapshot);
    observe_unmatched(memory, members);
}

}  // namespace nodenap
