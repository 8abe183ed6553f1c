#pragma once

#include "decide/fit.hpp"
#include "decide/membership.hpp"

#include <vector>

namespace nodenap {

/// The owner of pods that wait for nothing yet, but whose node is about to go by itself.
inline constexpr const char* interrupted_owner = "interrupted";

/// The pods of workers that got a spot interruption notice, DaemonSets' and those being deleted
/// aside, less those of a worker that one Ready node can take all together. Prometheus tells a
/// node's requests as a sum: each pod counts with the mean of its node. They may go on new nodes of
/// their own pool only.
std::vector<PendingPod> pods_of_interrupted(const Membership& members, const Snapshot& snapshot,
                                            const std::vector<NodeKind>& kinds);

}  // namespace nodenap
