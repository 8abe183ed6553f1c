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

/// Why a value is unavailable or cannot be trusted.
struct Unknown {
    std::string cause;
    friend bool operator==(const Unknown&, const Unknown&) = default;
};

/// A trusted value, or Unknown with its cause; 0 never means "unknown".
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

/// What EC2 can be asked to launch. Each offering has its own backoff when EC2 has no capacity.
struct Offering {
    std::string pool;
    std::string instance_type;
    std::string zone;
    Capacity capacity = Capacity::on_demand;

    friend auto operator<=>(const Offering&, const Offering&) = default;
};

enum class InstanceState { pending, running, shutting_down, terminated, stopping, stopped };

/// An EC2 instance with the cluster's tags. `operation` and `epoch` are tags, empty and 0 if
/// absent.
struct Instance {
    std::string id;
    Offering offering;
    InstanceState state = InstanceState::pending;
    Time launched_at{};
    std::string operation;
    std::int64_t epoch = 0;
    std::string private_ip;
    bool terminating = false;       // a removal is in flight, or EC2 announced a spot interruption
    bool interrupted = false;       // the latter: it was not checked that its pods fit elsewhere
    std::string state_reason = {};  // EC2's code for why it terminated, empty while it runs
    std::vector<std::string> addresses = {};  // in addition to private_ip, including IPv6
    std::string launch_template = {};         // EC2's own tag, which only EC2 can write
    bool foreign =
        false;  // has the cluster's tags, but was not launched by this cluster: never touched
};

/// A Node object. `instance_id` comes from its name, else its provider id; empty if neither has it.
struct Node {
    std::string name;
    std::string instance_id;
    std::string internal_ip;
    std::vector<std::string> addresses = {};  // all other ones: IPv4 and IPv6, hostname, DNS names
    bool ready = false;
    bool server = false;      // has a control-plane role: not a worker, whatever its tags say
    bool schedulable = true;  // not cordoned, and no taint that keeps ordinary pods away
    std::vector<std::string> taints = {};  // key=value:Effect, only those that keep pods away
    Time created_at{};                     // Time{} if not reported
    Resources allocatable;
    Resources requested;            // by all its pods; `pods` is their number
    Resources daemonset_requested;  // the part of it requested by DaemonSet pods
    bool only_daemonset_pods = false;
    std::int64_t pods_being_deleted = 0;  // without DaemonSet pods
    // Pods whose containers run on the node according to cAdvisor, but which kube-state-metrics
    // does not list there; and of these, the ones that were not listed a while ago either.
    std::int64_t unlisted_pods = 0;
    std::int64_t hidden_pods = 0;
};

/// A bound PersistentVolume whose data is on one node's local disk. A volume used by pods on
/// several nodes is listed once for each of them, because it is unknown which node has the data.
struct LocalVolume {
    std::string name;   // "pvc-5f0e7a8e-…"
    std::string claim;  // "namespace/claim"; empty where it is not reported
    std::string node;   // where a pod uses it; empty if none does
};

/// An extended resource, by its name in kube-state-metrics: "nvidia_com_gpu", 1.
struct OtherResource {
    std::string name;
    std::int64_t amount = 0;
    friend bool operator==(const OtherResource&, const OtherResource&) = default;
};

/// Not bound yet; its volume is lost; the claim does not exist; or bound to a volume on one node.
enum class ClaimState { unbound, lost, missing, on_a_node };

/// A PersistentVolumeClaim that keeps, or may keep, its pod from running on a new node.
/// `binds_at_once`, for an unbound claim: its StorageClass has volumeBindingMode Immediate; unset
/// if unknown.
struct HinderingClaim {
    std::string name;
    std::optional<bool> binds_at_once;
    ClaimState state = ClaimState::unbound;
    friend bool operator==(const HinderingClaim&, const HinderingClaim&) = default;
};

/// An unschedulable pod without a scheduling gate.
struct PendingPod {
    std::string name;   // "namespace/pod"
    std::string owner;  // "ReplicaSet/nginx-5d5", the CronJob for a Job's pod; empty for a bare pod
    Resources requests;
    std::optional<Time> unschedulable_since;
    std::vector<OtherResource> others = {};
    std::vector<HinderingClaim> claims = {};
    std::vector<std::string> only_on = {};  // "pool/type" of nodes that may fit it; empty: all
    std::vector<std::string> rather_on =
        {};  // of those, the ones to try first; empty: no preference
};

/// A node's allocatable amount of an extended resource that some pending pod requests.
struct NodeResource {
    std::string node;
    OtherResource has;
    friend bool operator==(const NodeResource&, const NodeResource&) = default;
};

