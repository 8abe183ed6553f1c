#pragma once

#include "model/cluster_node.hpp"
#include "model/pod.hpp"

#include <optional>
#include <string>

namespace nodenap {

/// Whether a node matches both the nodeSelector and the required node affinity of a pod.
bool matches_node_affinity(const PodRules& rules, const ClusterNode& node);

/// NodeAffinity: which part of the two does not match.
std::optional<std::string> node_affinity_refusal(const Pod& pod, const ClusterNode& node);

}  // namespace nodenap
