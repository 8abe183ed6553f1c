#pragma once

#include "model/snapshot.hpp"

#include <optional>
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

/// Ready and open to pods for less than 60 seconds: the scheduler may still be about to give it
/// pods. A node that is closed when it joins goes on settling, for at most `join_timeout`.
bool is_settling(const Member& member, const Snapshot& snapshot);

/// Cordoned, or with a taint that its pool does not have.
bool is_closed(const Member& member);

/// A joined node that is not Ready holds removals back for this long, then no longer.
inline constexpr Milliseconds notready_patience = std::chrono::minutes(10);

/// Since when a joined node is not Ready, as far as we remember; else since now. Passes more than
/// 10 minutes apart prove nothing of the time between: then since now.
Time notready_since(const Member& member, const Snapshot& snapshot);

/// Since when CPU is low, this pass included, where it is low now. Passes too far apart (twice
/// `unneeded_for`, and at least 10 minutes) prove nothing of the time between: then since now.
Time low_since(const Snapshot& snapshot, const Policy& policy);

/// `first`, doubled `times` times, but never above `longest`.
Milliseconds doubled(Milliseconds first, int times, Milliseconds longest);

/// The cooldown now in force: the configured one, doubled for each removal that was premature.
Milliseconds cooldown_length(const Memory& memory, const Policy& policy);

/// A server is remembered for an hour after the last sight of its role.
inline constexpr Milliseconds server_remembered_for = std::chrono::hours(1);

/// The memory brought up to date with what this pass saw; nothing that it did. `members` are those
/// of the snapshot, and not looked at while the fleet is unknown.
Memory observe(const Snapshot& snapshot, const Membership& members, const Policy& policy);

/// An offering that EC2 refused rests 3 minutes, doubling to 30; one not sold in its zone, 24
/// hours. Refusals of one batch count once: what rests already does not rest longer for them.
void back_off(Memory& memory, const Offering& offering, Time now, std::string cause, bool not_sold);
bool is_in_backoff(const Memory& memory, const Offering& offering, Time now);

/// An instance that did not join is given up, and its offering rests: once an instance, as one that
/// EC2 keeps (termination protection) is given up again and again.
void note_registration_failure(Memory& memory, const std::string& instance_id,
                               const Offering& offering, Time now);

/// EC2 refuses to terminate an instance: a person must mend that (termination protection, rights).
/// It is left alone for half an hour, so that it holds up nothing else.
void note_refused_removal(Memory& memory, const std::string& instance_id, Time now);
/// For how long it is still left alone; nothing if it is not.
std::optional<Milliseconds> refused_for(const Memory& memory, const std::string& instance_id,
                                        Time now);

/// What was launched in the hour before `now`, and five minutes more: a launch may be announced
/// that long before it is sent.
int launches_of_last_hour(const Memory& memory, Time now);

/// What was done, for the limits and the cooldown. A removal that comes 10 minutes or less before
/// pods or load ask for a node again was wrong: the cooldown doubles, once for each.
void note_launch(Memory& memory, Time now);
void note_removal(Memory& memory, Time now);
/// A dead worker was terminated: no shortage afterwards makes that premature.
void note_repair(Memory& memory, Time now);
/// The removals that were noted since `before` never happened.
void forget_removal(Memory& memory, const Memory& before);
void note_shortage(Memory& memory, Time now);

}  // namespace nodenap
