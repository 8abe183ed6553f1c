#pragma once

#include "decide/scaler.hpp"
#include "model/cluster_state.hpp"

#include <string>
#include <vector>

namespace nodenap {

/// Pods without a node.
struct PendingPods {
    std::vector<const Pod*> unschedulable;   // may cause a launch
    std::vector<UnplaceablePod> not_judged;  // cause none, and why
};

/// Sorts the pods that have no node, have not ended and are not being deleted. The state must
/// outlive the result.
PendingPods pending_pods(const ClusterState& state);

/// Why no node is launched for a pending pod, whatever its size; empty if one may be.
std::string why_not_judged(const Pod& pod);

/// "namespace/name".
std::string name_of(const Pod& pod);

}  // namespace nodenap
