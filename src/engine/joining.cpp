#include "engine/joining.hpp"

#include <algorithm>
#include <chrono>
#include <tuple>

namespace nodenap {
namespace {

using namespace std::chrono_literals;

/// The cluster's clock and EC2's may differ by this much.
constexpr Milliseconds clocks_differ_by = 1min;
/// A pass every two minutes watches without a gap.
constexpr Milliseconds shortest_gap = 3min;

enum class Match { none, by_old_address, by_address, by_id };

Match match(const Node& node, const Instance& instance) {
    if (!node.instance_id.empty()) {
        return node.instance_id == instance.id ? Match::by_id : Match::none;
    }
    const bool same_address = !node.internal_ip.empty() && node.internal_ip == instance.private_ip;
    if (!same_address) return Match::none;
    const bool came_after = node.created_at >= instance.launched_at - clocks_differ_by;
    if (node.ready || came_after) return Match::by_address;
    return node.server ? Match::by_old_address : Match::none;
}

bool is_surer(const Node& a, const Node& b, const Instance& instance) {
    return std::tuple(match(a, instance), a.ready, a.created_at, a.name) >
           std::tuple(match(b, instance), b.ready, b.created_at, b.name);
}

}  // namespace

const RememberedInstance* remembered(const Memory& memory, const std::string& id) {
    const auto found = memory.instances.find(id);
    return found == memory.instances.end() ? nullptr : &found->second;
}

const Node* node_of(const Snapshot& snapshot, const Instance& instance) {
    if (!snapshot.signals.nodes.known()) return nullptr;
    const Node* best = nullptr;
    for (const auto& node : snapshot.signals.nodes.value()) {
        if (match(node, instance) == Match::none) continue;
        if (best == nullptr || is_surer(node, *best, instance)) best = &node;
    }
    return best;
}

bool is_server(const Snapshot& snapshot, const Instance& instance) {
    const auto* known = remembered(snapshot.memory, instance.id);
    if (known != nullptr && known->server) return true;
    const auto* node = node_of(snapshot, instance);
    return node != nullptr && node->server;
}

Milliseconds longest_watch(Milliseconds join_timeout) {
    return std::max(shortest_gap, join_timeout / 2);
}

Milliseconds unwatched(const Snapshot& snapshot, const RememberedInstance& known,
                       Milliseconds join_timeout) {
    if (!known.first_seen_at) return known.unwatched;
    const auto last_sight = snapshot.memory.nodes_seen_at.value_or(*known.first_seen_at);
    const auto watched_until =
        std::max(last_sight, *known.first_seen_at) + longest_watch(join_timeout);
    return known.unwatched + std::max(Milliseconds{0}, snapshot.now - watched_until);
}

bool is_overdue(const Snapshot& snapshot, const Instance& instance, Milliseconds join_timeout) {
    const auto* known = remembered(snapshot.memory, instance.id);
    if (known == nullptr || !known->first_seen_at) return false;
    const auto watched =
        snapshot.now - *known->first_seen_at - unwatched(snapshot, *known, join_timeout);
    // A launch that EC2 does not list yet counts as launched now.
    return std::min(watched, snapshot.now - instance.launched_at) > join_timeout;
}

bool has_a_past(const Snapshot& snapshot, const Instance& instance, Milliseconds join_timeout) {
    const auto* known = remembered(snapshot.memory, instance.id);
    if (known != nullptr && known->joined_at) return true;
    const auto watched_from =
        known == nullptr ? snapshot.now : known->first_seen_at.value_or(snapshot.now);
    return watched_from - instance.launched_at > join_timeout;
}

void observe_servers(Memory& memory, const Snapshot& snapshot) {
    for (const auto& instance : snapshot.fleet.value()) {
        const auto* node = node_of(snapshot, instance);
        const bool sure = node != nullptr && match(*node, instance) != Match::by_old_address;
        if (sure && node->server) memory.instances[instance.id].server = true;
    }
}

}  // namespace nodenap
