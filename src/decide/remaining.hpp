#pragma once

#include "decide/load.hpp"
#include "decide/scaler.hpp"

#include <map>
#include <optional>
#include <vector>

namespace nodenap {

/// What a removal is judged by.
struct RemovalContext {
    const Membership& members;
    const Snapshot& snapshot;
    const Policy& policy;
};

/// What its pods request, those of DaemonSets aside.
Resources own_requests(const Node& node);

/// Whether taints of its pool keep ordinary pods away from it.
bool is_set_apart(const Member& member);

/// The nodes that may take pods: those of a pool that taints set apart, or, where it is null, all
/// that ordinary pods may use.
std::vector<const Node*> takers(const Membership& members, const Pool* apart);

/// What would remain without some nodes. What it rests on is added up once, so that each question
/// costs no more than the nodes it is asked about; `fits_no_other` alone looks at every node.
/// Needs known Nodes and CPU use, and memory use where the policy has a line for it.
class Remaining {
public:
    explicit Remaining(const RemovalContext& removal);
    explicit Remaining(RemovalContext&&) = delete;  // it must live as long

    /// The member's own line of CPU use; null if absent.
    const HostUse* cpu_of(const Member& member) const { return cpu_.use_of(member); }

    /// Whether its pool must keep it once these are gone.
    bool is_at_pool_minimum(const Member& member, const MemberSet& going) const;

    /// Below: why the nodes of a set cannot go together, or nothing if what remains takes their
    /// pods.
    std::optional<Reason> requests_too_high(const MemberSet& going) const;
    std::optional<Reason> would_fire_again(const MemberSet& going) const;

    /// Requests are sums: what remains may hold them together and no node of it this pod. Where the
    /// last removal was premature, the pods of the next must fit on one node that remains.
    std::optional<Reason> fits_no_other(const Member& gone) const;

    /// Whether a burstable node may be short of CPU credits: then it stays, and counts as wholly
    /// busy when others are judged.
    std::optional<Reason> near_baseline(const Member& member) const;

private:
    /// What those that take over pods have, and what is asked of them.
    struct Sums {
        std::vector<const Node*> takers;
        Resources room;
        Resources asked;
    };
    Sums sums_of(const Pool* apart) const;
    Sums sums_without(const MemberSet& going, const Pool* apart) const;
    double idle_cores(const Member& member) const;

    const RemovalContext& c_;
    Loads cpu_;
    std::optional<Loads> memory_;
    std::map<const Pool*, Sums> sums_;    // by the pool set apart; null: of all others
    std::map<const Pool*, int> serving_;  // by pool: neither late nor dead
    double cores_held_back_ = 0;          // idle, of nodes that may be short of CPU credits
};

}  // namespace nodenap
