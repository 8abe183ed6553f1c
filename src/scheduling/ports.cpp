#include "scheduling/ports.hpp"

#include <algorithm>

namespace nodenap {

namespace {

bool collide(const HostPort& a, const HostPort& b) {
    const auto every_address = HostPort().ip;
    if (a.port != b.port || a.protocol != b.protocol) return false;
    return a.ip == b.ip || a.ip == every_address || b.ip == every_address;
}

}  // namespace

bool collides_with_any(const HostPort& port, const std::vector<HostPort>& taken) {
    return std::ranges::any_of(taken, [&](const auto& other) { return collide(port, other); });
}

std::optional<std::string> port_refusal(const Pod& pod, const NodeView& node) {
    for (const auto& wanted : pod.rules.host_ports) {
        const auto taken = std::ranges::find_if(
            node.ports, [&](const auto& port) { return collide(wanted, port); });
        if (taken == node.ports.end()) continue;
        return "host port " + std::to_string(wanted.port) + "/" + wanted.protocol + " is in use" +
               (taken->ip == HostPort().ip ? "" : " on " + taken->ip);
    }
    return std::nullopt;
}

}  // namespace nodenap
