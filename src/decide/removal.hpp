#pragma once

#include "decide/scaler.hpp"

#include <map>
#include <optional>
#include <string>

namespace nodenap {

/// Rule 4 without the Kubernetes API. Either removals, or the first condition that failed, with
/// the nodes that were looked at and why each is kept.
struct RemovalAnswer {
    std::vector<Removal> remove;
    std::vector<Reason> reasons;
    std::vector<KeptNode> kept;
};

RemovalAnswer judge_removal(const Membership& members, const Snapshot& snapshot,
                            const Policy& policy);

/// A dead worker, one in a cooldown, whatever else is decided. Without a reason where there is
/// none.
RemovalAnswer judge_dead(const Membership& members, const Snapshot& snapshot, const Policy& policy);

/// Why the rules would not make this removal now, the waiting between removals aside; nothing if
/// they would. It must not be marked as under way in the snapshot.
std::optional<Reason> why_not_removed(const Membership& members, const Snapshot& snapshot,
                                      const Policy& policy, const Removal& removal);

/// What keeps each Ready or not Ready worker from being removed, by instance id; the waiting
/// between removals aside. One that could go by itself is not in it.
std::map<std::string, Reason> removal_blockers(const Membership& members, const Snapshot& snapshot,
                                               const Policy& policy);

/// Workers above `max_nodes`: booting ones first, youngest first, then those rule 4 would take.
RemovalAnswer judge_surplus(const Membership& members, const Snapshot& snapshot,
                            const Policy& policy);

}  // namespace nodenap
