#pragma once

#include "model/snapshot.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace nodenap {

/// The group of a pod: equal pods of one owner. "default/ReplicaSet/web/100m/64Mi". For an owner
/// that is created for each run, generated parts of its name are left out.
std::string group_of(const PendingPod& pod);

/// The resources that DaemonSets will use on a new node of this pool: what they use at least on
/// most of its Ready nodes, or on most of all Ready nodes if it has none. A DaemonSet on a few
/// nodes does not count.
Resources daemonset_overhead(const Snapshot& snapshot, const Pool& pool);

/// The resources of a node without those of DaemonSets. If nothing of a resource would be left, the
/// DaemonSets do not fit a node of this type and so do not run there: it is not reduced.
Resources room_beside_daemonsets(const Resources& allocatable, const Resources& daemonsets);

/// "pool/type"
std::string kind_name(const std::string& pool, const std::string& instance_type);

/// By kind: the smallest allocatable resources of its Ready Nodes. The catalogue has a type's
/// nominal size; how much the firmware, the kernel and the kubelet reserve, only a Node shows.
std::map<std::string, Resources> allocatable_seen(const Snapshot& snapshot);

/// Remembers what this pass observed; values not observed for a day are forgotten, since the launch
/// template or the kubelet's configuration may have changed.
void note_allocatable(Memory& memory, const Snapshot& snapshot);

/// A type in a pool, and the resources of a new node of it.
struct NodeKind {
    std::string name;
    const Pool* pool = nullptr;
    const InstanceType* type = nullptr;
    Resources allocatable;  // remembered from its Ready Nodes, else calculated
    Resources room;         // allocatable minus DaemonSets
};
/// Every type of every pool that is in the catalogue. Points into `policy`.
std::vector<NodeKind> kinds_of_new_nodes(const Snapshot& snapshot, const Policy& policy);
/// Null if there is none.
const NodeKind* find_kind(const std::vector<NodeKind>& kinds, const std::string& pool,
                          const std::string& instance_type);

/// Whether this pod fits on a new node of one of these kinds.
bool fits_in_any(const PendingPod& pod, const std::vector<NodeKind>& kinds);

/// Whether types of this family have GPUs or similar devices, which are not in the catalogue.
bool has_accelerators(std::string_view instance_type);

/// Whether this kind has more than `refused` of CPU or memory, and no less of the other.
bool is_larger(const NodeKind& kind, const Resources& refused);

}  // namespace nodenap
