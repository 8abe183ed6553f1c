#pragma once

#include "decide/membership.hpp"

#include <vector>

namespace nodenap {

/// Workers that are lost: not Ready for more than 10 minutes, nothing tells of their CPU use
/// (whoever may patch a Node's status can make it look not Ready, and cannot silence its kubelet),
/// and what they hold beside the pods of DaemonSets is being deleted. None while more than a third
/// of the workers, and more than one, are not Ready: then the network or the server is at fault
/// rather than the nodes.
std::vector<const Member*> dead_workers(const Membership& members, const Snapshot& snapshot);

/// Workers that are as lost, but of whose machine something tells: its container runtime may hang,
/// or someone patches the status of its Node. A person must judge.
std::vector<const Member*> stuck_workers(const Membership& members, const Snapshot& snapshot);

/// Since when such a worker, which has a Node, is not Ready. Passes may lie far apart where pods
/// wait to be deleted: a kubelet that had come back between them would have ended them. That is no
/// proof where a Node shows pods that are not listed: the dead worker may hold such pods, too.
Time unanswered_since(const Member& member, const Snapshot& snapshot);

}  // namespace nodenap
