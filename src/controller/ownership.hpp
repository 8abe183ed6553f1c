#pragma once

#include "controller/memory.hpp"

#include <vector>

namespace nodenap {

/// Whoever may tag instances can give any of them our tags. Ours are those that EC2 launched from a
/// launch template of this cluster, by its own tag: a configured one, a remembered one, or that of
/// a launch which the state still awaits. All others are marked as foreign.
void mark_foreign(std::vector<Instance>& fleet, const State& state, const Policy& policy);

/// Remembers the configured templates and those that our instances were launched from, so that a
/// template that is replaced leaves its workers ours. The longest unseen are forgotten.
void remember_templates(Memory& memory, const std::vector<Instance>& fleet, const Policy& policy,
                        Time now);

}  // namespace nodenap
