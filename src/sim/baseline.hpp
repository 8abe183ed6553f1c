#pragma once

#include "controller/ports.hpp"

#include <functional>

namespace nodenap::sim {

/// One invocation of the baseline scaler, for comparison: the lock is a boolean, a missing metric
/// counts as 0, the cooldown is checked first, it adds one node at a time or removes the oldest,
/// and nothing is recorded before it is done. Returns whether it did anything.
bool run_baseline(const Ports& ports, const Settings& settings,
                  const std::function<std::string()>& random);

}  // namespace nodenap::sim
