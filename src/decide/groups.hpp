#pragma once

#include "decide/membership.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>

namespace nodenap {

/// The pods that a configured query counts without naming them are one group.
inline constexpr const char* unnamed_group = "*";

/// What the memory holds of each group of pods, and what this pass can say of the nodes that
/// were launched for it.
struct Groups {
    std::map<std::string, const PodGroupMemory*> remembered;
    std::set<std::string> judged;  // all those nodes stand ready for long enough to judge
    std::map<std::string, Resources> refused_by;  // the largest of the nodes that were not used
    std::set<std::string> refused;   // judged, and the scheduler does not use them for its pods
    std::set<std::string> vanished;  // refused, as no pod of it waits and none uses those nodes

    /// Their pods wait while the Nodes are unknown, though nodes were launched for them that must
    /// have joined: whether these help is open, and no second one is launched.
    std::set<std::string> unjudged;

    const PodGroupMemory* find(const std::string& group) const;
    /// Served in this pass, or earlier while the brake was on: the brake holds it back no more.
    bool served(const std::string& group) const;
};

/// One brake for all groups together, for owners may come faster than each is refused: after three
/// groups were refused within an hour, all that have not been served share one node at a time, ten
/// minutes after the last refusal.
struct Brake {
    int refused_groups = 0;
    Milliseconds rests_for{0};    // until the next node may be tried
    bool awaits_outcome = false;  // of a node that was launched for some group

    bool is_on() const;
    bool allows_a_node() const { return rests_for.count() <= 0 && !awaits_outcome; }
};
Brake brake_of(const Groups& groups, Time now);

/// Points into `snapshot`, which must outlive it.
Groups groups_of(const Membership& members, const Snapshot& snapshot);

/// A refused group is unplaceable for 10 minutes, doubling to 2 hours; one that was served (but
/// while the brake is on), or whose nodes are gone, is forgotten. A group whose pods vanished is
/// refused once for its nodes, and served as soon as a pod uses one of them.
void note_judged_groups(Memory& memory, const Groups& groups, Time now);
void note_launched_groups(Memory& memory, std::set<std::string> launched, std::int64_t epoch);
void forget_groups(Memory& memory, const Membership& members, Time now, std::int64_t epoch);

}  // namespace nodenap
