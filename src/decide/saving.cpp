#include "decide/saving.hpp"

#include "decide/explain.hpp"
#include "decide/fit.hpp"
#include "decide/trust.hpp"

#include <algorithm>

namespace nodenap {
namespace {

/// Whether the requests of its own pods, and its busy cores, fit on a new node of this kind.
bool could_hold(const RemovalContext& c, const Member& member, double busy_cores,
                const NodeKind& kind) {
    return fits_within(own_requests(*member.node), kind.room) &&
           100 * busy_cores <= kind.type->vcpu * c.policy.scale_up.cpu_above_percent;
}

double busy_cores(const RemovalContext& c, const Loads& cpu, const Member& member) {
    const auto* use = cpu.use_of(member);
    const double percent = c.snapshot.signals.cpu.value().percent;
    return use != nullptr ? use->busy : cores_of(member) * percent / 100;
}

/// Whether another node could replace it as far as Nodenap knows: not if it has GPUs or the data of
/// a bound local volume.
bool may_be_replaced(const RemovalContext& c, const Member& member) {
    return member.pool != nullptr && member.type != nullptr &&
           !has_accelerators(member.type->name) && local_volumes(member, c.snapshot).empty();
}

double cheapest_per_hour_usd(const RemovalContext& c, const Member& member, double busy_cores,
                             const std::vector<NodeKind>& kinds) {
    double cheapest = price_per_hour_usd(c.policy, member);
    for (const auto& kind : kinds) {
        if (kind.pool != member.pool || !could_hold(c, member, busy_cores, kind)) continue;
        cheapest = std::min(cheapest, node_price_per_hour_usd(c.policy, *kind.type));
    }
    return cheapest;
}

}  // namespace

double price_per_hour_usd(const Policy& policy, const Member& member) {
    return member.type == nullptr ? 0 : node_price_per_hour_usd(policy, *member.type);
}

std::string cheaper_text(const RemovalContext& c) {
    constexpr double rounding = 1e-9;
    double now = 0;
    double then = 0;
    int replaced = 0;
    const auto kinds = kinds_of_new_nodes(c.snapshot, c.policy);
    const auto cpu = Loads::of_cpu(c.members, c.snapshot.signals.cpu.value());
    for (const auto& member : c.members.members) {
        if (member.stage != Stage::ready || member.node == nullptr) continue;
        const double price = price_per_hour_usd(c.policy, member);
        const double cheapest =
            may_be_replaced(c, member)
                ? cheapest_per_hour_usd(c, member, busy_cores(c, cpu, member), kinds)
                : price;
        now += price;
        then += cheapest;
        if (cheapest < price - rounding) ++replaced;
    }
    if (replaced == 0) return {};
    return "; cheaper types of their pools could replace " + std::to_string(replaced) +
           " of them: " + "$" + price_text(now) + " → $" + price_text(then) + "/h";
}

}  // namespace nodenap
