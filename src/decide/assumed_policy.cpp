#include "decide/assumed_policy.hpp"

#include "decide/node_template.hpp"

#include <algorithm>
#include <set>

namespace nodenap {
namespace {

constexpr const char* pool_name = "workers";

std::set<std::string> zones_of(const ClusterState& state) {
    std::set<std::string> zones;
    for (const auto& node : state.nodes)
        if (const auto* const zone = node.labels.find(zone_label)) zones.insert(*zone);
    if (zones.empty()) zones.insert("us-east-1a");
    return zones;
}

/// The firmware and the kernel take some of a type's memory before the kubelet sees it.
bool has_capacity_of(const ClusterNode& node, const InstanceType& type) {
    constexpr double least_share = 0.9;
    constexpr double bytes_per_mebibyte = 1 << 20;
    const auto memory = static_cast<double>(node.capacity.memory.value) / bytes_per_mebibyte;
    const auto of_type = static_cast<double>(type.memory.value);
    return node.capacity.cpu.value == std::int64_t{1000} * type.vcpu && memory <= of_type &&
           memory >= of_type * least_share;
}

const InstanceType* type_by_capacity(const ClusterNode& node, const Policy& policy) {
    for (const auto& pool : policy.pools) {
        for (const auto& name : pool.instance_types) {
            const auto* const type = find_type(policy, name);
            if (type != nullptr && has_capacity_of(node, *type)) return type;
        }
    }
    return nullptr;
}

}  // namespace

Policy policy_of_types(const std::vector<std::string>& types, const Catalogue& catalogue,
                       const ClusterState& state) {
    constexpr int no_limit = 1'000'000;
    Policy policy;
    policy.limits.min_nodes = 0;
    policy.limits.max_nodes = no_limit;
    for (const auto& type : types) policy.catalogue.add(*catalogue.find(type));
    Pool pool;
    pool.name = pool_name;
    pool.instance_types = types;
    pool.max_nodes = no_limit;
    for (const auto& zone : zones_of(state)) pool.subnets.push_back({"", zone});
    policy.pools.push_back(std::move(pool));
    return policy;
}

void adopt_nodes(ClusterState& state) {
    for (auto& node : state.nodes)
        if (!is_server(node)) node.labels.set(pool_label, pool_name);
}

void name_types(ClusterState& state, const Policy& policy) {
    for (auto& node : state.nodes) {
        const auto* const label = node.labels.find(type_label);
        if (label != nullptr && *label != "k3s") continue;
        if (const auto* const type = type_by_capacity(node, policy))
            node.labels.set(type_label, type->name);
    }
}

}  // namespace nodenap
