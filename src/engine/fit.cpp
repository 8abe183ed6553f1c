#include "engine/fit.hpp"

#include <algorithm>

namespace nodenap {

std::string group_of(const PendingPod& pod) {
    const auto space = pod.name.substr(0, pod.name.find('/'));
    const auto who = pod.owner.empty() ? pod.name.substr(std::min(pod.name.size(), space.size() + 1))
                                       : pod.owner;
    return space + '/' + who + '/' + std::to_string(pod.requests.cpu.value) + "m/" +
           std::to_string(pod.requests.memory.value) + "Mi";
}

bool fits_some_type(const PendingPod& pod, const Policy& policy, const Resources& daemonsets) {
    for (const auto& pool : policy.pools) {
        for (const auto& name : pool.instance_types) {
            const auto* type = find_type(policy, name);
            if (type == nullptr) continue;
            const auto room = template_allocatable(policy, pool, *type) - daemonsets;
            if (fits_within(pod.requests, room)) return true;
        }
    }
    return false;
}

Resources daemonset_overhead(const Snapshot& snapshot) {
    Resources most;
    if (!snapshot.signals.nodes.known() || !snapshot.fleet.known()) return most;
    for (const auto& node : snapshot.signals.nodes.value()) {
        const auto& fleet = snapshot.fleet.value();
        const bool ours = std::any_of(fleet.begin(), fleet.end(), [&](const Instance& instance) {
            return instance.id == node.instance_id;
        });
        if (!ours) continue;
        most.cpu = std::max(most.cpu, node.daemonset_requested.cpu);
        most.memory = std::max(most.memory, node.daemonset_requested.memory);
        most.pods = std::max(most.pods, node.daemonset_requested.pods);
    }
    return most;
}

}  // namespace nodenap
