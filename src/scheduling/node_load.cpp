#include "scheduling/node_load.hpp"

#include "scheduling/ports.hpp"

#include <algorithm>
#include <optional>

namespace nodenap {

namespace {

/// The number of each term by node; none for those by area.
std::vector<std::optional<std::size_t>> numbers_of(const PlacementTerms& terms) {
    std::vector<std::optional<std::size_t>> numbers;
    std::size_t next = 0;
    for (const auto& term : terms.terms) {
        numbers.emplace_back();
        if (term.is_by_node()) numbers.back() = next++;
    }
    return numbers;
}

std::int64_t most_on_one(const NodeRules& rules) {
    auto most = std::numeric_limits<std::int64_t>::max();
    const auto counts_itself = [&](std::size_t term) {
        return std::ranges::find(rules.counted_by, term) != rules.counted_by.end();
    };
    for (const auto& spread : rules.spread)
        if (spread.counts_itself) most = std::min(most, spread.most);
    for (const auto term : rules.anti_affinity)
        if (counts_itself(term)) most = 1;
    if (!rules.ports.empty()) most = 1;
    return most;
}

NodeRules rules_of(const ClassRules& from, const Pod& pod,
                   const std::vector<std::optional<std::size_t>>& numbers) {
    NodeRules rules;
    for (const auto& rule : from.spread)
        if (const auto term = numbers[rule.term])
            rules.spread.push_back({*term, rule.max_skew, rule.counts_itself});
    bool is_in_cluster = false;
    for (const auto& rule : from.affinity) {
        const auto term = numbers[rule.term];
        if (!term) continue;
        rules.affinity.push_back(*term);
        is_in_cluster = is_in_cluster || !rule.in_cluster.empty();
    }
    rules.starts_group = from.starts_group && !is_in_cluster;
    for (const auto& rule : from.anti_affinity)
        if (const auto term = numbers[rule.term]) rules.anti_affinity.push_back(*term);
    for (const auto counting : from.counted_by)
        if (const auto term = numbers[counting]) rules.counted_by.push_back(*term);
    rules.ports = pod.rules.host_ports;
    rules.most_on_one = most_on_one(rules);
    return rules;
}

}  // namespace

NodeRuleTable node_rules(const PlacementTerms& terms, const std::vector<const Pod*>& classes) {
    const auto numbers = numbers_of(terms);
    NodeRuleTable table;
    table.terms = static_cast<std::size_t>(
        std::ranges::count_if(numbers, [](const auto& number) { return number.has_value(); }));
    for (std::size_t i = 0; i < classes.size(); ++i)
        table.classes.push_back(rules_of(terms.classes[i], *classes[i], numbers));
    return table;
}

NodeLoad::NodeLoad(std::size_t terms) : terms_(terms) {}

bool NodeLoad::accepts(const NodeRules& pod, const std::vector<std::int64_t>& started) const {
    for (const auto& spread : pod.spread)
        if (terms_[spread.term].counted + (spread.counts_itself ? 1 : 0) > spread.most)
            return false;
    for (const auto term : pod.anti_affinity)
        if (terms_[term].counted > 0) return false;
    for (const auto term : pod.counted_by) {
        const auto& on_node = terms_[term];
        if (on_node.holders > 0 || on_node.counted + 1 > on_node.most) return false;
    }
    const bool near = std::ranges::all_of(
        pod.affinity, [&](const auto term) { return terms_[term].counted > 0; });
    const bool first = pod.starts_group && std::ranges::all_of(pod.affinity, [&](const auto term) {
                           return started[term] == 0;
                       });
    if (!near && !first) return false;
    return !std::ranges::any_of(pod.ports,
                                [&](const auto& port) { return collides_with_any(port, ports_); });
}

void NodeLoad::add(const NodeRules& pod) {
    for (const auto term : pod.counted_by) ++terms_[term].counted;
    for (const auto term : pod.anti_affinity) ++terms_[term].holders;
    for (const auto& spread : pod.spread)
        terms_[spread.term].most = std::min(terms_[spread.term].most, spread.most);
    ports_.insert(ports_.end(), pod.ports.begin(), pod.ports.end());
}

}  // namespace nodenap
