#include "decide/node_explanation.hpp"

#include "decide/explain.hpp"
#include "decide/node_template.hpp"
#include "decide/pod_blockers.hpp"
#include "decide/pod_explanation.hpp"
#include "scheduling/fit.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace nodenap {
namespace {

constexpr const char* keep_annotation = "nodenap.dev/keep";
constexpr const char* leaving_taint = "nodenap.dev/leaving";

/// Nothing: it may go. Otherwise the reason.
using Blocker = std::optional<std::string>;

struct Case {
    const ClusterState& state;
    const Policy* policy;
    int workers = 0;
};

bool is_ours(const ClusterNode& node, const Policy* policy) {
    if (is_server(node)) return false;
    return policy == nullptr || node.labels.has(pool_label);
}

bool leaves(const ClusterNode& node) {
    return std::ranges::find(node.taints, leaving_taint, &Taint::key) != node.taints.end();
}

/// What a person decided, or the node's own state.
Blocker node_blocker(const Case& c, const ClusterNode& node) {
    if (is_server(node)) return "is a server: it runs the control plane";
    if (!is_ours(node, c.policy))
        return std::string("is not managed by Nodenap: it has no label ") + pool_label;
    const auto* keep = node.annotations.find(keep_annotation);
    if (keep != nullptr && *keep == "true")
        return std::string("has the annotation ") + keep_annotation + ": \"true\"";
    if (node.deleted_at) return "its Node object is being deleted";
    if (leaves(node)) return "is already being drained";
    if (node.unschedulable) return "is cordoned by someone else";
    if (!is_ready(node)) return "is not Ready";
    if (c.policy == nullptr || c.workers > c.policy->limits.min_nodes) return std::nullopt;
    return counted(c.workers, "worker") +
           ", the minimum (min_nodes = " + std::to_string(c.policy->limits.min_nodes) + ")";
}

std::vector<const Pod*> moving_pods(const ClusterState& state, const std::string& node) {
    std::vector<const Pod*> moving;
    for (const auto& pod : state.pods)
        if (pod.node == node && !stays_with_node(pod)) moving.push_back(&pod);
    return moving;
}

Blocker pod_blocker(const Case& c, const std::vector<const Pod*>& moving) {
    for (const auto* pod : moving)
        if (auto blocker = eviction_blocker(*pod, c.state)) return blocker;
    return std::nullopt;
}

double percent(std::int64_t part, std::int64_t whole) {
    return whole > 0 ? 100 * static_cast<double>(part) / static_cast<double>(whole) : 100;
}

Blocker too_much_requested(const ClusterNode& node, const std::vector<const Pod*>& moving,
                           double threshold) {
    ResourceAmounts asked;
    for (const auto* pod : moving) asked += pod->taken();
    const auto cpu = percent(asked.cpu.value, node.allocatable.cpu.value);
    const auto memory = percent(asked.memory.value, node.allocatable.memory.value);
    const auto most = std::max(cpu, memory);
    if (most < threshold) return std::nullopt;
    return "its pods request " + number_text(most) + "% of its " +
           (cpu >= memory ? "CPU" : "memory") + ", and requested_below_percent is " +
           number_text(threshold);
}

/// What takes more comes first: it has fewer places to go.
bool is_larger(const Pod* a, const Pod* b) {
    const auto size = [](const Pod& pod) {
        return std::pair(pod.taken().cpu.value, pod.taken().memory.value);
    };
    return size(*a) > size(*b);
}

/// Moves a pod to the first node that takes it; the nearest miss where none does.
Blocker move(ClusterView& view, const Pod& pod, std::string_view from) {
    const PodFit fit(view, pod);
    std::optional<FilterRefusal> nearest;
    for (std::size_t i = 0; i < view.nodes().size(); ++i) {
        const auto& node = *view.nodes()[i].node;
        // A booting node is no home yet, and another that leaves is none any more.
        if (node.name == from || !is_ready(node) || leaves(node)) continue;
        auto refusal = fit.refusal(i);
        if (!refusal) {
            view.place(pod, i);
            return std::nullopt;
        }
        if (!nearest || refusal->filter > nearest->filter) nearest = std::move(refusal);
    }
    return "pod " + name_of(pod) + " fits on no other node" +
           (nearest ? ": " + nearest->reason : "");
}

Blocker move_all(const ClusterState& state, std::vector<const Pod*> moving,
                 const std::string& from) {
    ClusterView view(state);
    std::ranges::stable_sort(moving, is_larger);
    const auto node = view.find_node(from);
    for (const auto* pod : moving) {
        if (node) view.remove(*pod, *node);
        if (auto blocker = move(view, *pod, from)) return blocker;
    }
    return std::nullopt;
}

/// The cordon is a taint, too: constraints that honor taints leave the node out.
ClusterState with_cordoned(ClusterState state, const std::string& name) {
    auto& node = *std::ranges::find(state.nodes, name, &ClusterNode::name);
    node.unschedulable = true;
    node.taints.push_back({"node.kubernetes.io/unschedulable", "", TaintEffect::no_schedule});
    return state;
}

ClusterState without(ClusterState state, const std::string& name) {
    std::erase_if(state.nodes, [&](const ClusterNode& node) { return node.name == name; });
    std::erase_if(state.pods, [&](const Pod& pod) { return pod.node == name; });
    return state;
}

Blocker fits_nowhere_else(const Case& c, const std::vector<const Pod*>& moving,
                          const std::string& name) {
    const auto cordoned = with_cordoned(c.state, name);
    if (auto blocker = move_all(cordoned, moving_pods(cordoned, name), name)) return blocker;
    const auto gone = without(c.state, name);
    if (auto blocker = move_all(gone, moving, name)) return *blocker + " (once the node is gone)";
    return std::nullopt;
}

NodeExplanation explain(const Case& c, const ClusterNode& node) {
    NodeExplanation told{node.name, is_ours(node, c.policy), false, {}};
    const auto moving = moving_pods(c.state, node.name);
    auto blocker = node_blocker(c, node);
    if (!blocker && moving.empty()) {
        told.removable = true;
        told.reason = "runs nothing but DaemonSet pods";
        return told;
    }
    if (!blocker) blocker = pod_blocker(c, moving);
    if (!blocker && c.policy != nullptr) {
        blocker = too_much_requested(node, moving, c.policy->scale_down.requested_below_percent);
    }
    if (!blocker) blocker = fits_nowhere_else(c, moving, node.name);
    told.removable = !blocker;
    const auto fit = moving.size() == 1 ? " fits on other nodes" : " fit on other nodes";
    told.reason = blocker ? *blocker : counted(std::ssize(moving), "pod") + fit;
    return told;
}

}  // namespace

std::vector<NodeExplanation> explain_nodes(const ClusterState& state, const Policy* policy) {
    Case c{state, policy};
    for (const auto& node : state.nodes) c.workers += is_ours(node, policy) ? 1 : 0;
    std::vector<NodeExplanation> told;
    for (const auto& node : state.nodes) told.push_back(explain(c, node));
    return told;
}

}  // namespace nodenap
