#pragma once

#include "decide/membership.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace nodenap {

enum class DecisionKind { scale_up, scale_down, hold };

/// All reason codes: the first nine act, the others hold.
enum class ReasonCode {
    below_minimum,
    pending_pods,
    high_cpu,
    high_memory,
    custom_rule,
    underused,
    above_maximum,
    not_joined,
    not_ready,
    paused,
    observing,
    lease_held,
    state_unavailable,
    state_newer,
    fleet_unknown,
    metrics_unknown,
    cooldown,
    booting,
    unneeded_too_short,
    would_fire_again,
    requests_too_high,
    burst_baseline,
    not_drainable,
    at_minimum,
    at_maximum,
    price_limit,
    launch_limit,
    no_capacity,
    spot_unavailable,
    unplaceable,
    not_ours,
    nothing_to_do
};

struct Reason {
    ReasonCode code = ReasonCode::nothing_to_do;
    std::string text;  // for people, with the numbers
    friend bool operator==(const Reason&, const Reason&) = default;
};

/// Why an instance is terminated. One that did not register (`not_joined`) starts no cooldown. A
/// dead worker (`not_ready`) does, and a shortage after it does not make it premature. `other`: a
/// cause that this version does not know, read from the state or the history.
enum class RemovalCause { underused, above_maximum, not_joined, not_ready, other };

/// An instance to terminate. `node` is empty if it has no Node.
struct Removal {
    std::string node;
    std::string instance_id;
    RemovalCause cause = RemovalCause::underused;
    friend bool operator==(const Removal&, const Removal&) = default;
};

struct UnplaceablePod {
    std::string pod;
    std::string reason;
    friend bool operator==(const UnplaceablePod&, const UnplaceablePod&) = default;
};

struct KeptNode {
    std::string node;
    std::string reason;
    friend bool operator==(const KeptNode&, const KeptNode&) = default;
};

/// Nodes missing to a minimum; `pool` is empty if any pool may be used.
struct MinimumNeed {
    std::string pool;
    int nodes = 0;
};

/// The missing capacity, before it becomes launches.
struct Demand {
    std::vector<MinimumNeed> minimum;
    std::vector<PendingPod> pods;   // that neither ready nor booting nodes can hold
    std::int64_t unnamed_pods = 0;  // pending, but not named by the custom query
    double cores = 0;               // busy cores above the threshold, minus booting capacity
    double seen_cores = 0;          // C of rule 3: a pass at most doubles it
    Mebibytes memory;               // the same for memory
    Mebibytes seen_memory;
};

/// The nodes as the rules counted them; `other` are Ready and no workers.
struct NodeCounts {
    int ready = 0;
    int booting = 0;
    int notready = 0;
    int other = 0;
};

/// What to do and why. Doing nothing has reasons too, the decisive one first.
struct Decision {
    DecisionKind kind = DecisionKind::hold;
    std::vector<Reason> reasons;
    Demand demand;
    std::vector<Removal> remove;
    std::map<std::string, std::vector<std::string>> placed;  // instance id → pods it will hold
    std::vector<UnplaceablePod> unplaceable;
    std::vector<KeptNode> kept;
    NodeCounts nodes;    // all 0 while instances are unknown
    Membership members;  // points into snapshot and policy; empty while instances are unknown
    Memory memory;       // the snapshot's, updated with its observations
};

/// Total and deterministic: the same snapshot and policy give the same decision, byte for byte.
Decision decide(const Snapshot& snapshot, const Policy& policy);

}  // namespace nodenap
