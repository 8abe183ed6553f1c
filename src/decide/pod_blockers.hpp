#pragma once

#include "model/cluster_state.hpp"

#include <optional>
#include <string>

namespace nodenap {

/// Whether the pod goes with its node and comes back with the next one: a DaemonSet's or a static
/// one, or one that has ended.
bool stays_with_node(const Pod& pod);

/// What forbids to evict the pod, whatever room there is elsewhere: "pod default/db-0 is alone: no
/// controller would start it again". Nothing where it may move.
std::optional<std::string> eviction_blocker(const Pod& pod, const ClusterState& state);

}  // namespace nodenap
