#pragma once

#include "model/snapshot.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace nodenap {

/// The group a pod is counted in: equal pods of one owner. "default/ReplicaSet/web/100m/64Mi". Of
/// an owner that is made anew for each run, generated parts of its name are left out.
std::string group_of(const PendingPod& pod);

/// What the DaemonSets will take of a new node of this pool: what they take at least on most of its
/// Ready nodes, or of all Ready nodes while it has none. A DaemonSet on a few nodes counts for
/// none.
Resources daemonset_overhead(const Snapshot& snapshot, const Pool& pool);

/// What DaemonSets leave of a node. Where they would leave nothing of a resource they do not fit a
/// node of this type, and so do not run there: nothing of it is taken off.
Resources room_beside_daemonsets(const Resources& allocatable, const Resources& daemonsets);

/// "pool/type"
std::string kind_name(const std::string& pool, const std::string& instance_type);

/// By kind: the least that its Ready Nodes have for pods. A catalogue says what a type is sold
/// with; the firmware, the kernel and the kubelet take of that what only a Node tells.
std::map<std::string, Resources> allocatable_seen(const Snapshot& snapshot);

/// Remembers what this pass saw; what no Node has shown for a day is forgotten, for a launch
/// template or a kubelet's configuration may be another by then.
void note_allocatable(Memory& memory, const Snapshot& snapshot);

/// A type in a pool, and what a new node of it has for pods.
struct NodeKind {
    std::string name;
    const Pool* pool = nullptr;
    const InstanceType* type = nullptr;
    Resources allocatable;  // of its Ready Nodes, as remembered, or by the template
    Resources room;         // less what the DaemonSets take
};
/// Every type of every pool, as far as the catalogue has it. Points into `policy`.
std::vector<NodeKind> kinds_of_new_nodes(const Snapshot& snapshot, const Policy& policy);
/// Null where there is none.
const NodeKind* find_kind(const std::vector<NodeKind>& kinds, const std::string& pool,
                          const std::string& instance_type);

/// Whether this pod could be held by a new node of one of these kinds.
bool fits_in_any(const PendingPod& pod, const std::vector<NodeKind>& kinds);

/// Whether types of this family have GPUs or the like, which the catalogue says nothing of.
bool has_accelerators(std::string_view instance_type);

/// Whether this kind has more than `refused` in one way and no less in the other.
bool is_larger(const NodeKind& kind, const Resources& refused);

}  // namespace nodenap
