#pragma once

#include "model/snapshot.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace nodenap {

/// The stage of a worker's life. `booting` and `ready` are capacity; `notready` (registered) and
/// `not_registered` (not within `join_timeout`: to be terminated) run without being capacity;
/// `terminating` and `terminated` are neither.
enum class Stage { booting, ready, notready, not_registered, terminating, terminated };

/// A worker: its instance, with its Node, remembered data, pool and type. All of these are
/// optional: pool and type are null if no longer configured.
struct Member {
    const Instance* instance = nullptr;
    const Node* node = nullptr;
    const RememberedInstance* known = nullptr;
    const Pool* pool = nullptr;
    const InstanceType* type = nullptr;
    Stage stage = Stage::terminated;
    std::vector<const Node*> disputed_by = {};  // several Nodes claim to be it; `node` is null then
    std::vector<const LocalVolume*> volumes = {};  // used by pods on its Node
};

/// A server with the cluster's tags; it is never touched.
struct TaggedServer {
    const Instance* instance = nullptr;
    const Node* node = nullptr;
};

/// The instances joined with the Nodes, once per pass: the input of every rule.
struct Membership {
    std::vector<Member> members;           // the workers, oldest first
    std::vector<TaggedServer> servers;     // servers with the cluster's tags
    std::vector<const Instance*> foreign;  // with the cluster's tags, but launched by someone else
    std::vector<const Node*> other_nodes;  // Ready Nodes that are no worker, including servers
    std::vector<const Node*> unmatched_nodes;  // the same, Ready or not, without servers
    int expected_nodes = 0;  // running workers that registered, or may have before observed
    int missing_nodes = 0;   // of these, without a Node although Nodes are reported

    /// Whether Prometheus reports only a part of the Nodes at best, so that a missing Node proves
    /// nothing.
    bool nodes_are_partial() const { return 2 * missing_nodes > expected_nodes; }

    int count(Stage stage) const;
    int alive() const;
    int alive_in_pool(std::string_view pool) const;
    /// For the maximum: every running instance with the cluster's tags. Of one pool, or of all if
    /// the name is empty.
    int counted(std::string_view pool = {}) const;
    /// How many more than the maximum may run: one while EC2 is about to interrupt others.
    int excess(std::string_view pool = {}) const;
};

/// Pending or running in EC2.
bool runs(const Instance& instance);
/// Neither terminating nor terminated.
bool is_alive(Stage stage);
/// What is remembered of the member; defaults if nothing is.
const RememberedInstance& memory_of(const Member& member);

/// Requires known instances. Points into `snapshot` and `policy`, which must outlive it.
Membership membership(const Snapshot& snapshot, const Policy& policy);

/// The size that counts for a worker: its type's, else its Node's allocatable resources.
double cores_of(const Member& member);
double mebibytes_of(const Member& member);

/// How long a node settles after it becomes Ready, and after it becomes schedulable.
inline constexpr Milliseconds settles_for = std::chrono::seconds(60);

/// Ready and schedulable for less than `settles_for`: the scheduler may still be about to place
/// pods there. A node that is unschedulable when it registers keeps settling, for at most
/// `join_timeout`.
bool is_settling(const Member& member, const Snapshot& snapshot);

/// Cordoned, or with a taint that is not its pool's.
bool is_closed(const Member& member);

/// Passes further apart than this prove nothing about the time between them.
inline constexpr Milliseconds longest_gap = std::chrono::minutes(10);

/// A registered node that is not Ready blocks removals for this long.
inline constexpr Milliseconds notready_patience = std::chrono::minutes(10);

/// Since when a registered node has not been Ready, as remembered; else since now. Passes more than
/// 10 minutes apart prove nothing about the time between: then since now.
Time notready_since(const Member& member, const Snapshot& snapshot);

}  // namespace nodenap
