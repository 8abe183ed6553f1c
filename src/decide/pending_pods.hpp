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

/// Sorts the pending pods. The state must outlive the result.
PendingPods pending_pods(const ClusterState& state);

/// Without a node, not ended and not being deleted.
bool is_pending(const Pod& pod);

/// Why no node is launched for a pending pod, whatever its size; empty if one may be.
std::string why_not_judged(const Pod& pod);

/// "namespace/name".
std::string name_of(const Pod& pod);

}  // namespace nodenap
