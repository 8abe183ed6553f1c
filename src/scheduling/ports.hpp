#pragma once

#include "scheduling/cluster_view.hpp"

#include <optional>
#include <string>
#include <vector>

namespace nodenap {

/// Whether one of `taken` has the same port and protocol, on the same address or on all.
bool collides_with_any(const HostPort& port, const std::vector<HostPort>& taken);

/// NodePorts: a host port that a pod of the node has taken, on the same address or on all.
std::optional<std::string> port_refusal(const Pod& pod, const NodeView& node);

}  // namespace nodenap
