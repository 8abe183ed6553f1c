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

/// An instance of ours with its Node, if it has one, what is remembered of it, if anything is, and
/// its pool and type, if still configured.
struct Member {
    const Instance* instance = nullptr;
    const Node* node = nullptr;
    const RememberedInstance* known = nullptr;
    const Pool* pool = nullptr;
    const InstanceType* type = nullptr;
    Stage stage = Stage::terminated;
    std::vector<const Node*> disputed_by =
        {};  // Nodes that all claim to be it; `node` is null then
    std::vector<const LocalVolume*> volumes = {};  // that pods use on its Node
};

/// An instance that is tagged as ours, but is a server and never touched.
struct TaggedServer {
    const Instance* instance = nullptr;
    const Node* node = nullptr;
};

/// The fleet read once against the Nodes: the base of every rule.
struct Membership {
    std::vector<Member> members;               // ours, oldest first
    std::vector<TaggedServer> servers;         // tagged as ours, but no workers
    std::vector<const Instance*> foreign;      // likewise, launched by someone else
    std::vector<const Node*> other_nodes;      // Ready Nodes that are no instance of ours, servers
    std::vector<const Node*> unmatched_nodes;  // and those, Ready or not, that are no servers
    int expected_nodes = 0;  // ours and alive that joined once, or may have before we watched
    int missing_nodes = 0;   // … and have no Node, though Nodes are seen

    /// Then what Prometheus tells of the Nodes is a part at best, and proves no absence.
    bool nodes_are_partial() const { return 2 * missing_nodes > expected_nodes; }

    int count(Stage stage) const;
    int alive() const;
    int alive_in_pool(std::string_view pool) const;
    /// For the maximum: every instance that bears our tags and runs, whatever else it is. Of one
    /// pool, or of all where the name is empty.
    int counted(std::string_view pool = {}) const;
    /// How many more than the maximum may run: one beside those that EC2 is about to interrupt.
    int excess(std::string_view pool = {}) const;
};

/// Pending or running in EC2.
bool runs(const Instance& instance);
/// Neither leaving nor gone.
bool is_alive(Stage stage);
/// What is remembered of the member; nothing if it is not known.
const RememberedInstance& memory_of(const Member& member);

/// Needs a known fleet. Points into `snapshot` and `policy`, which must outlive it.
Membership membership(const Snapshot& snapshot, const Policy& policy);

/// The size that is counted for a node of ours: its type's, else what its Node has for pods.
double cores_of(const Member& member);
double mebibytes_of(const Member& member);

/// A node settles for so long after it is Ready, and after it opens to pods.
inline constexpr Milliseconds settles_for = std::chrono::seconds(60);

/// Ready and open to pods for less than `settles_for`: the scheduler may still be about to give it
/// pods. A node that is closed when it joins goes on settling, for at most `join_timeout`.
bool is_settling(const Member& member, const Snapshot& snapshot);

/// Cordoned, or with a taint that its pool does not have.
bool is_closed(const Member& member);

/// Passes further apart than this prove nothing of the time between them.
inline constexpr Milliseconds longest_gap = std::chrono::minutes(10);

/// A joined node that is not Ready holds removals back for this long, then no longer.
inline constexpr Milliseconds notready_patience = std::chrono::minutes(10);

/// Since when a joined node is not Ready, as far as we remember; else since now. Passes more than
/// 10 minutes apart prove nothing of the time between: then since now.
Time notready_since(const Member& member, const Snapshot& snapshot);

}  // namespace nodenap
