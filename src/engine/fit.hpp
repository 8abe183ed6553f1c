#pragma once

#include "engine/snapshot.hpp"

#include <string>

namespace nodenap {

/// The group a pod is counted in: equal pods of one owner. "default/ReplicaSet/web/100m/64Mi".
std::string group_of(const PendingPod& pod);

/// Whether any type of any pool could hold this pod on an empty node.
bool fits_some_type(const PendingPod& pod, const Policy& policy, const Resources& daemonsets);

/// What the DaemonSets take on a node of ours, judged by the nodes that are there.
Resources daemonset_overhead(const Snapshot& snapshot);

}  // namespace nodenap
