#include "adapters/kubernetes/read_meta.hpp"
#include "adapters/kubernetes/read_pod.hpp"

#include <algorithm>
#include <iterator>

namespace nodenap {

namespace {

// What a node must declare before a pod that uses it may be placed there (NodeDeclaredFeatures).
constexpr std::string_view restart_all = "RestartAllContainersOnContainerExits";
constexpr std::string_view users_on_host_network = "UserNamespacesHostNetworkSupport";
constexpr std::string_view bind_mount_options = "VolumeBindMountOptions";

void need(PodRules& rules, std::string_view feature) {
    if (std::ranges::find(rules.node_features, feature) == rules.node_features.end())
        rules.node_features.emplace_back(feature);
}

ExactResources read_requests(JsonValue& value) {
    ExactResources requests;
    value.members([&](std::string_view key, JsonValue& member) {
        if (key == "requests") requests = read_exact_resources(member);
    });
    return requests;
}

void read_ports(JsonValue& value, std::vector<HostPort>& ports) {
    value.elements([&](JsonValue& element) {
        HostPort port;
        element.members([&](std::string_view key, JsonValue& member) {
            if (key == "hostPort") port.port = member.whole();
            if (key == "hostIP") port.ip = member.text();
            if (key == "protocol") port.protocol = member.text();
        });
        if (port.ip.empty()) port.ip = HostPort().ip;
        if (port.protocol.empty()) port.protocol = HostPort().protocol;
        if (port.port > 0) ports.push_back(std::move(port));
    });
}

void read_restart_rules(JsonValue& value, PodRules& rules) {
    value.elements([&](JsonValue& element) {
        element.members([&](std::string_view key, JsonValue& member) {
            if (key == "action" && member.view() == "RestartAllContainers")
                need(rules, restart_all);
        });
    });
}

void read_mounts(JsonValue& value, PodRules& rules) {
    value.elements([&](JsonValue& mount) {
        mount.members([&](std::string_view key, JsonValue& member) {
            if (key != "bindMountOptions") return;
            member.elements([&](JsonValue&) { need(rules, bind_mount_options); });
        });
    });
}

enum class ContainerKind { main, init };

/// `rules` gets the ports of what runs as long as the pod.
ContainerRequests read_container(JsonValue& value, ContainerKind kind, PodRules& rules) {
    ContainerRequests container;
    std::vector<HostPort> ports;
    value.members([&](std::string_view key, JsonValue& member) {
        if (key == "name") container.name = member.view();
        if (key == "resources") container.requests = read_requests(member);
        if (key == "ports") read_ports(member, ports);
        if (key == "restartPolicy") container.restartable = member.view() == "Always";
        if (key == "restartPolicyRules") read_restart_rules(member, rules);
        if (key == "volumeMounts") read_mounts(member, rules);
    });
    if (kind == ContainerKind::main || container.restartable)
        std::ranges::move(ports, std::back_inserter(rules.host_ports));
    return container;
}

std::vector<std::string> read_names(JsonValue& value) {
    std::vector<std::string> names;
    value.elements([&](JsonValue& element) {
        element.members([&](std::string_view key, JsonValue& member) {
            if (key == "name") names.push_back(member.text());
        });
    });
    return names;
}

/// Where the pod runs and by whom it is placed.
void read_placement(std::string_view key, JsonValue& member, Pod& pod) {
    if (key == "nodeName") pod.node = member.text();
    if (key == "schedulerName") pod.scheduler = member.text();
    if (key == "priority") pod.priority = member.whole();
    if (key == "schedulingGates") pod.gates = read_names(member);
    if (key == "terminationGracePeriodSeconds") pod.grace_seconds = member.whole();
    if (key == "resourceClaims") member.elements([&](JsonValue&) { pod.resource_claims = true; });
    if (key == "schedulingGroup") pod.scheduling_group = true;
}

void read_rules(std::string_view key, JsonValue& member, PodRules& rules) {
    if (key == "nodeSelector") rules.node_selector = read_labels(member);
    if (key == "affinity") read_affinity(member, rules);
    if (key == "tolerations") rules.tolerations = read_tolerations(member);
    if (key == "topologySpreadConstraints") rules.spread = read_spread_constraints(member);
    if (key == "volumes") rules.volumes = read_pod_volumes(member);
}

}  // namespace

void read_pod_spec(JsonValue& value, Pod& pod, PodRequestParts& parts) {
    bool host_network = false;
    bool own_users = false;
    PodRules of_init_containers;
    const auto read_containers = [&](JsonValue& list, ContainerKind kind) {
        const bool main = kind == ContainerKind::main;
        auto& into = main ? parts.containers : parts.init_containers;
        auto& rules = main ? pod.rules : of_init_containers;
        list.elements(
            [&](JsonValue& element) { into.push_back(read_container(element, kind, rules)); });
    };
    value.members([&](std::string_view key, JsonValue& member) {
        if (key == "containers") read_containers(member, ContainerKind::main);
        if (key == "initContainers") read_containers(member, ContainerKind::init);
        if (key == "overhead") parts.overhead = read_exact_resources(member);
        if (key == "resources") parts.pod_level = read_requests(member);
        if (key == "hostNetwork") host_network = member.flag();
        if (key == "hostUsers") own_users = !member.flag();
        read_placement(key, member, pod);
        read_rules(key, member, pod.rules);
    });
    std::ranges::move(of_init_containers.host_ports, std::back_inserter(pod.rules.host_ports));
    for (const auto& feature : of_init_containers.node_features) need(pod.rules, feature);
    if (host_network && own_users) need(pod.rules, users_on_host_network);
}

}  // namespace nodenap
