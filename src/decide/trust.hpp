#pragma once

#include "decide/membership.hpp"

#include <optional>
#include <string>
#include <vector>

namespace nodenap {

/// What makes the Nodes, though they are known, no ground to terminate anything on. Each is a
/// cause for a person, or nothing.

/// In two passes in a row, a minute or more apart, pods ran on a Node where kube-state-metrics
/// does not list them: it may be limited to some namespaces, or a shard may be missing. A single
/// sight proves nothing, for a pod that has just started is listed only by the next scrape.
std::optional<std::string> hidden_pods(const Snapshot& snapshot);

/// Whether cAdvisor shows, at this very moment, pods on a Node that kube-state-metrics does not
/// list.
bool hides_pods(const Snapshot& snapshot);

/// An instance has no Node, while a Node that is younger than its launch, is no server and names
/// no instance matches no instance either, and is Ready or was in an earlier pass: the two may be
/// one worker.
std::optional<std::string> unmatched_node(const Membership& members, const Snapshot& snapshot);

/// The bound local volumes whose data are on a member's disk: "pvc-1 of default/data-db-0".
std::vector<std::string> local_volumes(const Member& member, const Snapshot& snapshot);

/// Notes since when pods are hidden, which local volumes pods use where, and which Nodes may be
/// an instance's that has none.
void observe_trust(Memory& memory, const Snapshot& snapshot, const Membership& members);

}  // namespace nodenap
