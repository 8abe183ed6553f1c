#include "controller/trigger.hpp"

#include <type_traits>

namespace nodenap {

std::string name_of(const Trigger& trigger) {
    struct Namer {
        std::string operator()(const Scheduled&) const { return "scheduled"; }
        std::string operator()(const Alert&) const { return "alert"; }
        std::string operator()(const SpotWarning&) const { return "spot_warning"; }
        std::string operator()(const Rebalance&) const { return "rebalance"; }
        std::string operator()(const StateChange&) const { return "state_change"; }
        std::string operator()(const Action& action) const {
            return action == Action::status ? "status" : "tick";
        }
    };
    return std::visit(Namer{}, trigger);
}

const std::string* instance_of(const Trigger& trigger) {
    if (const auto* warning = std::get_if<SpotWarning>(&trigger)) return &warning->instance_id;
    if (const auto* rebalance = std::get_if<Rebalance>(&trigger)) return &rebalance->instance_id;
    if (const auto* change = std::get_if<StateChange>(&trigger)) return &change->instance_id;
    return nullptr;
}

bool may_be_skipped(const Trigger& trigger) {
    return std::holds_alternative<Scheduled>(trigger) || std::holds_alternative<Action>(trigger);
}

}  // namespace nodenap
