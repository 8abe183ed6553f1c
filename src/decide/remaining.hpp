#pragma once

#include "decide/load.hpp"
#include "decide/scaler.hpp"

#include <map>
#include <optional>
#include <vector>

namespace nodenap {

/// The inputs for judging a removal.
struct RemovalContext {
    const Membership& members;
    const Snapshot& snapshot;
    const Policy& policy;
};

/// The requests of its pods without those of DaemonSets.
Resources own_requests(const Node& node);

/// Whether its pool has taints that keep ordinary pods away.
bool is_set_apart(const Member& member);

/// The nodes that may take pods: those of a pool with taints, or, if it is null, all that ordinary
/// pods may use.
std::vector<const Node*> takers(const Membership& members, const Pool* apart);

/// What would remain without some nodes. The sums are computed once, so that each question only
/// costs time linear in the nodes asked about; only `fits_no_other` visits every node. Requires
/// known Nodes and CPU usage, and memory usage if the policy has a threshold for it.
class Remaining {
public:
    explicit Remaining(const RemovalContext& removal);
    explicit Remaining(RemovalContext&&) = delete;  // it must outlive this object

    /// The member's own CPU usage; null if absent.
    const HostUse* cpu_of(const Member& member) const { return cpu_.use_of(member); }

    /// Whether its pool must keep it once these are removed.
    bool is_at_pool_minimum(const Member& member, const MemberSet& going) const;

    /// Below: why the nodes of a set cannot be removed together, or nothing if the remaining nodes
    /// can take their pods.
    std::optional<Reason> requests_too_high(const MemberSet& going) const;
    std::optional<Reason> would_fire_again(const MemberSet& going) const;

    /// Requests are sums: the remaining nodes may hold them together although none can hold a
    /// certain pod. If the last removal was premature, the pods of the next node must fit on one
    /// remaining node.
    std::optional<Reason> fits_no_other(const Member& gone) const;

    /// Whether a burstable node may be out of CPU credits: then it is kept, and counts as fully
    /// busy when others are judged.
    std::optional<Reason> near_baseline(const Member& member) const;

private:
    /// The resources of the nodes that take over pods, and the requests on them.
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
    std::map<const Pool*, Sums> sums_;    // by the pool with taints; null: of all others
    std::map<const Pool*, int> serving_;  // by pool: workers neither unregistered nor dead
    double cores_held_back_ = 0;          // idle, of nodes that may be short of CPU credits
};

}  // namespace nodenap
