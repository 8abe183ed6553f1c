#pragma once

#include "decide/plan.hpp"

#include <vector>

namespace nodenap {

/// The part of a decision that may be launched, and the limits that reduced it, each with its
/// effect.
struct Launches {
    std::vector<LaunchGroup> groups;
    std::vector<Reason> limits;
};

/// Minimum first, then pods, then load: each uses the nodes planned before it, so that no node is
/// planned twice for the same need.
Launches plan_launches(const Decision& decision, const Snapshot& snapshot, const Policy& policy);

}  // namespace nodenap
