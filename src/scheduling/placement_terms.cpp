#include "scheduling/placement_terms.hpp"

#include "scheduling/pod_affinity.hpp"
#include "scheduling/topology_spread.hpp"

#include <algorithm>
#include <utility>

namespace nodenap {

namespace {

using Classes = std::vector<const Pod*>;

LabelClass labels_of(const Pod& pod) { return {pod.namespace_name, pod.labels}; }

std::size_t term_of(PlacementTerm term, std::vector<PlacementTerm>& terms) {
    const auto at = std::ranges::find(terms, term);
    if (at != terms.end()) return static_cast<std::size_t>(at - terms.begin());
    terms.push_back(std::move(term));
    return terms.size() - 1;
}

template <class Counts>
PlacementTerm counting(const Classes& classes, const std::string& topology_key, Counts counts) {
    PlacementTerm term{topology_key, {}};
    for (const auto* pod : classes) term.counted.push_back(counts(*pod) ? 1 : 0);
    return term;
}

void add_spread(const ClusterView& view, const Classes& classes, const Pod& pod,
                PlacementTerms& all) {
    const TopologySpreadRules rules(view, pod);
    for (const auto& constraint : rules.constraints()) {
        const auto counts = [&](const Pod& other) {
            return other.namespace_name == pod.namespace_name && constraint.counts(other.labels);
        };
        SpreadRule rule;
        rule.term = term_of(counting(classes, constraint.rule->topology_key, counts), all.terms);
        rule.in_cluster = constraint.domains;
        rule.max_skew = constraint.rule->max_skew;
        rule.min_domains = constraint.rule->min_domains;
        rule.counts_itself = constraint.matches_itself;
        all.classes.back().spread.push_back(std::move(rule));
    }
}

void add_affinity(const ClusterView& view, const Classes& classes, const Pod& pod,
                  PlacementTerms& all) {
    const PodAffinityRules rules(view, pod);
    auto& into = all.classes.back();
    const auto matches_all = [&](const Pod& other) {
        return std::ranges::all_of(
            rules.affinity(), [&](const auto& term) { return term.matches(labels_of(other)); });
    };
    for (const auto& each : rules.affinity()) {
        auto term = counting(classes, each.term->topology_key, matches_all);
        into.affinity.push_back({term_of(std::move(term), all.terms), each.domains});
    }
    into.starts_group = rules.matches_itself();
    for (const auto& each : rules.anti_affinity()) {
        const auto matches = [&](const Pod& other) { return each.matches(labels_of(other)); };
        auto term = counting(classes, each.term->topology_key, matches);
        into.anti_affinity.push_back({term_of(std::move(term), all.terms), each.domains});
    }
    for (const auto* placed : rules.existing())
        for (const auto& [domain, pods] : placed->domains)
            into.kept_away[placed->term.topology_key][domain] += pods;
}

}  // namespace

PlacementTerms placement_terms(const ClusterView& view, const Classes& classes) {
    PlacementTerms all;
    for (const auto* pod : classes) {
        all.classes.emplace_back();
        add_spread(view, classes, *pod, all);
        add_affinity(view, classes, *pod, all);
    }
    for (std::size_t term = 0; term < all.terms.size(); ++term)
        for (std::size_t i = 0; i < classes.size(); ++i)
            if (all.terms[term].counted[i] != 0) all.classes[i].counted_by.push_back(term);
    return all;
}

}  // namespace nodenap
