#pragma once

#include "model/cluster_state.hpp"

#include <string>

namespace nodenap::test {

inline constexpr std::int64_t gibibyte = 1 << 30;

/// A Ready node of 2 cores, 4 GiB and ten places for pods, in zone a.
inline ClusterNode kube_node(const std::string& name, const std::string& zone = "a") {
    ClusterNode node;
    node.name = name;
    node.labels = {{"kubernetes.io/hostname", name}, {"topology.kubernetes.io/zone", zone}};
    node.allocatable = {Millicores{2000}, Bytes{4 * gibibyte}, Bytes{20 * gibibyte}};
    node.allocatable_pods = 10;
    node.conditions = {{"Ready", "True", "KubeletReady", std::nullopt}};
    return node;
}

/// A pending pod of a ReplicaSet, default/NAME, with the label app=NAME, of 500m and 1 GiB.
inline Pod kube_pod(const std::string& name) {
    Pod pod;
    pod.namespace_name = "default";
    pod.name = name;
    pod.uid = name;
    pod.labels = {{"app", name}};
    pod.requests = {Millicores{500}, Bytes{gibibyte}, Bytes{0}};
    pod.controller = Owner{"ReplicaSet", name, "owner-of-" + name};
    pod.scheduled = ScheduledCondition::unschedulable;
    return pod;
}

inline Pod placed(Pod pod, const std::string& node) {
    pod.node = node;
    pod.phase = PodPhase::running;
    pod.scheduled = ScheduledCondition::scheduled;
    pod.ready = true;
    return pod;
}

inline LabelSelector app_is(const std::string& name) {
    return {{{"app", LabelOperator::in, {name}}}};
}

/// Everything was read.
inline ConstraintsKnown all_known() {
    return {true, true, true, true, true, true, true, true, true, true, true, true, true, true};
}

}  // namespace nodenap::test
