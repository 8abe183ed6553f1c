#pragma once

#include "decide/membership.hpp"

#include <map>
#include <optional>
#include <string>

namespace nodenap {

/// How many of ours stand in each zone, those being launched included.
using ZoneCounts = std::map<std::string, int>;

/// What may be asked of EC2 now: the memory knows which offerings rest.
struct Market {
    const Policy& policy;
    const Memory& memory;
    Time now;
};

ZoneCounts zone_counts(const Membership& members);

/// This type in the zone with fewest of ours, by the pool's purchase options in their order;
/// nullopt if every such offering rests.
std::optional<Offering> offering_of(const Market& market, const Pool& pool,
                                    const InstanceType& type, const ZoneCounts& zones);

/// The first type in the pool's list that has an offering and at least the size of `at_least`.
std::optional<Offering> first_offering(const Market& market, const Pool& pool,
                                       const ZoneCounts& zones, const Resources& at_least = {});

}  // namespace nodenap
