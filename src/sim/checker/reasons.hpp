#pragma once

#include "decide/plan.hpp"

#include <algorithm>

namespace nodenap::sim {

inline bool has_reason(const Plan& plan, ReasonCode code) {
    return std::any_of(plan.reasons.begin(), plan.reasons.end(),
                       [&](const Reason& reason) { return reason.code == code; });
}

/// Whether the plan reports that a limit of the policy or of EC2 keeps pods pending.
inline bool reports_limit(const Plan& plan) {
    return has_reason(plan, ReasonCode::at_maximum) || has_reason(plan, ReasonCode::price_limit) ||
           has_reason(plan, ReasonCode::launch_limit) || has_reason(plan, ReasonCode::no_capacity);
}

}  // namespace nodenap::sim
