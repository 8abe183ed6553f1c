#include "app/config.hpp"
#include "app/embedded.hpp"

#include <simdjson.h>

namespace nodenap {
namespace {

/// The build put the file in, and a test reads all of it: a wrong entry is left out.
std::optional<InstanceType> type_from(simdjson::dom::element entry) {
    InstanceType type;
    std::string_view name;
    std::string_view architecture;
    std::int64_t vcpu = 0;
    if (entry["name"].get(name) || entry["architecture"].get(architecture) ||
        entry["vcpu"].get(vcpu) || entry["memory_mib"].get(type.memory.value) ||
        entry["price_per_hour_usd"].get(type.price_per_hour_usd)) {
        return std::nullopt;
    }
    type.name = name;
    type.architecture = architecture;
    type.vcpu = static_cast<int>(vcpu);
    double baseline = 0;
    if (!entry["baseline_percent"].get(baseline)) type.baseline_percent = baseline;
    return type;
}

}  // namespace

Catalogue built_in_instance_types() {
    Catalogue types;
    simdjson::dom::parser parser;
    simdjson::dom::element document;
    simdjson::dom::array entries;
    const simdjson::padded_string text(embedded_instance_types());
    if (parser.parse(text).get(document) || document["instance_types"].get(entries)) return types;
    for (const simdjson::dom::element entry : entries) {
        if (auto type = type_from(entry)) types.add(std::move(*type));
    }
    return types;
}

bool is_sold(std::string_view instance_type, std::string_view region) {
    simdjson::dom::parser parser;
    simdjson::dom::element document;
    simdjson::dom::array not_sold;
    const simdjson::padded_string text(embedded_regions());
    const bool is_listed =
        !parser.parse(text).get(document) && !document["families_not_sold"][region].get(not_sold);
    if (!is_listed) return true;
    const std::string_view family = instance_type.substr(0, instance_type.find('.'));
    for (const simdjson::dom::element entry : not_sold) {
        std::string_view name;
        if (!entry.get(name) && name == family) return false;
    }
    return true;
}

}  // namespace nodenap
