#pragma once

#include "model/cluster_state.hpp"
#include "model/policy.hpp"

#include <string>
#include <vector>

namespace nodenap {

/// Whether one node could be removed, its pods moved to the others.
struct NodeExplanation {
    std::string node;
    bool ours = false;  // Nodenap manages it
    bool removable = false;
    std::string reason;  // what blocks the removal, or why nothing does

    friend bool operator==(const NodeExplanation&, const NodeExplanation&) = default;
};

/// Each node of the state, in its order, judged alone: what blocks its removal, first of all what
/// a person said, then its pods' own words and budgets, at last whether its pods fit on the other
/// Ready nodes, both while it is cordoned and once it is gone. With a policy a worker is a node
/// with the label nodenap.dev/pool, and its limits and `requested_below_percent` count; without
/// one every node that is no server is a worker. Time: nodes × (pods + pods of a node × nodes).
std::vector<NodeExplanation> explain_nodes(const ClusterState& state, const Policy* policy);

}  // namespace nodenap
