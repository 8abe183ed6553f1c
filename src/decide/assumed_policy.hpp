#pragma once

#include "model/cluster_state.hpp"
#include "model/policy.hpp"

#include <string>
#include <vector>

namespace nodenap {

/// A policy for a cluster without a configuration: one pool of these instance types, on demand, in
/// the zones of its nodes, with all other values at their defaults and without limits on nodes.
/// Each type is in the catalogue.
Policy policy_of_types(const std::vector<std::string>& types, const Catalogue& catalogue,
                       const ClusterState& state);

/// Without a configuration every node but a server is a worker of that pool.
void adopt_nodes(ClusterState& state);

/// Nodes whose instance type is not told (no label, or K3s' own "k3s") get the type of the policy
/// that has their capacity: equal vCPUs, and memory at most a tenth above theirs.
void name_types(ClusterState& state, const Policy& policy);

}  // namespace nodenap
