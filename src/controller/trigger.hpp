#pragma once

#include <string>
#include <variant>
#include <vector>

namespace nodenap {

/// The cause of an invocation. An alert only starts a pass; it is never used as data.
struct Scheduled {};
struct Alert {
    std::vector<std::string> names;
    bool firing = true;
};
struct SpotWarning {
    std::string instance_id;
    std::string at;
};
struct Rebalance {
    std::string instance_id;
};
struct StateChange {
    std::string instance_id;
    std::string state;
};
enum class Action { status, tick };

using Trigger = std::variant<Scheduled, Alert, SpotWarning, Rebalance, StateChange, Action>;

/// "scheduled", "alert", "spot_warning", "rebalance", "state_change", "status", "tick".
std::string name_of(const Trigger& trigger);

/// The instance of an EC2 event; nullptr for any other trigger.
const std::string* instance_of(const Trigger& trigger);

/// A scheduled invocation is skipped if the lease is held; all others wait for a while.
bool may_be_skipped(const Trigger& trigger);

}  // namespace nodenap
