#include "engine/fit.hpp"

#include <algorithm>

namespace nodenap {
namespace {

const Instance* instance_of(const Snapshot& snapshot, const Node& node) {
    const auto& fleet = snapshot.fleet.value();
    const auto found = std::find_if(fleet.begin(), fleet.end(), [&](const Instance& instance) {
        return instance.id == node.instance_id;
    });
    return found == fleet.end() ? nullptr : &*found;
}

void raise(Resources& most, const Resources& other) {
    most.cpu = std::max(most.cpu, other.cpu);
    most.memory = std::max(most.memory, other.memory);
    most.pods = std::max(most.pods, other.pods);
}

}  // namespace

std::string group_of(const PendingPod& pod) {
    const auto slash = std::min(pod.name.find('/'), pod.name.size());
    const auto space = pod.name.substr(0, slash);
    const auto name = pod.name.substr(std::min(slash + 1, pod.name.size()));
    return space + '/' + (pod.owner.empty() ? name : pod.owner) + '/' +
           std::to_string(pod.requests.cpu.value) + "m/" +
           std::to_string(pod.requests.memory.value) + "Mi";
}

Resources daemonset_overhead(const Snapshot& snapshot, const Pool& pool) {
    Resources of_pool;
    Resources of_any;
    bool has_nodes = false;
    if (!snapshot.signals.nodes.known() || !snapshot.fleet.known()) return of_any;
    for (const auto& node : snapshot.signals.nodes.value()) {
        raise(of_any, node.daemonset_requested);
        const auto* instance = instance_of(snapshot, node);
        const bool in_pool = instance != nullptr && instance->offer.pool == pool.name;
        if (!in_pool || !node.ready) continue;
        raise(of_pool, node.daemonset_requested);
        has_nodes = true;
    }
    return has_nodes ? of_pool : of_any;
}

std::vector<Resources> rooms_of_new_nodes(const Snapshot& snapshot, const Policy& policy) {
    std::vector<Resources> rooms;
    for (const auto& pool : policy.pools) {
        const auto daemonsets = daemonset_overhead(snapshot, pool);
        for (const auto& name : pool.instance_types) {
            const auto* type = find_type(policy, name);
            if (type == nullptr) continue;
            rooms.push_back(template_allocatable(policy, pool, *type) - daemonsets);
        }
    }
    return rooms;
}

bool fits_in_any(const PendingPod& pod, const std::vector<Resources>& rooms) {
    return std::any_of(rooms.begin(), rooms.end(),
                       [&](const Resources& room) { return fits_within(pod.requests, room); });
}

}  // namespace nodenap
