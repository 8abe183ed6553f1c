#include "adapters/kubernetes/read_pod.hpp"

#include "adapters/kubernetes/read_meta.hpp"

namespace nodenap {

namespace {

PodPhase phase_of(std::string_view name) {
    if (name == "Pending") return PodPhase::pending;
    if (name == "Running") return PodPhase::running;
    if (name == "Succeeded") return PodPhase::succeeded;
    return name == "Failed" ? PodPhase::failed : PodPhase::unknown;
}

struct PodCondition {
    std::string_view type;
    bool holds = false;
    std::string_view reason;
    std::optional<Time> since;
};

PodCondition read_condition(JsonValue& value) {
    PodCondition condition;
    value.members([&](std::string_view key, JsonValue& member) {
        if (key == "type") condition.type = member.view();
        if (key == "status") condition.holds = member.view() == "True";
        if (key == "reason") condition.reason = member.view();
        if (key == "lastTransitionTime") condition.since = member.time();
    });
    return condition;
}

ScheduledCondition scheduled_of(const PodCondition& condition) {
    if (condition.holds) return ScheduledCondition::scheduled;
    if (condition.reason == "Unschedulable") return ScheduledCondition::unschedulable;
    return condition.reason == "SchedulingGated" ? ScheduledCondition::gated
                                                 : ScheduledCondition::other;
}

void read_conditions(JsonValue& value, Pod& pod, PodRequestParts& parts) {
    bool resize_seen = false;
    value.elements([&](JsonValue& element) {
        const auto condition = read_condition(element);
        if (condition.type == "Ready") pod.ready = condition.holds;
        if (condition.type == "PodResizePending" && !resize_seen) {
            resize_seen = true;
            parts.resize_infeasible = condition.reason == "Infeasible";
        }
        if (condition.type != "PodScheduled") return;
        pod.scheduled = scheduled_of(condition);
        if (pod.scheduled == ScheduledCondition::unschedulable)
            pod.unschedulable_since = condition.since;
    });
}

std::optional<ExactResources> read_actuated(JsonValue& value) {
    std::optional<ExactResources> actuated;
    value.members([&](std::string_view key, JsonValue& member) {
        if (key == "requests") actuated = read_exact_resources(member);
    });
    return actuated;
}

std::vector<ContainerStatusRequests> read_statuses(JsonValue& value) {
    std::vector<ContainerStatusRequests> statuses;
    value.elements([&](JsonValue& element) {
        auto& status = statuses.emplace_back();
        element.members([&](std::string_view key, JsonValue& member) {
            if (key == "name") status.name = member.view();
            if (key == "allocatedResources") status.allocated = read_exact_resources(member);
            if (key == "resources") status.actuated = read_actuated(member);
        });
    });
    return statuses;
}

void read_status(JsonValue& value, Pod& pod, PodRequestParts& parts) {
    std::vector<ContainerStatusRequests> of_init_containers;
    value.members([&](std::string_view key, JsonValue& member) {
        if (key == "phase") pod.phase = phase_of(member.view());
        if (key == "nominatedNodeName") pod.nominated_node = member.text();
        if (key == "conditions") read_conditions(member, pod, parts);
        if (key == "containerStatuses") parts.statuses = read_statuses(member);
        if (key == "initContainerStatuses") of_init_containers = read_statuses(member);
        if (key == "allocatedResources") parts.pod_allocated = read_exact_resources(member);
        if (key == "resources") {
            parts.pod_status = true;
            parts.pod_actuated = read_actuated(member);
        }
    });
    for (auto& status : of_init_containers) parts.statuses.push_back(std::move(status));
}

std::optional<bool> flag_of(const Labels& annotations, std::string_view key) {
    const auto* const value = annotations.find(key);
    if (value == nullptr) return std::nullopt;
    return *value == "true";
}

void take_meta(ObjectMeta meta, Pod& pod) {
    pod.namespace_name = std::move(meta.namespace_name);
    pod.name = std::move(meta.name);
    pod.uid = std::move(meta.uid);
    pod.labels = std::move(meta.labels);
    pod.created_at = meta.created_at;
    pod.deleted_at = meta.deleted_at;
    pod.controller = std::move(meta.controller);
    pod.mirror = meta.annotations.has("kubernetes.io/config.mirror");
    pod.safe_to_evict = flag_of(meta.annotations, "cluster-autoscaler.kubernetes.io/safe-to-evict");
    pod.do_not_disrupt = flag_of(meta.annotations, "karpenter.sh/do-not-disrupt").value_or(false);
}

/// The name of an ephemeral volume's claim is that of its pod and its own.
void name_ephemeral_claims(Pod& pod) {
    for (auto& volume : pod.rules.volumes)
        if (volume.kind == VolumeKind::ephemeral) volume.claim = pod.name + "-" + volume.name;
}

void set_requests(const PodRequestParts& parts, Pod& pod) {
    pod.requests = requests_of_spec(parts);
    const bool told = !parts.statuses.empty() || parts.pod_status || parts.pod_allocated;
    if (!told && !parts.resize_infeasible) return;
    auto on_node = requests_on_node(parts);
    if (on_node != pod.requests) pod.requests_on_node = std::move(on_node);
}

}  // namespace

Pod read_pod(JsonValue& value) {
    Pod pod;
    PodRequestParts parts;
    ObjectMeta meta;
    value.members([&](std::string_view key, JsonValue& member) {
        if (key == "metadata") meta = read_meta(member);
        if (key == "spec") read_pod_spec(member, pod, parts);
        if (key == "status") read_status(member, pod, parts);
    });
    take_meta(std::move(meta), pod);
    name_ephemeral_claims(pod);
    set_requests(parts, pod);
    return pod;
}

}  // namespace nodenap
