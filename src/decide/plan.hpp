#pragma once

#include "decide/scaler.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nodenap {

/// `count` equal nodes. `pods` has one list for each of them, empty where none was packed.
struct LaunchGroup {
    Offering offering;
    int count = 0;
    double price_per_hour_usd = 0;  // of one, what stands beside it included
    std::vector<std::vector<std::string>> pods;
    friend bool operator==(const LaunchGroup&, const LaunchGroup&) = default;
};

struct UnknownSignal {
    std::string signal;  // "cpu", "memory", "pending", "nodes", "fleet"
    std::string cause;
    friend bool operator==(const UnknownSignal&, const UnknownSignal&) = default;
};

/// The signals as a person wants to see them. nodes_ready, booting and notready are ours.
struct SignalSummary {
    std::optional<double> cpu_percent;
    std::optional<double> memory_percent;
    std::optional<double> cores;
    std::optional<std::int64_t> pending_pods;
    int nodes_ready = 0;
    int nodes_other = 0;
    int nodes_booting = 0;
    int nodes_notready = 0;
    std::vector<UnknownSignal> unknown;
    friend bool operator==(const SignalSummary&, const SignalSummary&) = default;
};

struct Totals {
    int new_nodes = 0;
    std::int64_t pods_placed = 0;
    double price_per_hour_usd = 0;
    friend bool operator==(const Totals&, const Totals&) = default;
};

/// The whole answer of a pass: what `plan` prints, the Lambda answers and the history keeps.
/// Under `observing` and `paused` the lists say what would be done.
struct Plan {
    Time now{};
    std::string cluster;
    DecisionKind decision = DecisionKind::hold;
    std::vector<Reason> reasons;
    SignalSummary signals;
    std::vector<LaunchGroup> launch;
    std::map<std::string, std::vector<std::string>> placed;
    std::vector<Removal> remove;
    std::vector<UnplaceablePod> unplaceable;
    std::vector<KeptNode> kept;
    Totals totals;
    friend bool operator==(const Plan&, const Plan&) = default;
};

/// What a pass decides, and the plan that it makes of that: all of it without ports. The simulator,
/// `nodenap plan` and a pass call exactly this. `decision` points into both arguments.
struct Planned {
    Decision decision;
    Plan plan;
};
Planned plan_pass(const Snapshot& snapshot, const Policy& policy);

/// Turns a decision into launches within every limit. A decision that no limit lets through
/// becomes a hold that says which limit it was.
Plan make_plan(const Decision& decision, const Snapshot& snapshot, const Policy& policy);

/// Whether the lists of `plan` may be carried out (not paused, mode allows it).
bool is_to_be_applied(const Plan& plan);

/// The memory for the next pass: what was seen, what is done about it, and for which pods this
/// epoch launches nodes. `decision` was made of this very snapshot.
Memory remember(const Snapshot& snapshot, Decision decision, const Plan& plan, std::int64_t epoch);

}  // namespace nodenap
