#pragma once

#include "scheduling/cluster_view.hpp"
#include "scheduling/new_nodes.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace nodenap {

struct NewNode {
    std::size_t offer = 0;
    std::vector<const Pod*> pods;
};

struct LeftPod {
    const Pod* pod = nullptr;
    std::string reason;  // the nearest miss: of all new nodes, the filter that comes last
};

struct ClusterPacking {
    std::vector<std::pair<const Pod*, std::size_t>> placed;  // on nodes of the view, by index
    std::vector<NewNode> nodes;
    std::vector<LeftPod> left;
};

/// Where `pods` can run: first on the nodes of the view, then on the cheapest set of new nodes that
/// the limits allow. Everything that is placed passes kube-scheduler's filters together. The order
/// of `pods` does not matter; the answer is always the same, as the search is bounded by steps.
ClusterPacking pack_cluster(ClusterView view, const std::vector<const Pod*>& pods,
                            const NodeSupply& supply);

}  // namespace nodenap
