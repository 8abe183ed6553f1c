#include "adapters/store/item.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace nodenap {

namespace {

Error refuse(const std::string& text) { return {ErrorKind::invalid, text, "ValidationException"}; }

const Attribute* find(const AttributeMap& item, const std::string& name) {
    const auto found = item.find(name);
    return found == item.end() ? nullptr : &found->second;
}

/// Only numbers and strings have an order, each among themselves.
bool is_less(const Attribute& left, const Attribute& right) {
    if (left.value.index() != right.value.index()) return false;
    if (const auto* number = std::get_if<std::int64_t>(&left.value))
        return *number < *std::get_if<std::int64_t>(&right.value);
    if (const auto* text = std::get_if<std::string>(&left.value))
        return *text < *std::get_if<std::string>(&right.value);
    return false;
}

bool holds(const Clause& clause, const AttributeMap& item) {
    const auto* attribute = find(item, clause.attribute);
    if (attribute == nullptr) return clause.test == Test::absent;
    if (clause.test == Test::equals) return *attribute == clause.than;
    if (clause.test == Test::less) return is_less(*attribute, clause.than);
    return clause.test == Test::present;
}

/// An attribute and optionally an entry of its map.
using PathView = std::pair<std::string_view, std::string_view>;

std::vector<PathView> paths_of(const Change& change) {
    std::vector<PathView> paths;
    paths.reserve(change.remove.size() + change.set.size() + change.set_if_absent.size() +
                  change.add.size());
    for (const auto& path : change.remove) paths.emplace_back(path.attribute, path.entry);
    for (const auto& [path, value] : change.set) paths.emplace_back(path.attribute, path.entry);
    for (const auto& [name, value] : change.set_if_absent) paths.emplace_back(name, "");
    for (const auto& [name, value] : change.add) paths.emplace_back(name, "");
    return paths;
}

/// Two sorted paths overlap if they are equal, or if the first is the map that contains the second.
bool overlap(const PathView& left, const PathView& right) {
    return left.first == right.first && (left.second.empty() || left.second == right.second);
}

std::optional<Error> bad_paths(const Change& change) {
    auto paths = paths_of(change);
    for (const auto& [attribute, entry] : paths) {
        if (attribute == "cluster_id" || attribute == "record") {
            return refuse("cannot change \"" + std::string(attribute) +
                          "\": it is part of the key");
        }
    }
    // Sorted, overlapping paths are adjacent: a map precedes its entries.
    std::sort(paths.begin(), paths.end());
    const auto found = std::adjacent_find(paths.begin(), paths.end(), overlap);
    if (found == paths.end()) return std::nullopt;
    return refuse("two paths overlap at \"" + std::string(found->first) + "\"");
}

/// The map that contains an entry; it must exist before the change.
const AttributeMap* map_of(const AttributeMap& item, const Path& path) {
    const auto* attribute = find(item, path.attribute);
    return attribute == nullptr ? nullptr : std::get_if<AttributeMap>(&attribute->value);
}

std::optional<Error> bad_entry(const AttributeMap& item, const Path& path) {
    if (path.entry.empty() || map_of(item, path) != nullptr) return std::nullopt;
    return refuse("\"" + path.attribute + "\" is not a map and cannot have the entry \"" +
                  path.entry + "\"");
}

std::optional<Error> bad_addition(const AttributeMap& item, const std::string& name,
                                  std::int64_t amount) {
    const auto* attribute = find(item, name);
    if (attribute == nullptr) return std::nullopt;
    const auto* number = std::get_if<std::int64_t>(&attribute->value);
    if (number == nullptr) return refuse("\"" + name + "\" is not a number");
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(*number, amount, &sum)) return std::nullopt;
    return refuse("\"" + name + "\" would be too large");
}

std::optional<Error> bad_change(const AttributeMap& item, const Change& change) {
    if (auto bad = bad_paths(change)) return bad;
    for (const auto& [path, value] : change.set) {
        if (auto bad = bad_entry(item, path)) return bad;
    }
    for (const auto& path : change.remove) {
        if (auto bad = bad_entry(item, path)) return bad;
    }
    for (const auto& [name, amount] : change.add) {
        if (auto bad = bad_addition(item, name, amount)) return bad;
    }
    return std::nullopt;
}

/// The item, or the map in it, that contains the end of the path, and the name there.
std::pair<AttributeMap&, const std::string&> holder_of(AttributeMap& item, const Path& path) {
    if (path.entry.empty()) return {item, path.attribute};
    return {std::get<AttributeMap>(item.at(path.attribute).value), path.entry};
}

}  // namespace

bool holds(const Condition& condition, const AttributeMap& item) {
    if (condition.any_of.empty()) return true;
    return std::ranges::any_of(condition.any_of, [&](const std::vector<Clause>& all) {
        return std::ranges::all_of(all, [&](const Clause& one) { return holds(one, item); });
    });
}

Status apply_change(AttributeMap& item, const Change& change) {
    if (auto bad = bad_change(item, change)) return *std::move(bad);
    // The paths do not overlap, so the order does not matter.
    for (const auto& [path, value] : change.set) {
        auto [map, name] = holder_of(item, path);
        map[name] = value;
    }
    for (const auto& [name, value] : change.set_if_absent) item.try_emplace(name, value);
    for (const auto& [name, amount] : change.add) {
        auto& number = item.try_emplace(name, Attribute{std::int64_t{0}}).first->second;
        std::get<std::int64_t>(number.value) += amount;
    }
    for (const auto& path : change.remove) {
        auto [map, name] = holder_of(item, path);
        map.erase(name);
    }
    return Done{};
}

Result<Updated> update_item(AttributeMap& item, const Key& key, const Change& change,
                            const Condition& condition) {
    if (!holds(condition, item)) return Updated{true, item};
    if (const auto applied = apply_change(item, change); !applied) return applied.error();
    item["cluster_id"] = Attribute{key.cluster_id};
    item["record"] = Attribute{key.record};
    return Updated{false, item};
}

}  // namespace nodenap
