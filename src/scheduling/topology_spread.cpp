#include "scheduling/topology_spread.hpp"

#include "scheduling/label_match.hpp"
#include "scheduling/node_affinity.hpp"
#include "scheduling/taints.hpp"

#include <algorithm>

namespace nodenap {

namespace {

/// The selector, and for each of matchLabelKeys that the pod has the pod's own value.
std::optional<LabelSelector> selector_of(const SpreadConstraint& rule, const Labels& labels) {
    auto selector = rule.selector;
    if (!selector) return std::nullopt;
    for (const auto& key : rule.match_label_keys)
        if (const auto* const value = labels.find(key))
            selector->requirements.push_back({key, LabelOperator::in, {*value}});
    return selector;
}

}  // namespace

TopologySpreadRules::TopologySpreadRules(const ClusterView& view, const Pod& pod) {
    for (const auto& rule : pod.rules.spread)
        if (rule.do_not_schedule) prepare(view, pod, rule);
    if (constraints_.empty()) return;
    for (const auto& node : view.nodes()) count(pod, node);
    finish();
}

/// A selector of everything counts no pods, but the pod itself: kube-scheduler has it so.
bool TopologySpreadRules::Constraint::counts(const Labels& labels) const {
    return selector && !selector->requirements.empty() && matches(selector, labels);
}

void TopologySpreadRules::prepare(const ClusterView& view, const Pod& pod,
                                  const SpreadConstraint& rule) {
    auto& constraint = constraints_.emplace_back();
    constraint.rule = &rule;
    constraint.selector = selector_of(rule, pod.labels);
    constraint.matches_itself = matches(constraint.selector, pod.labels);
    for (const auto& pods : view.classes()) {
        const bool counted =
            pods.namespace_name == pod.namespace_name && constraint.counts(pods.labels);
        constraint.matching.push_back(counted ? 1 : 0);
    }
}

/// A node counts that has the labels of all constraints, and that the pod's own affinity and
/// tolerations admit where the policies of a constraint say so.
void TopologySpreadRules::count(const Pod& pod, const NodeView& node) {
    const bool has_all = std::ranges::all_of(constraints_, [&](const auto& constraint) {
        return node.label(constraint.rule->topology_key) != nullptr;
    });
    if (!has_all) return;
    const bool affine = matches_node_affinity(pod.rules, *node.node);
    const bool tolerated = untolerated_taint(node.node->taints, pod.rules.tolerations) == nullptr;
    for (auto& constraint : constraints_) {
        if (constraint.rule->honor_node_affinity && !affine) continue;
        if (constraint.rule->honor_node_taints && !tolerated) continue;
        auto& pods = constraint.domains[*node.label(constraint.rule->topology_key)];
        for (const auto& [label_class, all, ending] : node.classes)
            if (constraint.matching[label_class] != 0) pods += all - ending;
    }
}

void TopologySpreadRules::finish() {
    for (auto& constraint : constraints_) {
        const auto domains = static_cast<std::int64_t>(constraint.domains.size());
        if (domains == 0 || domains < constraint.rule->min_domains) continue;
        const auto fewer = [](const auto& a, const auto& b) { return a.second < b.second; };
        constraint.fewest = std::ranges::min_element(constraint.domains, fewer)->second;
    }
}

std::optional<std::string> TopologySpreadRules::refusal(const NodeView& node) const {
    for (const auto& constraint : constraints_) {
        const auto& rule = *constraint.rule;
        const auto* const value = node.label(rule.topology_key);
        if (value == nullptr) return "topology spread: the node has no label " + rule.topology_key;
        const auto at = constraint.domains.find(*value);
        const auto there = at == constraint.domains.end() ? 0 : at->second;
        const auto with_pod = there + (constraint.matches_itself ? 1 : 0);
        if (with_pod - constraint.fewest <= rule.max_skew) continue;
        return "topology spread: " + rule.topology_key + "=" + *value + " would have " +
               std::to_string(with_pod) + " pods, at most " +
               std::to_string(constraint.fewest + rule.max_skew) + " are allowed (maxSkew " +
               std::to_string(rule.max_skew) + ", fewest " + std::to_string(constraint.fewest) +
               ")";
    }
    return std::nullopt;
}

}  // namespace nodenap
