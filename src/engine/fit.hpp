#pragma once

#include "engine/snapshot.hpp"

#include <string>
#include <vector>

namespace nodenap {

/// The group a pod is counted in: equal pods of one owner. "default/ReplicaSet/web/100m/64Mi". Of
/// an owner that is made anew for each run, generated parts of its name are left out.
std::string group_of(const PendingPod& pod);

/// What the DaemonSets will take of a new node of this pool: the most that they take on one of
/// its nodes; where it has none yet, on any node.
Resources daemonset_overhead(const Snapshot& snapshot, const Pool& pool);

/// What a new node has for pods, for every type of every pool: the template less the DaemonSets.
std::vector<Resources> rooms_of_new_nodes(const Snapshot& snapshot, const Policy& policy);

/// Whether this pod could be held by a new node with one of these rooms.
bool fits_in_any(const PendingPod& pod, const std::vector<Resources>& rooms);

}  // namespace nodenap
