#include "decide/node_template.hpp"

#include "decide/explain.hpp"
#include "scheduling/node_affinity.hpp"
#include "scheduling/taints.hpp"

#include <algorithm>
#include <set>
#include <string_view>

namespace nodenap {
namespace {

constexpr std::int64_t bytes_per_mebibyte = 1 << 20;

/// "us-east-1" of "us-east-1a", of "us-east-1-bos-1a" too.
std::string region_of(const std::string& zone) {
    const auto digit = zone.find_first_of("0123456789");
    if (digit == zone.npos) return zone;
    return zone.substr(0, zone.find_first_not_of("0123456789", digit));
}

/// Of "dedicated=db:NoSchedule"; the configuration was checked before.
Taint taint_from(std::string_view text) {
    Taint taint;
    const auto colon = text.rfind(':');
    const auto effect = colon == text.npos ? "" : text.substr(colon + 1);
    if (effect == "NoSchedule") taint.effect = TaintEffect::no_schedule;
    if (effect == "PreferNoSchedule") taint.effect = TaintEffect::prefer_no_schedule;
    if (effect == "NoExecute") taint.effect = TaintEffect::no_execute;
    const auto key = text.substr(0, colon);
    const auto equals = key.find('=');
    taint.key = key.substr(0, equals);
    if (equals != key.npos) taint.value = key.substr(equals + 1);
    return taint;
}

Labels labels_of(const Pool& pool, const InstanceType& type, const Offering& offering) {
    Labels labels;
    for (const auto& [key, value] : pool.labels) labels.set(key, value);
    labels.set("kubernetes.io/os", "linux");
    labels.set("kubernetes.io/arch", type.architecture == "x86_64" ? "amd64" : type.architecture);
    labels.set("kubernetes.io/hostname", "new-node");
    labels.set(type_label, type.name);
    labels.set(zone_label, offering.zone);
    labels.set("topology.kubernetes.io/region", region_of(offering.zone));
    labels.set(pool_label, pool.name);
    labels.set(capacity_label, std::string(word(offering.capacity)));
    return labels;
}

bool is_of_daemonset(const Pod& pod) {
    return pod.controller && pod.controller->kind == "DaemonSet";
}

/// A DaemonSet's pod is bound to its node by name; the next one will be bound to another.
Pod without_node_name(Pod pod) {
    if (!pod.rules.node_affinity) return pod;
    for (auto& term : pod.rules.node_affinity->terms) term.fields.clear();
    std::erase_if(pod.rules.node_affinity->terms,
                  [](const NodeSelectorTerm& term) { return term.labels.empty(); });
    if (pod.rules.node_affinity->terms.empty()) pod.rules.node_affinity.reset();
    return pod;
}

std::vector<Pod> one_of_each_daemonset(const ClusterState& state) {
    std::vector<Pod> pods;
    if (state.constraints_known.daemonsets) {
        for (const auto& set : state.daemonsets) pods.push_back(set.pod);
        return pods;
    }
    std::set<std::string> known;
    for (const auto& pod : state.pods) {
        if (!is_of_daemonset(pod) || pod.ended()) continue;
        if (known.insert(pod.controller->uid).second) pods.push_back(without_node_name(pod));
    }
    return pods;
}

std::vector<Capacity> capacities_of(CapacityChoice choice) {
    if (choice == CapacityChoice::spot) return {Capacity::spot};
    if (choice == CapacityChoice::on_demand) return {Capacity::on_demand};
    return {Capacity::spot, Capacity::on_demand};
}

}  // namespace

bool is_ready(const ClusterNode& node) {
    const auto found = std::ranges::find(node.conditions, "Ready", &NodeCondition::type);
    return found != node.conditions.end() && found->status == "True";
}

bool is_server(const ClusterNode& node) {
    return node.labels.has("node-role.kubernetes.io/control-plane") ||
           node.labels.has("node-role.kubernetes.io/master") ||
           node.labels.has("node-role.kubernetes.io/etcd");
}

NodeSizes::NodeSizes(const ClusterState& state) {
    for (const auto& node : state.nodes) {
        const auto* const pool = node.labels.find(pool_label);
        const auto* const type = node.labels.find(type_label);
        if (is_ready(node) && pool != nullptr && type != nullptr)
            nodes_[{*pool, *type}].push_back(&node);
    }
}

const std::vector<const ClusterNode*>& NodeSizes::alike(const std::string& pool,
                                                        const std::string& type) const {
    static const std::vector<const ClusterNode*> none;
    const auto at = nodes_.find({pool, type});
    return at == nodes_.end() ? none : at->second;
}

NewNodeSize NodeSizes::size_of_new(const Policy& policy, const Pool& pool,
                                   const InstanceType& type) const {
    const auto& seen = alike(pool.name, type.name);
    if (seen.empty()) {
        const auto expected = template_allocatable(policy, pool, type);
        // The configuration does not name the disk's size: it refuses no pod.
        constexpr Bytes any_disk{largest_amount};
        return {{expected.cpu, Bytes{expected.memory.value * bytes_per_mebibyte}, any_disk},
                expected.pods};
    }
    NewNodeSize least{seen.front()->allocatable, seen.front()->allocatable_pods};
    for (const auto* each : seen) {
        const auto& has = each->allocatable;
        auto& amounts = least.allocatable;
        amounts.cpu = std::min(amounts.cpu, has.cpu);
        amounts.memory = std::min(amounts.memory, has.memory);
        amounts.ephemeral_storage = std::min(amounts.ephemeral_storage, has.ephemeral_storage);
        least.pods = std::min(least.pods, each->allocatable_pods);
    }
    return least;
}

std::vector<Offering> offerings_of(const Policy& policy) {
    std::vector<Offering> offerings;
    for (const auto& pool : policy.pools) {
        const auto capacities = capacities_of(pool.capacity);
        for (const auto& type : pool.instance_types)
            for (const auto& subnet : pool.subnets)
                for (const auto capacity : capacities)
                    offerings.push_back({pool.name, type, subnet.zone, capacity});
    }
    return offerings;
}

ClusterNode node_template(const Policy& policy, const Offering& offering,
                          const ClusterState& state) {
    const auto& pool = *find_pool(policy, offering.pool);
    const auto& type = *find_type(policy, offering.instance_type);
    ClusterNode node;
    node.name = "new-node";
    node.labels = labels_of(pool, type, offering);
    for (const auto& taint : pool.taints) node.taints.push_back(taint_from(taint));
    const NodeSizes sizes(state);
    const auto size = sizes.size_of_new(policy, pool, type);
    node.allocatable = size.allocatable;
    node.allocatable_pods = size.pods;
    const auto& alike = sizes.alike(pool.name, type.name);
    if (!alike.empty()) node.declared_features = alike.front()->declared_features;
    node.conditions.push_back({"Ready", "True", "KubeletReady", std::nullopt});
    return node;
}

std::vector<Pod> daemonset_pods_for(const ClusterNode& node, const ClusterState& state) {
    auto pods = one_of_each_daemonset(state);
    std::erase_if(pods, [&](const Pod& pod) {
        return taint_refusal(pod, node) || !matches_node_affinity(pod.rules, node);
    });
    for (auto& pod : pods) pod.node = node.name;
    return pods;
}

std::vector<CsiNode> attach_limits_for(const ClusterNode& node, const ClusterState& state) {
    const auto* const pool = node.labels.find(pool_label);
    const auto* const type = node.labels.find(type_label);
    if (pool == nullptr || type == nullptr) return {};
    const NodeSizes sizes(state);
    for (const auto* seen : sizes.alike(*pool, *type)) {
        const auto found = std::ranges::find(state.csi_nodes, seen->name, &CsiNode::node);
        if (found == state.csi_nodes.end()) continue;
        auto limits = *found;
        limits.node = node.name;
        return {std::move(limits)};
    }
    return {};
}

}  // namespace nodenap
