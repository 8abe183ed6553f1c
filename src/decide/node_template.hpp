#pragma once

#include "model/cluster_state.hpp"
#include "model/policy.hpp"
#include "model/snapshot.hpp"

#include <string>
#include <vector>

namespace nodenap {

/// "nodenap.dev/pool", which each worker's Node has, and "nodenap.dev/capacity".
inline constexpr const char* pool_label = "nodenap.dev/pool";
inline constexpr const char* capacity_label = "nodenap.dev/capacity";

/// Every pool × type × zone × purchase option of the policy, in its order.
std::vector<Offering> offerings_of(const Policy& policy);

/// The Node that one more instance of this offering would register, once it is Ready. What a Ready
/// Node of the same pool and type really has (allocatable, declared features) replaces what the
/// configuration expects. `offering` names a pool and a type of the policy.
ClusterNode node_template(const Policy& policy, const Offering& offering,
                          const ClusterState& state);

/// The pods that DaemonSets would put on this node, by their own rules. Where DaemonSets were not
/// read, one pod of each DaemonSet that has pods in the cluster stands for it.
std::vector<Pod> daemonset_pods_for(const ClusterNode& node, const ClusterState& state);

/// The attach limits of the new node: those of a Node of its pool and type; none where there is no
/// such Node.
std::vector<CsiNode> attach_limits_for(const ClusterNode& node, const ClusterState& state);

bool is_ready(const ClusterNode& node);
bool is_server(const ClusterNode& node);

}  // namespace nodenap
