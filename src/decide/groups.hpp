#pragma once

#include "decide/membership.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>

namespace nodenap {

/// All pods that a custom query only counts are one group.
inline constexpr const char* unnamed_group = "*";

/// The remembered state of each group of pods, and what this pass knows of the nodes that were
/// launched for it.
struct Groups {
    std::map<std::string, const PodGroupMemory*> remembered;
    std::set<std::string> judged;  // all those nodes have been Ready for long enough to judge
    std::map<std::string, Resources> refused_by;  // the largest of the unused nodes
    std::set<std::string> refused;                // judged, and the scheduler does not use them
    std::set<std::string> vanished;               // refused: no pod is pending and none uses them

    /// Their pods are pending while node data is unavailable, although nodes were launched for them
    /// that must have registered: it is open whether these help, so no second one is launched.
    std::set<std::string> unjudged;

    const PodGroupMemory* find(const std::string& group) const;
    /// Served in this pass, or earlier while the brake was on: the brake no longer applies.
    bool served(const std::string& group) const;
};

/// One brake for all groups together, since new owners may appear faster than each is refused:
/// after three groups were refused within an hour, all groups that have not been served share one
/// node at a time, ten minutes after the last refusal.
struct Brake {
    int refused_groups = 0;
    Milliseconds rests_for{0};    // until the next node may be tried
    bool awaits_outcome = false;  // of a node launched for some group

    bool is_on() const;
    bool allows_a_node() const { return rests_for.count() <= 0 && !awaits_outcome; }
};
Brake brake_of(const Groups& groups, Time now);

/// Points into `snapshot`, which must outlive it.
Groups groups_of(const Membership& members, const Snapshot& snapshot);

/// A refused group is unplaceable for 10 minutes, doubling to 2 hours; one that was served (except
/// while the brake is on), or whose nodes have terminated, is forgotten. A group whose pods
/// vanished is refused once for its nodes, and served as soon as a pod uses one of them.
void note_judged_groups(Memory& memory, const Groups& groups, Time now);
void note_launched_groups(Memory& memory, std::set<std::string> launched, std::int64_t epoch);
void forget_groups(Memory& memory, const Membership& members, Time now, std::int64_t epoch);

}  // namespace nodenap
