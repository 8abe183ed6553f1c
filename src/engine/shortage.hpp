#pragma once

#include "engine/scaler.hpp"

#include <map>
#include <string>
#include <vector>

namespace nodenap {

/// The pods that wait, sorted out: held by nodes on their way, helped by no node, or missing one.
struct Shortage {
    std::vector<PendingPod> pods;
    std::int64_t unnamed = 0;  // a number only, where a configured query gives no names
    std::map<std::string, std::vector<std::string>> placed;
    std::vector<UnplaceablePod> unplaceable;
    std::int64_t too_young = 0;  // not yet waiting for `pending_for`
};

/// Without the Kubernetes API a ready node's free room proves nothing (the scheduler had its
/// reason), but nodes that boot or were Ready for less than a minute may still take the pods.
Shortage pod_shortage(const Membership& members, const Snapshot& snapshot, const Policy& policy);

/// The groups among the waiting pods whose launched nodes stand ready and are not used by the
/// scheduler: one more node of that kind would not help.
std::vector<std::string> refused_groups(const Membership& members, const Snapshot& snapshot);

/// The groups whose launched nodes all stand ready for long enough to judge.
std::vector<std::string> judged_groups(const Membership& members, const Snapshot& snapshot);

/// "3 × 500m CPU and 512 MiB": the largest groups first, for a person.
std::string shortage_text(const std::vector<PendingPod>& pods);

/// B, C and U of rule 3: busy, seen, and ours alive but not in the answer. Cores, or MiB.
struct Load {
    double busy = 0;
    double seen = 0;
    double on_the_way = 0;
};
Load cpu_load(const Membership& members, const Use& use);
Load memory_load(const Membership& members, const Use& use);

}  // namespace nodenap
