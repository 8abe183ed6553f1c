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

bool may_be_skipped(const Trigger& trigger) {
    return std::holds_alternative<Scheduled>(trigger) || std::holds_alternative<Action>(trigger);
}

}  // namespace nodenap
