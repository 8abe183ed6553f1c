#include "engine/saving.hpp"

#include "engine/explain.hpp"
#include "engine/fit.hpp"

#include <algorithm>

namespace nodenap {
namespace {

/// The requests of its own pods, and its busy cores, on a node of this type.
bool could_hold(const RemovalCase& c, const Member& member, const InstanceType& type) {
    const auto& node = *member.node;
    const auto asked = node.requested - node.daemonset_requested;
    const auto room = room_beside_daemonsets(template_allocatable(c.policy, *member.pool, type),
                                             daemonset_overhead(c.snapshot, *member.pool));
    const auto& cpu = c.snapshot.signals.cpu.value();
    const auto* use = use_of(cpu, member);
    const double busy = use != nullptr ? use->busy : cores_of(member) * cpu.percent / 100;
    return fits_within(asked, room) &&
           100 * busy <= type.vcpu * c.policy.scale_up.cpu_above_percent;
}

double cheapest_per_hour_usd(const RemovalCase& c, const Member& member) {
    double cheapest = price_per_hour_usd(c.policy, member);
    for (const auto& name : member.pool->instance_types) {
        const auto* type = find_type(c.policy, name);
        if (type == nullptr || !could_hold(c, member, *type)) continue;
        cheapest = std::min(cheapest, node_price_per_hour_usd(c.policy, *type));
    }
    return cheapest;
}

}  // namespace

double price_per_hour_usd(const Policy& policy, const Member& member) {
    return member.type == nullptr ? 0 : node_price_per_hour_usd(policy, *member.type);
}

std::string cheaper_text(const RemovalCase& c) {
    constexpr double rounding = 1e-9;
    double now = 0;
    double then = 0;
    int replaced = 0;
    for (const auto& member : c.members.members) {
        if (member.stage != Stage::ready || member.node == nullptr) continue;
        const double price = price_per_hour_usd(c.policy, member);
        const bool judged = member.pool != nullptr && member.type != nullptr;
        const double cheapest = judged ? cheapest_per_hour_usd(c, member) : price;
        now += price;
        then += cheapest;
        if (cheapest < price - rounding) ++replaced;
    }
    if (replaced == 0) return {};
    return "; cheaper types of their pools could replace " + std::to_string(replaced) +
           " of them: " + price_text(now) + " → " + price_text(then) + " USD an hour";
}

}  // namespace nodenap
