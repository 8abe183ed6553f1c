#include "app/config_prices.hpp"

#include "app/embedded.hpp"

#include <simdjson.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace nodenap {
namespace {

constexpr std::pair<const char*, double RegionPrices::*> price_keys[] = {
    {"lambda_million_requests", &RegionPrices::lambda_million_requests},
    {"lambda_gb_second_arm64", &RegionPrices::lambda_gb_second_arm64},
    {"lambda_gb_second_x86_64", &RegionPrices::lambda_gb_second_x86_64},
    {"scheduler_million", &RegionPrices::scheduler_million},
    {"write_million", &RegionPrices::write_million},
    {"read_million", &RegionPrices::read_million},
    {"table_gb_month", &RegionPrices::table_gb_month},
    {"log_gb", &RegionPrices::log_gb},
    {"log_gb_month", &RegionPrices::log_gb_month},
    {"zone_gb", &RegionPrices::zone_gb},
    {"metric_month", &RegionPrices::metric_month},
    {"alarm_month", &RegionPrices::alarm_month},
    {"dashboard_month", &RegionPrices::dashboard_month}};

/// The build put the file in, and a test reads all of it: a wrong entry is left out.
std::optional<RegionPrices> region_from(simdjson::dom::element entry) {
    RegionPrices prices;
    std::string_view text;
    if (entry["region"].get(text)) return std::nullopt;
    prices.region = text;
    for (const auto& [key, member] : price_keys) {
        if (entry[key].get(prices.*member)) return std::nullopt;
    }
    if (!entry["unconfirmed"].get(text)) prices.unconfirmed = text;
    return prices;
}

}  // namespace

PriceList built_in_prices() {
    PriceList list;
    simdjson::dom::parser parser;
    simdjson::dom::element document;
    simdjson::dom::array entries;
    std::string_view day;
    const simdjson::padded_string text(embedded_prices());
    if (parser.parse(text).get(document) || document["prices_of"].get(day) ||
        document["regions"].get(entries)) {
        return list;
    }
    list.prices_of = day;
    for (const simdjson::dom::element entry : entries) {
        if (auto prices = region_from(entry)) list.regions.push_back(std::move(*prices));
    }
    return list;
}

const RegionPrices* find_region(const PriceList& list, const std::string& region) {
    const auto found = std::find_if(list.regions.begin(), list.regions.end(),
                                    [&](const auto& each) { return each.region == region; });
    return found == list.regions.end() ? nullptr : &*found;
}

}  // namespace nodenap
