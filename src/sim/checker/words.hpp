#pragma once

#include "decide/plan.hpp"

#include <algorithm>

namespace nodenap::sim {

inline bool says(const Plan& plan, ReasonCode code) {
    return std::any_of(plan.reasons.begin(), plan.reasons.end(),
                       [&](const Reason& reason) { return reason.code == code; });
}

/// Whether the plan reports that a limit of the policy or of EC2 keeps pods pending.
inline bool says_a_limit(const Plan& plan) {
    return says(plan, ReasonCode::at_maximum) || says(plan, ReasonCode::price_limit) ||
           says(plan, ReasonCode::launch_limit) || says(plan, ReasonCode::no_capacity);
}

}  // namespace nodenap::sim
