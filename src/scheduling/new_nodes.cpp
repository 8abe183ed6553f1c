#include "scheduling/new_nodes.hpp"

#include "scheduling/node_affinity.hpp"
#include "scheduling/ports.hpp"
#include "scheduling/taints.hpp"

namespace nodenap {

namespace {

NodeView view_of(const NewNodeKind& kind) {
    NodeView node;
    node.node = &kind.node;
    for (const auto& pod : kind.daemons) {
        const auto& ports = pod.rules.host_ports;
        node.ports.insert(node.ports.end(), ports.begin(), ports.end());
    }
    return node;
}

std::optional<FilterRefusal> volume_refusal(const ClusterView& view, const Pod& pod,
                                            const NodeView& node) {
    if (pod.rules.volumes.empty()) return std::nullopt;
    const VolumeRules volumes(view, pod);
    if (auto why = volumes.restriction_refusal(node))
        return FilterRefusal{Filter::volume_restrictions, *std::move(why)};
    if (auto why = VolumeBindingRules(view, pod).refusal(node))
        return FilterRefusal{Filter::volume_binding, *std::move(why)};
    if (auto why = volumes.zone_refusal(node))
        return FilterRefusal{Filter::volume_zone, *std::move(why)};
    return std::nullopt;
}

}  // namespace

std::optional<FilterRefusal> kind_refusal(const ClusterView& view, const Pod& pod,
                                          const NewNodeKind& kind) {
    const auto node = view_of(kind);
    if (auto why = cordon_refusal(pod, kind.node))
        return FilterRefusal{Filter::node_unschedulable, *std::move(why)};
    if (auto why = taint_refusal(pod, kind.node))
        return FilterRefusal{Filter::taint_toleration, *std::move(why)};
    if (auto why = node_affinity_refusal(pod, kind.node))
        return FilterRefusal{Filter::node_affinity, *std::move(why)};
    if (auto why = port_refusal(pod, node))
        return FilterRefusal{Filter::node_ports, *std::move(why)};
    if (auto why = volume_refusal(view, pod, node)) return why;
    if (auto why = feature_refusal(pod, kind.node))
        return FilterRefusal{Filter::declared_features, *std::move(why)};
    return std::nullopt;
}

}  // namespace nodenap
