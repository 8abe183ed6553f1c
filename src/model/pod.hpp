#pragma once

#include "model/labels.hpp"
#include "model/resource_amounts.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nodenap {

enum class TaintEffect { no_schedule, prefer_no_schedule, no_execute, unknown };

struct Taint {
    std::string key;
    std::string value;
    TaintEffect effect = TaintEffect::unknown;
    friend bool operator==(const Taint&, const Taint&) = default;
};

/// `unknown` operators tolerate nothing (Lt and Gt are off in the release that is followed). An
/// empty key is any key, no effect any effect.
enum class TolerationOperator { equal, exists, unknown };

struct Toleration {
    std::string key;
    TolerationOperator op = TolerationOperator::equal;
    std::string value;
    std::optional<TaintEffect> effect;
    friend bool operator==(const Toleration&, const Toleration&) = default;
};

/// A required term of podAffinity or podAntiAffinity. The API server has merged its matchLabelKeys
/// into the selector when the pod was created. Without namespaces and selector of namespaces it
/// means the pod's own namespace.
struct PodAffinityTerm {
    std::string topology_key;
    std::optional<LabelSelector> selector;
    std::vector<std::string> namespaces;
    std::optional<LabelSelector> namespace_selector;
    friend bool operator==(const PodAffinityTerm&, const PodAffinityTerm&) = default;
};

/// A topologySpreadConstraint. Only those that say DoNotSchedule keep a pod from a node.
struct SpreadConstraint {
    std::int64_t max_skew = 1;
    std::string topology_key;
    bool do_not_schedule = true;
    std::optional<LabelSelector> selector;
    std::int64_t min_domains = 1;
    bool honor_node_affinity = true;
    bool honor_node_taints = false;
    std::vector<std::string> match_label_keys;
    friend bool operator==(const SpreadConstraint&, const SpreadConstraint&) = default;
};

/// A port of the node that a container takes; an IP of 0.0.0.0 is every address.
struct HostPort {
    std::string ip = "0.0.0.0";
    std::string protocol = "TCP";
    std::int64_t port = 0;
    friend bool operator==(const HostPort&, const HostPort&) = default;
};

/// `claim`: a PersistentVolumeClaim by name; `ephemeral`: one that is made for the pod, likewise by
/// its name; `empty_dir` and `host_path`: data on the node itself; the next four: a disk that two
/// pods cannot share; `other`: nothing that binds the pod to a node (config maps, secrets, NFS …).
enum class VolumeKind { claim, ephemeral, empty_dir, host_path, ebs, gce_disk, iscsi, rbd, other };

struct PodVolume {
    VolumeKind kind = VolumeKind::other;
    std::string name;                   // in the pod
    std::string claim;                  // of a claim or an ephemeral one
    std::string disk;                   // what two pods would share: volume, IQN, "pool/image"
    bool read_only = false;             // of a disk
    bool in_memory = false;             // of an emptyDir: it is no data on a disk
    std::vector<std::string> monitors;  // of a Ceph image
    friend bool operator==(const PodVolume&, const PodVolume&) = default;
};

/// The ownerReference that is the controller.
struct Owner {
    std::string kind;
    std::string name;
    std::string uid;
    friend bool operator==(const Owner&, const Owner&) = default;
};

enum class PodPhase { pending, running, succeeded, failed, unknown };

/// Why the scheduler has not placed a pod, by its condition PodScheduled.
enum class ScheduledCondition { none, scheduled, unschedulable, gated, other };

/// Everything of a pod that kube-scheduler's filters read, beside its labels and requests.
struct PodRules {
    Labels node_selector;
    std::optional<NodeSelector> node_affinity;
    std::vector<PodAffinityTerm> affinity;
    std::vector<PodAffinityTerm> anti_affinity;
    std::vector<Toleration> tolerations;
    std::vector<SpreadConstraint> spread;
    std::vector<HostPort> host_ports;
    std::vector<PodVolume> volumes;
    std::vector<std::string> node_features;  // that a node must declare: NodeDeclaredFeatures
    friend bool operator==(const PodRules&, const PodRules&) = default;
};

struct Pod {
    std::string namespace_name;
    std::string name;
    std::string uid;
    Labels labels;
    PodRules rules;

    /// What the scheduler looks for when it places the pod: of its spec alone.
    ResourceAmounts requests;
    /// What it takes on its node, where that differs: the largest of spec, actuated and allocated
    /// while a resize is under way.
    std::optional<ResourceAmounts> requests_on_node;

    std::string node;            // empty: not placed yet
    std::string nominated_node;  // for which the scheduler has evicted others
    std::string scheduler = "default-scheduler";
    std::int64_t priority = 0;
    PodPhase phase = PodPhase::pending;
    ScheduledCondition scheduled = ScheduledCondition::none;
    std::optional<Time> unschedulable_since;
    bool ready = false;
    std::optional<Time> created_at;
    std::optional<Time> deleted_at;  // deletionTimestamp: it is ending
    std::int64_t grace_seconds = 30;
    std::optional<Owner> controller;
    std::vector<std::string> gates;
    bool mirror = false;            // a static pod: it lives and dies with its node
    bool resource_claims = false;   // dynamic resource allocation, which is not judged
    bool scheduling_group = false;  // gang scheduling, likewise
    std::optional<bool> safe_to_evict;
    bool do_not_disrupt = false;

    const ResourceAmounts& taken() const { return requests_on_node ? *requests_on_node : requests; }
    bool ended() const { return phase == PodPhase::succeeded || phase == PodPhase::failed; }
    friend bool operator==(const Pod&, const Pod&) = default;
};

}  // namespace nodenap
