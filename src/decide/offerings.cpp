#include "decide/offerings.hpp"

#include "decide/backoff.hpp"

#include <array>
#include <vector>

namespace nodenap {
namespace {

std::vector<Capacity> purchase_options(CapacityChoice choice) {
    if (choice == CapacityChoice::on_demand) return {Capacity::on_demand};
    if (choice == CapacityChoice::spot) return {Capacity::spot};
    return {Capacity::spot, Capacity::on_demand};
}

int count_in(const ZoneCounts& zones, const std::string& zone) {
    const auto found = zones.find(zone);
    return found == zones.end() ? 0 : found->second;
}

}  // namespace

ZoneCounts zone_counts(const Membership& members) {
    ZoneCounts zones;
    for (const auto& member : members.members) {
        if (member.stage == Stage::terminated || member.stage == Stage::terminating) continue;
        ++zones[member.instance->offering.zone];
    }
    return zones;
}

std::optional<Offering> offering_of(const Market& market, const Pool& pool,
                                    const InstanceType& type, const ZoneCounts& zones) {
    for (const auto capacity : purchase_options(pool.capacity)) {
        std::optional<Offering> best;
        for (const auto& subnet : pool.subnets) {
            const Offering offering{pool.name, type.name, subnet.zone, capacity};
            if (is_in_backoff(market.memory, offering, market.now)) continue;
            if (!best || count_in(zones, offering.zone) < count_in(zones, best->zone))
                best = offering;
        }
        if (best) return best;
    }
    return std::nullopt;
}

std::optional<Offering> first_offering(const Market& market, const Pool& pool,
                                       const ZoneCounts& zones, const Resources& at_least) {
    for (const auto& name : pool.instance_types) {
        const auto* type = find_type(market.policy, name);
        if (type == nullptr) continue;
        const auto room = template_allocatable(market.policy, pool, *type);
        if (room.cpu < at_least.cpu || room.memory < at_least.memory) continue;
        if (auto offering = offering_of(market, pool, *type, zones)) return offering;
    }
    return std::nullopt;
}

}  // namespace nodenap
