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

/// How surely the Node, which names the instance or has its address, is the instance's.
Match match(const Node& node, const Instance& instance) {
    if (!node.instance_id.empty()) return Match::by_id;
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

NodeFinder::NodeFinder(const Snapshot& snapshot) {
    if (!snapshot.signals.nodes.known()) return;
    const auto& nodes = snapshot.signals.nodes.value();
    by_id_.reserve(nodes.size());
    for (const auto& node : nodes) {
        if (!node.instance_id.empty()) {
            by_id_.emplace_back(node.instance_id, &node);
        } else if (!node.internal_ip.empty()) {
            by_address_.emplace_back(node.internal_ip, &node);
        }
    }
    std::ranges::sort(by_id_, {}, &Index::value_type::first);
    std::ranges::sort(by_address_, {}, &Index::value_type::first);
}

const Node* NodeFinder::node_of(const Instance& instance) const {
    const Node* best = nullptr;
    const auto look_at = [&](const Index& nodes, std::string_view key) {
        for (auto at = std::ranges::lower_bound(nodes, key, {}, &Index::value_type::first);
             at != nodes.end() && at->first == key; ++at) {
            const Node& node = *at->second;
            if (match(node, instance) == Match::none) continue;
            if (best == nullptr || is_surer(node, *best, instance)) best = &node;
        }
    };
    look_at(by_id_, instance.id);
    if (best == nullptr) look_at(by_address_, instance.private_ip);
    return best;
}

bool is_server(const RememberedInstance* known, const Node* node) {
    return (known != nullptr && known->server) || (node != nullptr && node->server);
}

bool is_proven_server(const Node& node, const Instance& instance) {
    return node.server && match(node, instance) != Match::by_old_address;
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

bool is_overdue(const Snapshot& snapshot, const Instance& instance, const RememberedInstance* known,
                Milliseconds join_timeout) {
    if (known == nullptr || !known->first_seen_at) return false;
    const auto watched =
        snapshot.now - *known->first_seen_at - unwatched(snapshot, *known, join_timeout);
    // A launch that EC2 does not list yet counts as launched now.
    return std::min(watched, snapshot.now - instance.launched_at) > join_timeout;
}

bool has_a_past(const Instance& instance, const RememberedInstance* known, Time now,
                Milliseconds join_timeout) {
    if (known != nullptr && known->joined_at) return true;
    const auto watched_from = known == nullptr ? now : known->first_seen_at.value_or(now);
    return watched_from - instance.launched_at > join_timeout;
}

}  // namespace nodenap
