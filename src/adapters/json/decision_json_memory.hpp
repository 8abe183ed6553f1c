#pragma once

#include "adapters/json/decision_json_fields.hpp"
#include "model/snapshot.hpp"

/// Shared by the files of decision_json that read and write the memory.
namespace nodenap {

/// The one-letter keys of the memory's JSON. A key never changes its meaning; new meanings get new
/// keys.
namespace key {
inline constexpr auto instances = "i";    // id: registered at, or a list, see instance_document
inline constexpr auto unavailable = "r";  // [pool, type, zone, capacity, until, failures, cause]
inline constexpr auto groups = "g";  // [group, epoch, unplaceable until | null, failures, size, 1]
inline constexpr auto allocatable = "a";  // "pool/type": [millicores, MiB, pods, seen at]
inline constexpr auto launches =
    "l";  // seconds; each after the first as a difference to the previous one
inline constexpr auto nodes_seen_at = "n";
inline constexpr auto low_since = "w";
inline constexpr auto low_seen_at = "v";
inline constexpr auto last_ready_at = "y";
inline constexpr auto last_removal_at = "x";
inline constexpr auto doublings = "d";
inline constexpr auto premature = "q";
inline constexpr auto last_reason = "c";
inline constexpr auto last_decision = "k";
inline constexpr auto names_are_told = "b";
inline constexpr auto hidden_since = "h";  // node: seconds
inline constexpr auto unmatched_nodes = "u";
inline constexpr auto volumes = "o";    // [instance, volume, claim, unbound since | null]
inline constexpr auto templates = "t";  // launch template: seconds
}  // namespace key

/// Reports values that no version of Nodenap writes as errors of `in`.
Memory read_memory(const Fields& in);

}  // namespace nodenap
