#pragma once

#include "model/cluster_node.hpp"
#include "model/cluster_storage.hpp"
#include "model/labels.hpp"
#include "model/pod.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nodenap {

/// A namespace's labels, which selectors of namespaces read.
struct NamespaceLabels {
    std::string name;
    Labels labels;
    friend bool operator==(const NamespaceLabels&, const NamespaceLabels&) = default;
};

/// A PodDisruptionBudget. Without a selector it covers nothing, with an empty one its namespace.
struct DisruptionBudget {
    std::string namespace_name;
    std::string name;
    std::optional<LabelSelector> selector;
    std::int64_t disruptions_allowed = 0;
    bool always_allow_unhealthy = false;  // unhealthyPodEvictionPolicy: AlwaysAllow
    friend bool operator==(const DisruptionBudget&, const DisruptionBudget&) = default;
};

/// A DaemonSet, with the pod that it would put on a node: its labels, rules and requests.
struct DaemonSet {
    std::string namespace_name;
    std::string name;
    std::string uid;
    Pod pod;
    friend bool operator==(const DaemonSet&, const DaemonSet&) = default;
};

/// A ReplicaSet or a Job, between a pod and what a person made: a Deployment, a CronJob.
struct PodController {
    std::string kind;
    std::string namespace_name;
    std::string name;
    std::string uid;
    std::optional<Owner> controller;
    std::optional<std::int64_t> replicas;  // of a ReplicaSet
    friend bool operator==(const PodController&, const PodController&) = default;
};

/// Which kinds were asked for or found, and so which rules can be judged. A kind that is false here
/// is unknown: that nothing of it is in the state means nothing.
struct ConstraintsKnown {
    bool pods = false;
    bool nodes = false;
    bool namespaces = false;
    bool claims = false;
    bool volumes = false;
    bool storage_classes = false;
    bool csi_nodes = false;
    bool csi_drivers = false;
    bool storage_capacities = false;
    bool attachments = false;
    bool budgets = false;
    bool daemonsets = false;
    bool replicasets = false;
    bool jobs = false;
    friend bool operator==(const ConstraintsKnown&, const ConstraintsKnown&) = default;
};

/// What is known of a cluster at one moment: from the Kubernetes API, from files that kubectl
/// wrote, or, with sums in place of pods and nothing of constraints, from kube-state-metrics.
/// Objects are in the order in which they were read.
struct ClusterState {
    std::vector<Pod> pods;  // also those that have ended
    std::vector<ClusterNode> nodes;
    std::vector<NamespaceLabels> namespaces;
    std::vector<PersistentVolume> volumes;
    std::vector<PersistentVolumeClaim> claims;
    std::vector<StorageClass> storage_classes;
    std::vector<CsiNode> csi_nodes;
    std::vector<CsiDriver> csi_drivers;
    std::vector<CsiStorageCapacity> storage_capacities;
    std::vector<VolumeAttachment> attachments;
    std::vector<DisruptionBudget> budgets;
    std::vector<DaemonSet> daemonsets;
    std::vector<PodController> controllers;
    ConstraintsKnown constraints_known;
    friend bool operator==(const ClusterState&, const ClusterState&) = default;
};

}  // namespace nodenap
