#pragma once

#include "model/labels.hpp"
#include "model/pod.hpp"
#include "model/resource_amounts.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace nodenap {

/// A condition of a Node: "Ready" is "True" since a time.
struct NodeCondition {
    std::string type;
    std::string status;
    std::string reason;
    std::optional<Time> since;
    friend bool operator==(const NodeCondition&, const NodeCondition&) = default;
};

/// "InternalIP", "10.0.1.17".
struct NodeAddress {
    std::string type;
    std::string address;
    friend bool operator==(const NodeAddress&, const NodeAddress&) = default;
};

/// The pods of a node are in ClusterState::pods, one by one.
struct ListedPods {
    friend bool operator==(const ListedPods&, const ListedPods&) = default;
};

/// Without the Kubernetes API only sums are known; they are never taken apart.
struct SummedPods {
    ResourceAmounts requested;            // by all its pods
    ResourceAmounts daemonset_requested;  // the part of it that every node has
    std::int64_t pods = 0;
    friend bool operator==(const SummedPods&, const SummedPods&) = default;
};

/// A Node object as the Kubernetes API shows it.
struct ClusterNode {
    std::string name;
    std::string uid;
    Labels labels;
    Labels annotations;
    std::vector<Taint> taints;
    bool unschedulable = false;  // cordoned
    std::string provider_id;
    ResourceAmounts allocatable;
    std::int64_t allocatable_pods = 0;
    ResourceAmounts capacity;
    std::int64_t capacity_pods = 0;
    std::vector<NodeCondition> conditions;
    std::vector<NodeAddress> addresses;
    std::vector<std::string> declared_features;
    std::optional<Time> created_at;
    std::optional<Time> deleted_at;
    std::variant<ListedPods, SummedPods> load;

    friend bool operator==(const ClusterNode&, const ClusterNode&) = default;
};

}  // namespace nodenap
