#pragma once

#include "scheduling/cluster_view.hpp"
#include "scheduling/pod_affinity.hpp"
#include "scheduling/topology_spread.hpp"
#include "scheduling/volume_binding.hpp"
#include "scheduling/volumes.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nodenap {

/// The filters of kube-scheduler 1.37, in its order.
enum class Filter {
    node_unschedulable,
    taint_toleration,
    node_affinity,
    node_ports,
    node_resources,
    volume_restrictions,
    volume_limits,
    volume_binding,
    volume_zone,
    topology_spread,
    pod_affinity,
    declared_features
};

/// As kube-scheduler calls it: "TaintToleration".
std::string_view name_of(Filter filter);

/// Which filter keeps a pod from a node, and why in a person's words: "taint
/// dedicated=db:NoSchedule is not tolerated".
struct FilterRefusal {
    Filter filter;
    std::string reason;
};

/// One pod against every node of a view, as kube-scheduler's filters would have it: what concerns
/// the whole cluster is prepared once. Valid until the view changes; pod and view must outlive it.
/// Left out are scheduling gates, dynamic resource allocation, gang scheduling and nominated pods.
class PodFit {
public:
    PodFit(const ClusterView& view, const Pod& pod);

    /// The first filter that refuses the node, by its index in the view; none if the pod fits.
    std::optional<FilterRefusal> refusal(std::size_t node) const;
    /// Every filter that does.
    std::vector<FilterRefusal> refusals(std::size_t node) const;

private:
    std::optional<std::string> judge(Filter filter, const NodeView& node) const;

    const ClusterView& view_;
    const Pod& pod_;
    VolumeRules volumes_;
    VolumeBindingRules binding_;
    TopologySpreadRules spread_;
    PodAffinityRules affinity_;
};

/// NodeDeclaredFeatures.
std::optional<std::string> feature_refusal(const Pod& pod, const ClusterNode& node);

/// For one pair. To ask for many nodes, prepare a PodFit.
std::optional<FilterRefusal> fit(const ClusterView& view, const Pod& pod, std::size_t node);

}  // namespace nodenap
