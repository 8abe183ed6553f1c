#pragma once

#include "scheduling/cluster_view.hpp"

#include <optional>
#include <string>

namespace nodenap {

/// NodePorts: a host port that a pod of the node has taken, on the same address or on all.
std::optional<std::string> port_refusal(const Pod& pod, const NodeView& node);

}  // namespace nodenap
