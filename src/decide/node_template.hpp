#pragma once

#include "model/cluster_state.hpp"
#include "model/policy.hpp"
#include "model/snapshot.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace nodenap {

/// "nodenap.dev/pool", which each worker's Node has, and "nodenap.dev/capacity".
inline constexpr const char* pool_label = "nodenap.dev/pool";
inline constexpr const char* capacity_label = "nodenap.dev/capacity";
/// The kubelet's own labels of an instance's type and zone.
inline constexpr const char* type_label = "node.kubernetes.io/instance-type";
inline constexpr const char* zone_label = "topology.kubernetes.io/zone";

/// Every pool × type × zone × purchase option of the policy, in its order.
std::vector<Offering> offerings_of(const Policy& policy);

/// What new nodes of a pool and type have for pods.
struct NewNodeSize {
    ResourceAmounts allocatable;
    std::int64_t pods = 0;
};

/// The sizes that Ready Nodes of each pool and type really have. The state must outlive it.
class NodeSizes {
public:
    explicit NodeSizes(const ClusterState& state);

    /// Of each resource the least that a Ready Node of the pool and type has; without such a Node,
    /// the type less its reserve.
    NewNodeSize size_of_new(const Policy& policy, const Pool& pool, const InstanceType& type) const;
    /// The Ready Nodes of a pool and type; empty if there are none.
    const std::vector<const ClusterNode*>& alike(const std::string& pool,
                                                 const std::string& type) const;

private:
    std::map<std::pair<std::string, std::string>, std::vector<const ClusterNode*>> nodes_;
};

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
