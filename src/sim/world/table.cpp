#include "sim/world/table.hpp"

#include "adapters/store/item.hpp"
#include "controller/memory.hpp"

#include <algorithm>

namespace nodenap::sim {

Result<Updated> Table::update(const Key& key, const Change& change, const Condition& condition) {
    auto& item = key.record == state_record ? state_ : journal_[key.record];
    return update_item(item, key, change, condition);
}

AttributeMap Table::get(const Key& key) const {
    if (key.record == state_record) return state_;
    const auto found = journal_.find(key.record);
    return found == journal_.end() ? AttributeMap{} : found->second;
}

std::vector<AttributeMap> Table::query(const Query& query) const {
    std::vector<AttributeMap> found;
    const auto end = journal_.upper_bound(query.to);
    for (auto at = journal_.lower_bound(query.from); at != end; ++at) found.push_back(at->second);
    if (query.newest_first) std::reverse(found.begin(), found.end());
    if (found.size() > static_cast<std::size_t>(query.limit)) {
        found.resize(static_cast<std::size_t>(query.limit));
    }
    return found;
}

std::int64_t Table::epoch() const {
    const auto found = state_.find("epoch");
    if (found == state_.end()) return 0;
    const auto* epoch = std::get_if<std::int64_t>(&found->second.value);
    return epoch == nullptr ? 0 : *epoch;
}

}  // namespace nodenap::sim
