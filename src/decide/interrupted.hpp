#pragma once

#include "decide/fit.hpp"
#include "decide/membership.hpp"

#include <vector>

namespace nodenap {

/// The owner of pods that are not pending yet, but whose node is about to be interrupted.
inline constexpr const char* interrupted_owner = "interrupted";

/// The pods of workers with a spot interruption notice, except those of DaemonSets, those being
/// deleted, and those of a worker that fit together on one Ready node. Prometheus reports a node's
/// requests as a sum: each pod counts with the mean of its node. They may be placed on new nodes of
/// their own pool only.
std::vector<PendingPod> pods_of_interrupted(const Membership& members, const Snapshot& snapshot,
                                            const std::vector<NodeKind>& kinds);

}  // namespace nodenap
