#pragma once

#include "decide/scaler.hpp"

#include <map>
#include <string>
#include <vector>

namespace nodenap {

/// The pending pods by what they need: a new node, a node that is booting, or none would help.
/// "Unnamed" pods are those that a custom query only counts.
struct Shortage {
    std::vector<PendingPod> pods;
    std::int64_t unnamed = 0;
    std::map<std::string, std::vector<std::string>> placed;
    std::int64_t unnamed_placed = 0;
    std::vector<UnplaceablePod> unplaceable;
    std::int64_t too_young = 0;  // not pending for `pending_for` yet

    bool awaits_nodes() const { return !placed.empty() || unnamed_placed > 0; }
};

/// Without the Kubernetes API free resources of a ready node prove nothing (the scheduler had a
/// reason not to use them), but nodes that are booting or Ready for less than a minute may still
/// take pods.
Shortage pod_shortage(const Membership& members, const Snapshot& snapshot, const Policy& policy);

/// "3 × 500m CPU and 512 MiB": the largest sizes first.
std::string shortage_text(const std::vector<PendingPod>& pods);

}  // namespace nodenap
