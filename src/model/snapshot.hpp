#pragma once

#include "base/units.hpp"
#include "model/policy.hpp"

#include <cassert>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace nodenap {

/// Why a reading could not be had or cannot be trusted.
struct Unknown {
    std::string cause;
    friend bool operator==(const Unknown&, const Unknown&) = default;
};

/// A value that can be trusted, or Unknown with its cause; never a zero that stands for "no idea".
template <class T>
class Reading {
public:
    Reading() : Reading(Unknown{"not read"}) {}
    Reading(T value) : held_(std::move(value)) {}
    Reading(Unknown unknown) : held_(std::move(unknown)) {}

    bool known() const { return std::holds_alternative<T>(held_); }
    const T& value() const& {
        assert(known());
        return *std::get_if<T>(&held_);
    }
    T value() && {
        assert(known());
        return std::move(*std::get_if<T>(&held_));
    }
    const std::string& cause() const {
        assert(!known());
        return std::get_if<Unknown>(&held_)->cause;
    }

private:
    std::variant<T, Unknown> held_;
};

/// One thing EC2 may be asked for. Offers rest, each by itself, when EC2 has none to give.
struct Offering {
    std::string pool;
    std::string instance_type;
    std::string zone;
    Capacity capacity = Capacity::on_demand;

    friend auto operator<=>(const Offering&, const Offering&) = default;
};

enum class InstanceState { pending, running, shutting_down, terminated, stopping, stopped };

/// An EC2 instance tagged as ours. `operation` and `epoch` are its tags, empty and 0 if absent.
struct Instance {
    std::string id;
    Offering offering;
    InstanceState state = InstanceState::pending;
    Time launched_at{};
    std::string operation;
    std::int64_t epoch = 0;
    std::string private_ip;
    bool terminating = false;  // a removal is under way, or a spot notice says it goes by itself
    bool interrupted = false;  // the latter: nobody has made sure that its pods fit elsewhere
    std::string state_reason = {};            // EC2's code for why it ended, empty while it runs
    std::vector<std::string> addresses = {};  // beside private_ip: its IPv6 ones
    std::string launch_template = {};         // EC2's own tag, which nobody else can write
    bool foreign = false;  // bears our tags, and was not launched by this cluster: never touched
};

/// A Node object. `instance_id` comes from its name, else its provider id; empty if neither has it.
struct Node {
    std::string name;
    std::string instance_id;
    std::string internal_ip;
    std::vector<std::string> addresses =
        {};  // every other one: of both families, hostname, DNS names
    bool ready = false;
    bool server = false;      // has a control-plane role: no worker, whatever its tags say
    bool schedulable = true;  // not cordoned, and no taint that keeps ordinary pods away
    std::vector<std::string> taints = {};  // key=value:Effect, of those that keep pods away
    Time created_at{};                     // Time{} if it is not told
    Resources allocatable;
    Resources requested;            // by all its pods; `pods` is their number
    Resources daemonset_requested;  // the part of it that every node has
    bool only_daemonset_pods = false;
    std::int64_t pods_being_deleted = 0;  // of its pods, those of DaemonSets aside
    // Pods whose containers run there by cAdvisor, and which kube-state-metrics does not list
    // there; of these, those that it did not list a while ago either.
    std::int64_t unlisted_pods = 0;
    std::int64_t hidden_pods = 0;
};

/// A bound PersistentVolume whose data are on one node's own disk. One that pods of several nodes
/// use is there once for each of them: nobody knows which has the data.
struct LocalVolume {
    std::string name;   // "pvc-5f0e7a8e-…"
    std::string claim;  // "namespace/claim"; empty where it is not reported
    std::string node;   // on which a pod uses it; empty where none does
};

/// A resource beside CPU and memory, by kube-state-metrics' name: "nvidia_com_gpu", 1.
struct OtherResource {
    std::string name;
    std::int64_t amount = 0;
    friend bool operator==(const OtherResource&, const OtherResource&) = default;
};

/// Not bound yet; without its volume; not there; or bound to a volume that one node alone has.
enum class ClaimState { unbound, lost, missing, on_a_node };

/// A claim that keeps its pod from new nodes, or may. `binds_at_once`, of one that is not bound:
/// its StorageClass does not wait for the pod's node; unset where that is not known.
struct HinderingClaim {
    std::string name;
    std::optional<bool> binds_at_once;
    ClaimState state = ClaimState::unbound;
    friend bool operator==(const HinderingClaim&, const HinderingClaim&) = default;
};

/// A pod that the scheduler can place nowhere and that no gate holds back.
struct PendingPod {
    std::string name;   // "namespace/pod"
    std::string owner;  // "ReplicaSet/nginx-5d5", a CronJob of its Job; empty for a bare pod
    Resources requests;
    std::optional<Time> unschedulable_since;
    std::vector<OtherResource> others = {};
    std::vector<HinderingClaim> claims = {};
    std::vector<std::string> only_on = {};    // "pool/type" of nodes that may help; empty: all
    std::vector<std::string> rather_on = {};  // of those, the ones to try first; empty: any
};

/// What a node has of a resource that some waiting pod asks for.
struct NodeResource {
    std::string node;
    OtherResource has;
    friend bool operator==(const NodeResource&, const NodeResource&) = default;
};

