#pragma once

#include "model/cluster_state.hpp"
#include "model/policy.hpp"

#include <map>
#include <string>
#include <vector>

namespace nodenap {

/// Where one pending pod could run.
struct PodExplanation {
    std::string pod;                             // "namespace/name"
    std::vector<std::string> fits;               // nodes on which it fits now
    std::map<std::string, std::string> why_not;  // node → the first filter that refuses, in words
    std::map<std::string, std::string> pools;    // pool → "fits", or its nearest miss
    std::string not_judged;                      // why no node is launched for it; empty: judged

    friend bool operator==(const PodExplanation&, const PodExplanation&) = default;
};

/// Each pod that has no node, has not ended and is not being deleted, in the state's order: against
/// every node as it is, and against one new node of each offering of each pool. Without a policy
/// there are no pools. Time: pods × (nodes + offerings).
std::vector<PodExplanation> explain_pods(const ClusterState& state, const Policy* policy);

}  // namespace nodenap
