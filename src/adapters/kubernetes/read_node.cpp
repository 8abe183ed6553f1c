#include "adapters/kubernetes/pod_requests.hpp"
#include "adapters/kubernetes/read_meta.hpp"
#include "adapters/kubernetes/read_objects.hpp"
#include "adapters/kubernetes/read_pod.hpp"

namespace nodenap {

namespace {

std::int64_t pods_of(const ExactResources& resources) {
    for (const auto& [name, amount] : resources)
        if (name == "pods") return amount.value();
    return 0;
}

std::vector<NodeCondition> read_node_conditions(JsonValue& value) {
    std::vector<NodeCondition> conditions;
    value.elements([&](JsonValue& element) {
        auto& condition = conditions.emplace_back();
        element.members([&](std::string_view key, JsonValue& member) {
            if (key == "type") condition.type = member.text();
            if (key == "status") condition.status = member.text();
            if (key == "reason") condition.reason = member.text();
            if (key == "lastTransitionTime") condition.since = member.time();
        });
    });
    return conditions;
}

std::vector<NodeAddress> read_addresses(JsonValue& value) {
    std::vector<NodeAddress> addresses;
    value.elements([&](JsonValue& element) {
        auto& address = addresses.emplace_back();
        element.members([&](std::string_view key, JsonValue& member) {
            if (key == "type") address.type = member.text();
            if (key == "address") address.address = member.text();
        });
    });
    return addresses;
}

void read_node_spec(JsonValue& value, ClusterNode& node) {
    value.members([&](std::string_view key, JsonValue& member) {
        if (key == "providerID") node.provider_id = member.text();
        if (key == "taints") node.taints = read_taints(member);
        if (key == "unschedulable") node.unschedulable = member.flag();
    });
}

void read_node_status(JsonValue& value, ClusterNode& node) {
    value.members([&](std::string_view key, JsonValue& member) {
        if (key == "allocatable") {
            const auto resources = read_exact_resources(member);
            node.allocatable = rounded(resources);
            node.allocatable_pods = pods_of(resources);
        }
        if (key == "capacity") {
            const auto resources = read_exact_resources(member);
            node.capacity = rounded(resources);
            node.capacity_pods = pods_of(resources);
        }
        if (key == "conditions") node.conditions = read_node_conditions(member);
        if (key == "addresses") node.addresses = read_addresses(member);
        if (key == "declaredFeatures") node.declared_features = read_texts(member);
    });
}

}  // namespace

ClusterNode read_node(JsonValue& value) {
    ClusterNode node;
    value.members([&](std::string_view key, JsonValue& member) {
        if (key == "metadata") {
            auto meta = read_meta(member, KeptAnnotations::all);
            node.name = std::move(meta.name);
            node.uid = std::move(meta.uid);
            node.labels = std::move(meta.labels);
            node.annotations = std::move(meta.annotations);
            node.created_at = meta.created_at;
            node.deleted_at = meta.deleted_at;
        }
        if (key == "spec") read_node_spec(member, node);
        if (key == "status") read_node_status(member, node);
    });
    return node;
}

}  // namespace nodenap
