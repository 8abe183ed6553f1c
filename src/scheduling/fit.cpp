#include "scheduling/fit.hpp"

#include "scheduling/node_affinity.hpp"
#include "scheduling/ports.hpp"
#include "scheduling/resources.hpp"
#include "scheduling/taints.hpp"
#include "scheduling/volume_limits.hpp"

#include <algorithm>
#include <array>

namespace nodenap {

namespace {

struct NamedFilter {
    Filter filter;
    std::string_view name;
};

constexpr std::array<NamedFilter, 12> filters = {
    {{Filter::node_unschedulable, "NodeUnschedulable"},
     {Filter::taint_toleration, "TaintToleration"},
     {Filter::node_affinity, "NodeAffinity"},
     {Filter::node_ports, "NodePorts"},
     {Filter::node_resources, "NodeResourcesFit"},
     {Filter::volume_restrictions, "VolumeRestrictions"},
     {Filter::volume_limits, "NodeVolumeLimits"},
     {Filter::volume_binding, "VolumeBinding"},
     {Filter::volume_zone, "VolumeZone"},
     {Filter::topology_spread, "PodTopologySpread"},
     {Filter::pod_affinity, "InterPodAffinity"},
     {Filter::declared_features, "NodeDeclaredFeatures"}}};

}  // namespace

std::string_view name_of(Filter filter) {
    return std::ranges::find(filters, filter, &NamedFilter::filter)->name;
}

PodFit::PodFit(const ClusterView& view, const Pod& pod)
    : view_(view),
      pod_(pod),
      volumes_(view, pod),
      binding_(view, pod),
      spread_(view, pod),
      affinity_(view, pod) {}

std::optional<std::string> feature_refusal(const Pod& pod, const ClusterNode& node) {
    const auto& declared = node.declared_features;
    for (const auto& feature : pod.rules.node_features)
        if (std::ranges::find(declared, feature) == declared.end())
            return "the node does not declare the feature " + feature;
    return std::nullopt;
}

std::optional<std::string> PodFit::judge(Filter filter, const NodeView& node) const {
    switch (filter) {
        case Filter::node_unschedulable:
            return cordon_refusal(pod_, *node.node);
        case Filter::taint_toleration:
            return taint_refusal(pod_, *node.node);
        case Filter::node_affinity:
            return node_affinity_refusal(pod_, *node.node);
        case Filter::node_ports:
            return port_refusal(pod_, node);
        case Filter::node_resources:
            return resource_refusal(pod_, node);
        case Filter::volume_restrictions:
            return volumes_.restriction_refusal(node);
        case Filter::volume_limits:
            return volume_limit_refusal(view_, pod_, node);
        case Filter::volume_binding:
            return binding_.refusal(node);
        case Filter::volume_zone:
            return volumes_.zone_refusal(node);
        case Filter::topology_spread:
            return spread_.refusal(node);
        case Filter::pod_affinity:
            return affinity_.refusal(node);
        case Filter::declared_features:
            return feature_refusal(pod_, *node.node);
    }
    return std::nullopt;
}

std::optional<FilterRefusal> PodFit::refusal(std::size_t node) const {
    const auto& view = view_.nodes()[node];
    for (const auto& [filter, name] : filters)
        if (auto reason = judge(filter, view)) return FilterRefusal{filter, *std::move(reason)};
    return std::nullopt;
}

std::vector<FilterRefusal> PodFit::refusals(std::size_t node) const {
    std::vector<FilterRefusal> result;
    const auto& view = view_.nodes()[node];
    for (const auto& [filter, name] : filters)
        if (auto reason = judge(filter, view)) result.push_back({filter, *std::move(reason)});
    return result;
}

std::optional<FilterRefusal> fit(const ClusterView& view, const Pod& pod, std::size_t node) {
    return PodFit(view, pod).refusal(node);
}

}  // namespace nodenap
