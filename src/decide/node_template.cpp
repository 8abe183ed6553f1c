#include "decide/node_template.hpp"

#include "decide/explain.hpp"
#include "scheduling/node_affinity.hpp"
#include "scheduling/taints.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <string_view>

namespace nodenap {
namespace {

constexpr std::int64_t bytes_per_mebibyte = 1 << 20;
constexpr const char* type_label = "node.kubernetes.io/instance-type";

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
    labels.set("topology.kubernetes.io/zone", offering.zone);
    labels.set("topology.kubernetes.io/region", region_of(offering.zone));
    labels.set(pool_label, pool.name);
    labels.set(capacity_label, std::string(word(offering.capacity)));
    return labels;
}

bool has_label(const ClusterNode& node, std::string_view key, const std::string* value) {
    const auto* label = node.labels.find(key);
    return label != nullptr && value != nullptr && *label == *value;
}

/// The Ready nodes of the same pool and type.
std::vector<const ClusterNode*> alike(const ClusterNode& node, const ClusterState& state) {
    std::vector<const ClusterNode*> found;
    for (const auto& each : state.nodes) {
        if (is_ready(each) && has_label(each, pool_label, node.labels.find(pool_label)) &&
            has_label(each, type_label, node.labels.find(type_label))) {
            found.push_back(&each);
        }
    }
    return found;
}

void take_real_size(ClusterNode& node, const ClusterState& state) {
    const auto seen = alike(node, state);
    if (seen.empty()) return;
    node.declared_features = seen.front()->declared_features;
    node.allocatable = seen.front()->allocatable;
    node.allocatable_pods = seen.front()->allocatable_pods;
    for (const auto* each : seen) {
        auto& least = node.allocatable;
        least.cpu = std::min(least.cpu, each->allocatable.cpu);
        least.memory = std::min(least.memory, each->allocatable.memory);
        least.ephemeral_storage =
            std::min(least.ephemeral_storage, each->allocatable.ephemeral_storage);
        node.allocatable_pods = std::min(node.allocatable_pods, each->allocatable_pods);
    }
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

std::vector<Offering> offerings_of(const Policy& policy) {
    std::vector<Offering> offerings;
    for (const auto& pool : policy.pools) {
        for (const auto& type : pool.instance_types) {
            for (const auto& subnet : pool.subnets) {
                if (pool.capacity != CapacityChoice::on_demand)
                    offerings.push_back({pool.name, type, subnet.zone, Capacity::spot});
                if (pool.capacity != CapacityChoice::spot)
                    offerings.push_back({pool.name, type, subnet.zone, Capacity::on_demand});
            }
        }
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
    const auto expected = template_allocatable(policy, pool, type);
    node.allocatable.cpu = expected.cpu;
    node.allocatable.memory = Bytes{expected.memory.value * bytes_per_mebibyte};
    // The configuration does not name the disk's size: it refuses no pod.
    node.allocatable.ephemeral_storage = Bytes{std::numeric_limits<std::int64_t>::max() / 2};
    node.allocatable_pods = expected.pods;
    node.conditions.push_back({"Ready", "True", "KubeletReady", std::nullopt});
    take_real_size(node, state);
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
    for (const auto* seen : alike(node, state)) {
        const auto found = std::ranges::find(state.csi_nodes, seen->name, &CsiNode::node);
        if (found == state.csi_nodes.end()) continue;
        auto limits = *found;
        limits.node = node.name;
        return {std::move(limits)};
    }
    return {};
}

}  // namespace nodenap
