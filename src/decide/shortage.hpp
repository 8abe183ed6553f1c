#pragma once

#include "decide/scaler.hpp"

#include <map>
#include <string>
#include <vector>

namespace nodenap {

/// The pods that wait, sorted out: missing a node, held by nodes on their way, helped by none.
/// "Unnamed" are those that a configured query counts without naming them.
struct Shortage {
    std::vector<PendingPod> pods;
    std::int64_t unnamed = 0;
    std::map<std::string, std::vector<std::string>> placed;
    std::int64_t unnamed_placed = 0;
    std::vector<UnplaceablePod> unplaceable;
    std::int64_t too_young = 0;  // not yet waiting for `pending_for`

    bool awaits_nodes() const { return !placed.empty() || unnamed_placed > 0; }
};

/// Without the Kubernetes API a ready node's free room proves nothing (the scheduler had its
/// reason), but nodes that boot or were Ready for less than a minute may still take the pods.
Shortage pod_shortage(const Membership& members, const Snapshot& snapshot, const Policy& policy);

/// "3 × 500m CPU and 512 MiB": the largest sizes first, for a person.
std::string shortage_text(const std::vector<PendingPod>& pods);

}  // namespace nodenap
