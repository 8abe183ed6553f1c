#pragma once

#include "engine/load.hpp"
#include "engine/scaler.hpp"

#include <optional>
#include <vector>

namespace nodenap {

/// What a removal is judged by.
struct RemovalCase {
    const Membership& members;
    const Snapshot& snapshot;
    const Policy& policy;
};

/// Whether taints of its pool keep ordinary pods away from it.
bool is_set_apart(const Member& member);

/// Where the pods of `gone` may run: on its own pool where taints set it apart, else on all nodes
/// that ordinary pods may use.
std::vector<const Node*> takers_without(const Membership& members, const Member& gone);

/// Below: why the nodes of a set cannot go together, or nothing if what remains takes their pods.
std::optional<Reason> requests_too_high(const RemovalCase& c, const MemberSet& going);
std::optional<Reason> would_fire_again(const RemovalCase& c, const MemberSet& going);

/// Requests are sums: what remains may hold them together and no node of it this pod. Where the
/// last removal was premature, the pods of the next must fit on one node that remains.
std::optional<Reason> fits_no_other(const RemovalCase& c, const Member& gone);

/// Whether a burstable node may be short of CPU credits: then it stays, and counts as wholly busy
/// when others are judged.
std::optional<Reason> near_baseline(const RemovalCase& c, const Member& member);

}  // namespace nodenap
