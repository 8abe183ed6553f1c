#pragma once

#include "decide/membership.hpp"

#include <map>
#include <optional>
#include <string>

namespace nodenap {

/// The number of workers in each zone, including those being launched.
using ZoneCounts = std::map<std::string, int>;

/// The offerings that may be requested now: those not in backoff.
struct Market {
    const Policy& policy;
    const Memory& memory;
    Time now;
};

ZoneCounts zone_counts(const Membership& members);

/// This type in the zone with the fewest workers, trying the pool's purchase options in order;
/// nullopt if every such offering is in backoff.
std::optional<Offering> offering_of(const Market& market, const Pool& pool,
                                    const InstanceType& type, const ZoneCounts& zones);

/// The first type in the pool's list that has an available offering and is at least as large as
/// `at_least`.
std::optional<Offering> first_offering(const Market& market, const Pool& pool,
                                       const ZoneCounts& zones, const Resources& at_least = {});

}  // namespace nodenap
