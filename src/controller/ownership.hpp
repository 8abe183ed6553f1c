#pragma once

#include "controller/memory.hpp"

#include <vector>

namespace nodenap {

/// Anyone who may tag instances can give any of them the cluster's tags. Workers are only those
/// that EC2 launched from a launch template of this cluster, according to EC2's own tag: a
/// configured one, a remembered one, or that of a launch which is still in flight. All others are
/// marked as foreign.
void mark_foreign(std::vector<Instance>& fleet, const State& state, const Policy& policy);

/// Remembers the configured templates and those that workers were launched from, so that workers of
/// a replaced template remain workers. The ones unused for the longest time are forgotten.
void remember_templates(Memory& memory, const std::vector<Instance>& fleet, const Policy& policy,
                        Time now);

}  // namespace nodenap
