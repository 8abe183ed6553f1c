#include "scheduling/node_affinity.hpp"

#include "scheduling/label_match.hpp"

#include <algorithm>

namespace nodenap {

namespace {

const Labels::Entry* unmatched_selector(const PodRules& rules, const ClusterNode& node) {
    for (const auto& entry : rules.node_selector) {
        const auto* const has = node.labels.find(entry.first);
        if (has == nullptr || *has != entry.second) return &entry;
    }
    return nullptr;
}

/// The first expression of a term that does not match.
std::string unmatched_text(const NodeSelectorTerm& term, const ClusterNode& node) {
    for (const auto& requirement : term.labels) {
        if (!is_valid(requirement)) return text_of(requirement) + " is not valid";
        if (matches(requirement, node.labels)) continue;
        const auto* const has = node.labels.find(requirement.key);
        return text_of(requirement) + (has == nullptr ? ", and the node has no such label"
                                                      : ", and the node has \"" + *has + "\"");
    }
    for (const auto& requirement : term.fields)
        if (!matches(NodeSelectorTerm{{}, {requirement}}, node.labels, node.name))
            return text_of(requirement);
    return "it is empty";
}

}  // namespace

bool matches_node_affinity(const PodRules& rules, const ClusterNode& node) {
    if (unmatched_selector(rules, node) != nullptr) return false;
    return !rules.node_affinity || matches(*rules.node_affinity, node.labels, node.name);
}

std::optional<std::string> node_affinity_refusal(const Pod& pod, const ClusterNode& node) {
    if (const auto* const entry = unmatched_selector(pod.rules, node)) {
        const auto* const has = node.labels.find(entry->first);
        return "node selector " + entry->first + "=" + entry->second + " does not match" +
               (has == nullptr ? ": the node has no such label" : ": the node has " + *has);
    }
    if (matches_node_affinity(pod.rules, node)) return std::nullopt;
    const auto& terms = pod.rules.node_affinity->terms;
    if (terms.empty()) return "node affinity has no terms, which no node matches";
    return "node affinity does not match: " + unmatched_text(terms.front(), node) +
           (terms.size() > 1 ? ", nor does any other term" : "");
}

}  // namespace nodenap
