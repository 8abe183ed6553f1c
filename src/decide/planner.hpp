#pragma once

#include "decide/plan.hpp"

#include <vector>

namespace nodenap {

/// What may be launched of a decision, and which limits cut it, each with what it cost.
struct Launches {
    std::vector<LaunchGroup> groups;
    std::vector<Reason> limits;
};

/// Minimum first, then pods, then load: each uses the nodes planned before it, so that one new
/// node is never asked for twice.
Launches plan_launches(const Decision& decision, const Snapshot& snapshot, const Policy& policy);

}  // namespace nodenap
