#pragma once

#include "decide/scaler.hpp"
#include "model/cluster_state.hpp"
#include "model/policy.hpp"

#include <cstddef>
#include <vector>

namespace nodenap {

/// Nodes that can go together, by index in the state, in the order in which they would go, and why
/// the other workers stay.
struct RemovableNodes {
    std::vector<std::size_t> nodes;
    std::vector<std::size_t> empty;  // those of `nodes` that run nothing but DaemonSet pods
    std::vector<KeptNode> kept;
};

/// The empty nodes first, then those that save most for each pod that moves. Each is judged with
/// those before it gone and their pods moved: nodes that stay take pods before nodes that may go.
/// Without a policy every node that is no server is a worker.
RemovableNodes removable_nodes(const ClusterState& state, const Policy* policy);

}  // namespace nodenap
