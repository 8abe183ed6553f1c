#pragma once

#include "scheduling/cluster_view.hpp"
#include "scheduling/fit.hpp"

#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

namespace nodenap {

/// New nodes that differ in nothing but their size and price.
struct NewNodeKind {
    ClusterNode node;          // labels, taints, declared features; its size is that of its offers
    std::vector<Pod> daemons;  // DaemonSet pods that will run on it
    std::vector<CsiNode> attach_limits;
};

/// A node that can be bought, as often as the limits allow.
struct NodeOffer {
    std::size_t kind = 0;
    std::size_t pool = 0;  // whose limit counts; offers are in the order of preference
    std::size_t type = 0;  // the same number for the same instance type
    ResourceAmounts allocatable;
    std::int64_t allocatable_pods = 0;
    double price_per_hour_usd = 0;
};

/// Hard limits: they change which nodes are chosen.
struct PurchaseLimits {
    std::int64_t most_nodes = std::numeric_limits<std::int64_t>::max();
    double most_price_per_hour_usd = std::numeric_limits<double>::infinity();
    std::vector<std::int64_t> most_by_pool;
};

/// What may be bought.
struct NodeSupply {
    std::vector<NewNodeKind> kinds;
    std::vector<NodeOffer> offers;
    PurchaseLimits limits;
};

/// The first filter that keeps a pod from every new node of a kind, whatever its size and whatever
/// pods are elsewhere; none if only resources, attach limits, topology spread and pod affinity can.
std::optional<FilterRefusal> kind_refusal(const ClusterView& view, const Pod& pod,
                                          const NewNodeKind& kind);

}  // namespace nodenap
