#pragma once

#include "cost/cost.hpp"

#include <string>
#include <vector>

namespace nodenap {

/// data/aws-prices.json: list prices and the day of the newest of them.
struct PriceList {
    std::string prices_of;
    std::vector<RegionPrices> regions;
};
PriceList built_in_prices();

/// Null where the list has no such region.
const RegionPrices* find_region(const PriceList& list, const std::string& region);

}  // namespace nodenap
