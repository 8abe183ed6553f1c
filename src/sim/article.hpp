#pragma once

#include "controller/ports.hpp"

#include <functional>

namespace nodenap::sim {

/// One wake-up of the scaler as the article has it, to be compared with: a lock that is true or
/// false, a missing metric is 0, the cooldown comes first, one node at a time, the oldest goes,
/// and nothing is written down before it is done. Answers whether it did anything.
bool run_article(const Ports& ports, const Settings& settings,
                 const std::function<std::string()>& random);

}  // namespace nodenap::sim
