#pragma once

#include "model/cluster_state.hpp"
#include "model/policy.hpp"
#include "model/snapshot.hpp"
#include "scheduling/new_nodes.hpp"

#include <vector>

namespace nodenap {

/// What may be launched, as the packing takes it.
struct Supply {
    std::vector<Offering> offerings;  // of each offer
    NodeSupply nodes;
};

/// Every offering of the policy; offerings that differ in nothing that a rule of the cluster reads
/// share a kind. The limits are what is left of the policy's once `workers` are counted.
/// Time: offerings + nodes + pods.
Supply supply_of(const Policy& policy, const ClusterState& state,
                 const std::vector<const ClusterNode*>& workers);

/// The price of a Node's instance type an hour; none if the label or the type is not known.
std::optional<double> price_of(const ClusterNode& node, const Policy& policy);

}  // namespace nodenap
