#pragma once

#include "engine/lifecycle.hpp"

#include <map>
#include <set>
#include <string>

namespace nodenap {

/// The pods that a configured query counts without naming them are one group.
inline constexpr const char* unnamed_group = "*";

/// What the memory holds of each group of pods, and what this pass can say of the nodes that
/// were launched for it.
struct Groups {
    std::map<std::string, const PodGroupMemory*> remembered;
    std::set<std::string> judged;   // all those nodes stand ready for long enough to judge
    std::set<std::string> refused;  // judged, and the scheduler does not use them for its pods

    const PodGroupMemory* find(const std::string& group) const;
};

/// Points into `snapshot`, which must outlive it.
Groups groups_of(const Membership& members, const Snapshot& snapshot);

/// A refused group is unplaceable for 10 minutes, doubling to 2 hours; one that was served, or
/// whose nodes are gone, is forgotten.
void note_judged_groups(Memory& memory, const Groups& groups, Time now);
void note_launched_groups(Memory& memory, std::set<std::string> launched, std::int64_t epoch);
void forget_groups(Memory& memory, const Membership& members, Time now, std::int64_t epoch);

}  // namespace nodenap
