#include "scheduling/drain_simulation.hpp"

#include "scheduling/fit.hpp"

#include <algorithm>
#include <utility>

namespace nodenap {

namespace {

/// What takes more comes first: it has fewer places to go.
bool is_larger(const Pod* a, const Pod* b) {
    const auto size = [](const Pod& pod) {
        return std::pair(pod.taken().cpu.value, pod.taken().memory.value);
    };
    return size(*a) > size(*b);
}

/// A first look, before the filters are asked.
bool has_room(const NodeView& node, const Pod& pod) {
    const auto& has = node.node->allocatable;
    return node.pods < node.node->allocatable_pods &&
           pod.requests.cpu.value <= has.cpu.value - node.requested.cpu.value &&
           pod.requests.memory.value <= has.memory.value - node.requested.memory.value;
}

/// The cordon is a taint, too: constraints that honor taints leave the node out.
ClusterNode cordoned(ClusterNode node) {
    node.unschedulable = true;
    node.taints.push_back({"node.kubernetes.io/unschedulable", "", TaintEffect::no_schedule});
    return node;
}

}  // namespace

bool stays_with_node(const Pod& pod) {
    return pod.ended() || pod.deleted_at || pod.mirror ||
           (pod.controller && pod.controller->kind == "DaemonSet");
}

DrainSimulation::DrainSimulation(const ClusterState& state, std::vector<std::size_t> homes)
    : cordoned_(world_of(state, false)),
      gone_(world_of(state, true)),
      homes_(std::move(homes)),
      leaving_(state.nodes.size(), 0) {}

DrainSimulation::World DrainSimulation::world_of(const ClusterState& state, bool gone) {
    World world{ClusterView(state), {}, {}, {}, nullptr, gone};
    world.moving.resize(state.nodes.size());
    world.staying.resize(state.nodes.size());
    for (const auto& pod : state.pods) {
        const auto node = world.view.find_node(pod.node);
        if (!node || pod.ended()) continue;
        (stays_with_node(pod) ? world.staying : world.moving)[*node].push_back(&pod);
    }
    return world;
}

const std::vector<const Pod*>& DrainSimulation::pods_of(std::size_t node) const {
    return cordoned_.moving[node];
}

std::optional<std::string> DrainSimulation::drain(std::size_t node) {
    leaving_[node] = 1;
    last_ = node;
    cordoned_nodes_.push_back(cordoned(*cordoned_.view.nodes()[node].node));
    auto blocker = drain(cordoned_, node);
    if (blocker) {
        leaving_[node] = 0;
        return blocker;
    }
    blocker = drain(gone_, node);
    if (!blocker) return std::nullopt;
    undo(cordoned_, node);
    leaving_[node] = 0;
    return *blocker + " (once the node is gone)";
}

void DrainSimulation::undo() {
    undo(cordoned_, last_);
    undo(gone_, last_);
    leaving_[last_] = 0;
}

/// A node that is gone takes all its pods along before the first is placed again; one that is
/// cordoned still has those that were not moved yet.
std::optional<std::string> DrainSimulation::drain(World& world, std::size_t node) {
    world.moves.clear();
    world.before = world.view.nodes()[node].node;
    auto pods = world.moving[node];
    std::ranges::stable_sort(pods, is_larger);
    if (world.gone) {
        for (const auto* pod : pods) world.view.remove(*pod, node);
        for (const auto* pod : world.staying[node]) world.view.remove(*pod, node);
        world.view.replace_node(node, no_node_);
    } else {
        world.view.replace_node(node, cordoned_nodes_.back());
    }
    for (const auto* pod : pods) {
        if (!world.gone) world.view.remove(*pod, node);
        if (auto blocker = move(world, *pod, node)) {
            if (!world.gone) world.view.place(*pod, node);
            undo(world, node);
            return blocker;
        }
    }
    world.moving[node].clear();
    return std::nullopt;
}

std::optional<std::string> DrainSimulation::move(World& world, const Pod& pod, std::size_t from) {
    std::optional<PodFit> fit;
    std::optional<FilterRefusal> nearest;
    for (const auto home : homes_) {
        if (home == from || leaving_[home] != 0) continue;
        if (nearest && !has_room(world.view.nodes()[home], pod)) continue;
        if (!fit) fit.emplace(world.view, pod);
        auto refusal = fit->refusal(home);
        if (!refusal) {
            world.view.place(pod, home);
            world.moving[home].push_back(&pod);
            world.moves.push_back({&pod, home});
            return std::nullopt;
        }
        if (!nearest || refusal->filter > nearest->filter) nearest = std::move(refusal);
    }
    return "pod " + pod.namespace_name + "/" + pod.name + " fits on no other node" +
           (nearest ? ": " + nearest->reason : "");
}

/// Also of a drain that stopped half-way: pods that were not moved are in `moving` still.
void DrainSimulation::undo(World& world, std::size_t node) {
    world.view.replace_node(node, *world.before);
    auto& own = world.moving[node];
    const bool whole = own.empty();
    for (auto move = world.moves.rbegin(); move != world.moves.rend(); ++move) {
        world.view.remove(*move->pod, move->to);
        world.moving[move->to].pop_back();
        if (whole) own.push_back(move->pod);
        if (!world.gone) world.view.place(*move->pod, node);
    }
    if (whole) std::ranges::reverse(own);
    world.moves.clear();
    if (!world.gone) return;
    for (const auto* pod : own) world.view.place(*pod, node);
    for (const auto* pod : world.staying[node]) world.view.place(*pod, node);
}

}  // namespace nodenap
