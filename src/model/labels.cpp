#include "model/labels.hpp"

#include <algorithm>

namespace nodenap {

namespace {

bool key_is_before(const Labels::Entry& entry, std::string_view key) { return entry.first < key; }

bool in_order(const std::vector<Labels::Entry>& entries) {
    const auto not_before = [](const auto& a, const auto& b) { return a.first >= b.first; };
    return std::ranges::adjacent_find(entries, not_before) == entries.end();
}

}  // namespace

Labels::Labels(std::vector<Entry> entries) {
    // The API server writes them sorted.
    if (in_order(entries)) {
        entries_ = std::move(entries);
        return;
    }
    for (auto& [key, value] : entries) set(std::move(key), std::move(value));
}

const std::string* Labels::find(std::string_view key) const {
    const auto at = std::lower_bound(entries_.begin(), entries_.end(), key, key_is_before);
    return at != entries_.end() && at->first == key ? &at->second : nullptr;
}

void Labels::set(std::string key, std::string value) {
    const auto at =
        std::lower_bound(entries_.begin(), entries_.end(), std::string_view(key), key_is_before);
    if (at != entries_.end() && at->first == key) {
        at->second = std::move(value);
    } else {
        entries_.emplace(at, std::move(key), std::move(value));
    }
}

}  // namespace nodenap
