#pragma once

#include "decide/scaler.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nodenap {

/// `count` equal nodes. `pods` has one list for each of them, empty if no pods were packed.
struct LaunchGroup {
    Offering offering;
    int count = 0;
    double price_per_hour_usd = 0;  // of one, including address and volume
    std::vector<std::vector<std::string>> pods;
    friend bool operator==(const LaunchGroup&, const LaunchGroup&) = default;
};

struct UnknownSignal {
    std::string signal;  // "cpu", "memory", "pending", "nodes", "fleet"
    std::string cause;
    friend bool operator==(const UnknownSignal&, const UnknownSignal&) = default;
};

/// The signals for display. nodes_ready, booting and notready count workers.
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

/// The whole result of a pass: printed by `plan`, returned by the Lambda function and saved in the
/// history. With `observing` and `paused` the lists are what would be done.
struct Plan {
    Time now{};
    std::string cluster;
    DecisionKind decision = DecisionKind::hold;
    std::vector<Reason> reasons;
    SignalSummary signals;
    std::vector<LaunchGroup> launch;
    std::map<std::string, std::vector<std::string>> placed;
    std::vector<Removal> remove;
    std::vector<Removal> could_remove;  // all that can go together; known with the Kubernetes API
    std::vector<UnplaceablePod> unplaceable;
    std::vector<KeptNode> kept;
    Totals totals;
    friend bool operator==(const Plan&, const Plan&) = default;
};

/// The decision of a pass and its plan, made without ports. The simulator, `nodenap plan` and a
/// pass all call this. `decision` points into both arguments.
struct Planned {
    Decision decision;
    Plan plan;
};
Planned plan_pass(const Snapshot& snapshot, const Policy& policy);

/// Turns a decision into launches within all limits. If a limit allows none, the plan is a hold
/// that names the limit.
Plan make_plan(const Decision& decision, const Snapshot& snapshot, const Policy& policy);

/// Whether `plan` may be carried out (not paused, mode allows it).
bool is_to_be_applied(const Plan& plan);

/// The memory for the next pass: observations, actions, and the pods for which this epoch launches
/// nodes. `decision` must have been made from this snapshot.
Memory remember(const Snapshot& snapshot, Decision decision, const Plan& plan, std::int64_t epoch);

}  // namespace nodenap
