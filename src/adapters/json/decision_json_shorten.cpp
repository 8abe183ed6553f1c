#include "adapters/json/decision_json_parts.hpp"

namespace nodenap {

namespace {

template <class List>
void keep_first(List& list, std::size_t most) {
    if (list.size() > most) list.resize(most);
}

/// Keeps at most `most` entries of each list that grows with the number of pods or nodes.
Record cut(const Record& record, std::size_t most) {
    Record out = record;
    auto& plan = out.plan;
    for (auto& group : plan.launch) {
        keep_first(group.pods, most);
        for (auto& pods : group.pods) keep_first(pods, most);
    }
    for (auto& [node, pods] : plan.placed) keep_first(pods, most);
    while (plan.placed.size() > most) plan.placed.erase(std::prev(plan.placed.end()));
    keep_first(plan.unplaceable, most);
    keep_first(plan.kept, most);
    return out;
}

}  // namespace

OrderedJson shortened_document(const Record& record, std::size_t most_bytes) {
    OrderedJson out;
    constexpr std::size_t lengths[] = {100, 30, 10, 3, 0};
    for (const auto most : lengths) {
        out = record_document(cut(record, most));
        out["shortened"] = true;
        if (dumped(out).size() <= most_bytes) break;
    }
    return out;
}

}  // namespace nodenap
