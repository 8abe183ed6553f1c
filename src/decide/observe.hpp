#pragma once

#include "decide/membership.hpp"

namespace nodenap {

/// A server is remembered for an hour after its role was last observed.
inline constexpr Milliseconds server_remembered_for = std::chrono::hours(1);

/// The memory updated with this pass's observations, without its actions. `members` are those of
/// the snapshot, and not used while the instances are unknown.
Memory observe(const Snapshot& snapshot, const Membership& members, const Policy& policy);

}  // namespace nodenap
