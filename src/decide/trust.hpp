#pragma once

#include "decide/membership.hpp"

#include <optional>
#include <string>
#include <vector>

namespace nodenap {

/// Doubts about the Node data, because of which nothing may be terminated. Each is a message for
/// the user, or nullopt.

/// In two consecutive passes, a minute or more apart, pods ran on a Node although
/// kube-state-metrics does not list them there: it may be limited to some namespaces, or a shard
/// may be missing. A single observation proves nothing, since a new pod is listed only after the
/// next scrape.
std::optional<std::string> hidden_pods(const Snapshot& snapshot);

/// Whether cAdvisor currently reports pods on a Node that kube-state-metrics does not list.
bool hides_pods(const Snapshot& snapshot);

/// An instance has no Node, while an unmatched Node exists that is younger than its launch, is no
/// server, names no instance, and is or was Ready: the two may be one worker.
std::optional<std::string> unmatched_node(const Membership& members, const Snapshot& snapshot);

/// The bound local volumes with data on a member's disk: "pvc-1 of default/data-db-0".
std::vector<std::string> local_volumes(const Member& member, const Snapshot& snapshot);

/// Remembers since when pods are hidden, where pods use local volumes, and which Nodes may belong
/// to an instance without one.
void observe_trust(Memory& memory, const Snapshot& snapshot, const Membership& members);

}  // namespace nodenap
