#pragma once

#include "decide/scaler.hpp"

#include <map>
#include <optional>
#include <string>

namespace nodenap {

/// Rule 4 without the Kubernetes API. Either removals, or the first condition that failed, with the
/// candidates and the blocker of each.
struct RemovalAnswer {
    std::vector<Removal> remove;
    std::vector<Reason> reasons;
    std::vector<KeptNode> kept;
};

RemovalAnswer judge_removal(const Membership& members, const Snapshot& snapshot,
                            const Policy& policy);

/// Removes a dead worker, at most one per cooldown, regardless of the other rules. Without a reason
/// if there is none.
RemovalAnswer judge_dead(const Membership& members, const Snapshot& snapshot, const Policy& policy);

/// Why the rules would not make this removal now, ignoring the cooldown; nothing if they would. The
/// instance must not be marked as terminating in the snapshot.
std::optional<Reason> why_not_removed(const Membership& members, const Snapshot& snapshot,
                                      const Policy& policy, const Removal& removal);

/// What blocks the removal of each Ready or not Ready worker, by instance id, ignoring the
/// cooldown. Workers that could be removed are not in it.
std::map<std::string, Reason> removal_blockers(const Membership& members, const Snapshot& snapshot,
                                               const Policy& policy);

/// Workers above `max_nodes`: booting ones first, youngest first, then those rule 4 would take.
RemovalAnswer judge_surplus(const Membership& members, const Snapshot& snapshot,
                            const Policy& policy);

}  // namespace nodenap