/// `pods` may name fewer than `count` where the configured query gives a number only.
struct Pending {
    std::int64_t count = 0;
    std::vector<PendingPod> pods;
    std::vector<NodeResource> others = {};
    std::map<std::string, Resources> freed = {};  // by node: of pods that end in a moment

    std::int64_t unnamed() const {
        const auto named = static_cast<std::int64_t>(pods.size());
        return count > named ? count - named : 0;
    }
};

/// One machine's use, in cores or MiB, over the window. `host` is its address or name, `node` the
/// name of the Node that this fits; empty where none does, or the Nodes are unknown.
struct HostUse {
    std::string host;
    double busy = 0;
    double size = 0;
    std::string node = {};
};

/// The cluster's use. `hosts` is empty where the configured query gives a percentage only.
struct Use {
    double percent = 0;
    std::vector<HostUse> hosts;
};

/// What Prometheus (later: the Kubernetes API) says, each with its own trust.
struct Signals {
    Reading<Use> cpu;
    Reading<Use> memory;
    Reading<Pending> pending;
    Reading<std::vector<Node>> nodes;
    std::vector<LocalVolume> volumes;  // none while the Nodes are unknown
    bool volumes_reported = true;      // false: no PersistentVolume is, and any may be bound
};

/// A local volume that a pod used on this instance, kept while it is bound.
struct RememberedVolume {
    std::string name;
    std::string claim;
    std::optional<Time> unbound_since;  // not reported as bound since
    friend bool operator==(const RememberedVolume&, const RememberedVolume&) = default;
};

/// What we remember of one instance of ours between passes. Without `registered_at` it is awaited,
/// from `first_seen_at` on, less the time `unwatched` in which the Nodes could not be seen.
struct RememberedInstance {
    std::optional<Time> registered_at;  // first pass that saw its Node Ready
    std::optional<Time> notready_since;
    std::optional<Time> first_seen_at;
    Milliseconds unwatched{0};
    bool registration_failed =
        false;  // its termination was announced once, and its offering put to rest
    std::optional<Time> refused_until = {};  // EC2 will not terminate it; asked again then
    // Of one that joined with a taint or cordoned: while that lasts, when it is waited for no
    // longer; then the first pass that saw it open to pods.
    std::optional<Time> opens_at = {};
    std::optional<Time> server_seen_at = {};  // when its Node last had a control-plane role
    // Of one that joined: whether only a Node with its id as name is taken for its own. An older
    // version did not note it.
    std::optional<bool> only_by_name = {};
    std::vector<RememberedVolume> volumes = {};
    friend bool operator==(const RememberedInstance&, const RememberedInstance&) = default;
};

struct UnavailableOffering {
    Offering offering;
    Time until{};
    int failures = 0;
    std::string cause;
    friend bool operator==(const UnavailableOffering&, const UnavailableOffering&) = default;
};

/// Pods of one owner and size, and the epochs in which nodes were launched for them.
struct PodGroupMemory {
    std::string group;
    std::vector<std::int64_t> launched_epochs;
    std::optional<Time> unplaceable_until;
    int failures = 0;
    Resources refused = {};  // the largest node that did not help it; nothing if none is known
    // Its last failure is that its pods vanished while their nodes were empty: these nodes, whose
    // epochs are kept, may serve it yet.
    bool pods_vanished = false;
    friend bool operator==(const PodGroupMemory&, const PodGroupMemory&) = default;
};

/// The least that Ready Nodes of a kind had for pods, and when they were last seen.
struct SeenAllocatable {
    Resources has;
    Time at{};
    friend bool operator==(const SeenAllocatable&, const SeenAllocatable&) = default;
};

/// What a pass leaves for the next one. Losing it costs time, never a wrong removal.
struct Memory {
    std::map<std::string, RememberedInstance> instances;
    std::vector<UnavailableOffering> unavailable_offerings;
    std::vector<PodGroupMemory> groups;
    std::vector<Time> launches;                          // of the last hour
    std::map<std::string, SeenAllocatable> allocatable;  // by "pool/type"
    std::optional<Time> nodes_seen_at;                   // the last pass that saw the Nodes
    std::optional<Time> low_since;                       // CPU below the line, in every pass
    std::optional<Time> low_seen_at;                     // the last of these passes
    std::optional<Time> last_ready_at;                   // a launched node became Ready
    std::optional<Time> last_removal_at;
    int cooldown_doublings = 0;
    bool removal_premature = false;  // the last removal was followed by a shortage
    std::string last_reason;         // of the last pass, so that only changes are recorded
    std::string last_decision;
    /// By Node: since when pods run there in every pass that kube-state-metrics does not list.
    std::map<std::string, Time> hidden_since;
    /// Nodes that were Ready in some pass and may be those of instances that have none.
    std::set<std::string> unmatched_nodes;
    /// Launch templates of this cluster, and when each was last configured or in use.
    std::map<std::string, Time> templates;
    friend bool operator==(const Memory&, const Memory&) = default;
};

/// All that a decision rests on. `now` is read once in a pass.
struct Snapshot {
    Time now{};
    std::string cluster;
    Reading<std::vector<Instance>> fleet;
    Signals signals;
    Memory memory;
    std::optional<Time> paused_until;
    std::string pause_reason = {};
};

}  // namespace nodenap
