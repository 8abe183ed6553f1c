#pragma once

#include "decide/membership.hpp"

namespace nodenap {

/// A server is remembered for an hour after the last sight of its role.
inline constexpr Milliseconds server_remembered_for = std::chrono::hours(1);

/// The memory brought up to date with what this pass saw; nothing that it did. `members` are those
/// of the snapshot, and not looked at while the fleet is unknown.
Memory observe(const Snapshot& snapshot, const Membership& members, const Policy& policy);

}  // namespace nodenap
