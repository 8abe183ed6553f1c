#include "controller/item.hpp"

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
    switch (clause.test) {
        case Test::absent:
            return attribute == nullptr;
        case Test::present:
            return attribute != nullptr;
        case Test::equals:
            return attribute && *attribute == clause.than;
        case Test::less:
            return attribute && is_less(*attribute, clause.than);
    }
    return false;
}

/// An attribute, and the entry of its map or nothing.
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

/// Two paths overlap if they are the same, or one names the map that the other reaches into.
bool overlap(const PathView& left, const PathView& right) {
    if (left.first != right.first) return false;
    return left.second == right.second || left.second.empty() || right.second.empty();
}

std::optional<Error> bad_paths(const Change& change) {
    auto paths = paths_of(change);
    for (const auto& [attribute, entry] : paths) {
        if (attribute == "cluster_id" || attribute == "record") {
            return refuse("cannot change \"" + std::string(attribute) +
                          "\": it is part of the key");
        }
    }
    // In order, what overlaps stands side by side: a map's own path before those of its entries.
    std::sort(paths.begin(), paths.end());
    const auto found = std::adjacent_find(paths.begin(), paths.end(), overlap);
    if (found == paths.end()) return std::nullopt;
    return refuse("two paths overlap at \"" + std::string(found->first) + "\"");
}

/// The map an entry lives in; it must be there before the change.
AttributeMap* map_of(AttributeMap& item, const Path& path) {
    const auto found = item.find(path.attribute);
    return found == item.end() ? nullptr : std::get_if<AttributeMap>(&found->second.value);
}

Error no_map(const Path& path) {
    return refuse("\"" + path.attribute + "\" is no map to have an entry \"" + path.entry + "\"");
}

Status apply_set(AttributeMap& item, const Change& change) {
    for (const auto& [path, value] : change.set) {
        if (path.entry.empty()) {
            item[path.attribute] = value;
            continue;
        }
        auto* map = map_of(item, path);
        if (!map) return no_map(path);
        (*map)[path.entry] = value;
    }
    for (const auto& [name, value] : change.set_if_absent) item.emplace(name, value);
    return Done{};
}

Status apply_add(AttributeMap& item, const Change& change) {
    for (const auto& [name, amount] : change.add) {
        auto& attribute = item.emplace(name, Attribute{std::int64_t{0}}).first->second;
        auto* number = std::get_if<std::int64_t>(&attribute.value);
        if (!number) return refuse("\"" + name + "\" is no number to add to");
        if (__builtin_add_overflow(*number, amount, number))
            return refuse("\"" + name + "\" would be too large");
    }
    return Done{};
}

Status apply_remove(AttributeMap& item, const Change& change) {
    for (const auto& path : change.remove) {
        if (path.entry.empty()) {
            item.erase(path.attribute);
            continue;
        }
        auto* map = map_of(item, path);
        if (!map) return no_map(path);
        map->erase(path.entry);
    }
    return Done{};
}

}  // namespace

bool holds(const Condition& condition, const AttributeMap& item) {
    if (condition.any_of.empty()) return true;
    return std::ranges::any_of(condition.any_of, [&](const std::vector<Clause>& all) {
        return std::ranges::all_of(all, [&](const Clause& one) { return holds(one, item); });
    });
}

Result<AttributeMap> changed(const AttributeMap& before, const Change& change) {
    if (auto bad = bad_paths(change)) return *std::move(bad);
    AttributeMap after = before;
    // The paths do not overlap, so the order cannot matter.
    if (const auto set = apply_set(after, change); !set) return set.error();
    if (const auto added = apply_add(after, change); !added) return added.error();
    if (const auto removed = apply_remove(after, change); !removed) return removed.error();
    return after;
}

Result<Updated> updated(const AttributeMap& before, const Key& key, const Change& change,
                        const Condition& condition) {
    if (!holds(condition, before)) return Updated{true, before};
    auto after = changed(before, change);
    if (!after) return after.error();
    (*after)["cluster_id"] = Attribute{key.cluster_id};
    (*after)["record"] = Attribute{key.record};
    return Updated{false, *std::move(after)};
}

}  // namespace nodenap