/// `pods` may have fewer entries than `count` if a custom query returns only a number.
struct Pending {
    std::int64_t count = 0;
    std::vector<PendingPod> pods;
    std::vector<NodeResource> others = {};
    std::map<std::string, Resources> freed = {};  // by node: requests of pods that are about to end

    std::int64_t unnamed() const {
        const auto named = static_cast<std::int64_t>(pods.size());
        return count > named ? count - named : 0;
    }
};

/// The usage of one host, in cores or MiB, over the window. `host` is its address or name, `node`
/// the name of the matching Node; empty if none matches or the Nodes are unknown.
struct HostUse {
    std::string host;
    double busy = 0;
    double size = 0;
    std::string node = {};
};

/// The cluster's usage. `hosts` is empty if a custom query returns only a percentage.
struct Use {
    double percent = 0;
    std::vector<HostUse> hosts;
};

/// The signals from Prometheus (later: the Kubernetes API); each can be unknown independently.
struct Signals {
    Reading<Use> cpu;
    Reading<Use> memory;
    Reading<Pending> pending;
    Reading<std::vector<Node>> nodes;
    std::vector<LocalVolume> volumes;  // empty while the Nodes are unknown
    bool volumes_reported = true;  // false: PersistentVolumes are not reported, so any may be bound
};

/// A local volume that a pod used on this instance, remembered while it is bound.
struct RememberedVolume {
    std::string name;
    std::string claim;
    std::optional<Time> unbound_since;  // since when it has not been reported as bound
    friend bool operator==(const RememberedVolume&, const RememberedVolume&) = default;
};

/// What is remembered of a managed instance between passes. Without `registered_at` its
/// registration is awaited since `first_seen_at`, minus the time `unwatched` in which node data was
/// unavailable.
struct RememberedInstance {
    std::optional<Time> registered_at;  // first pass that observed its Node Ready
    std::optional<Time> notready_since;
    std::optional<Time> first_seen_at;
    Milliseconds unwatched{0};
    bool registration_failed =
        false;  // its termination was recorded and its offering is in backoff
    std::optional<Time> refused_until = {};  // EC2 refused to terminate it; retried then
    // For an instance that registered tainted or cordoned: while that lasts, the time when waiting
    // for it ends; afterwards, the first pass that observed it schedulable.
    std::optional<Time> opens_at = {};
    std::optional<Time> server_seen_at = {};  // when its Node last had a control-plane role
    // For a registered instance: whether only a Node named by its id matches it. Unset in state
    // written by older versions.
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

/// Pods with the same owner and requests, and the epochs in which nodes were launched for them.
struct PodGroupMemory {
    std::string group;
    std::vector<std::int64_t> launched_epochs;
    std::optional<Time> unplaceable_until;
    int failures = 0;
    Resources refused = {};  // the largest node that did not help; zero if none is known
    // The last failure was that the pods disappeared while their nodes were empty; these nodes,
    // whose epochs are kept, may still help.
    bool pods_vanished = false;
    friend bool operator==(const PodGroupMemory&, const PodGroupMemory&) = default;
};

/// The smallest allocatable resources of Ready Nodes of one pool and type, and when they were last
/// observed.
struct SeenAllocatable {
    Resources has;
    Time at{};
    friend bool operator==(const SeenAllocatable&, const SeenAllocatable&) = default;
};

/// What a pass remembers for the next one. Losing it costs time, but never causes a wrong removal.
struct Memory {
    std::map<std::string, RememberedInstance> instances;
    std::vector<UnavailableOffering> unavailable_offerings;
    std::vector<PodGroupMemory> groups;
    std::vector<Time> launches;                          // of the last hour
    std::map<std::string, SeenAllocatable> allocatable;  // by "pool/type"
    std::optional<Time> nodes_seen_at;                   // the last pass with node data
    std::optional<Time> low_since;      // since when CPU was below the threshold in every pass
    std::optional<Time> low_seen_at;    // the last of these passes
    std::optional<Time> last_ready_at;  // a launched node became Ready
    std::optional<Time> last_removal_at;
    int cooldown_doublings = 0;
    bool removal_premature = false;  // nodes were needed again soon after the last removal
    std::string last_reason;         // of the last pass, so that only changes are recorded
    std::string last_decision;
    /// By Node: since when every pass observed pods there that kube-state-metrics does not list.
    std::map<std::string, Time> hidden_since;
    /// Nodes that were Ready in some pass and may belong to instances without a matching Node.
    std::set<std::string> unmatched_nodes;
    /// Launch templates of this cluster, with the time when each was last configured or in use.
    std::map<std::string, Time> templates;
    friend bool operator==(const Memory&, const Memory&) = default;
};

/// All inputs of a decision. `now` is read once per pass.
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
