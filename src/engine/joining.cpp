#include "engine/joining.hpp"

#include <chrono>
#include <tuple>

namespace nodenap {
namespace {

using namespace std::chrono_literals;

/// The cluster's clock and EC2's may differ by this much.
constexpr Milliseconds clocks_differ_by = 1min;

enum class Match { none, by_old_address, by_address, by_id };

Match match(const Node& node, const Instance& instance) {
    if (!node.instance_id.empty()) {
        return node.instance_id == instance.id ? Match::by_id : Match::none;
    }
    const bool same_address =
        !node.internal_ip.empty() && node.internal_ip == instance.private_ip;
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

void observe_servers(Memory& memory, const Snapshot& snapshot) {
    for (const auto& instance : snapshot.fleet.value()) {
        const auto* node = node_of(snapshot, instance);
        const bool sure = node != nullptr && match(*node, instance) != Match::by_old_address;
        if (sure && node->server) memory.instances[instance.id].server = true;
    }
}

}  // namespace nodenap
