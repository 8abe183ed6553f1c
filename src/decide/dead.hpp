#pragma once

#include "decide/membership.hpp"

#include <vector>

namespace nodenap {

/// Dead workers: not Ready for more than 10 minutes, without CPU data (someone who may patch a
/// Node's status can make it look not Ready, but cannot silence its kubelet), and all their pods
/// except those of DaemonSets are being deleted. None while more than a third of the workers, and
/// more than one, are not Ready: then the network or the server is the likely cause, not the nodes.
std::vector<const Member*> dead_workers(const Membership& members, const Snapshot& snapshot);

/// Workers that look dead although their host reports CPU data: the container runtime may hang, or
/// someone patches the status of the Node. The user must decide.
std::vector<const Member*> stuck_workers(const Membership& members, const Snapshot& snapshot);

/// Since when such a worker, which has a Node, has not been Ready. Passes may be far apart while
/// pods are being deleted: a kubelet that had recovered in between would have finished that. This
/// proves nothing if some Node runs pods that are not listed: the dead worker may run such pods,
/// too.
Time unanswered_since(const Member& member, const Snapshot& snapshot);

}  // namespace nodenap
