#include "scheduling/pod_affinity.hpp"

#include "scheduling/label_match.hpp"

#include <algorithm>

namespace nodenap {

namespace {

std::int64_t count_of(const std::map<std::string, std::int64_t, std::less<>>& domains,
                      const std::string& value) {
    const auto at = domains.find(value);
    return at == domains.end() ? 0 : at->second;
}

/// Whether a term of a placed pod means the pod that is to be placed.
bool means(const PlacedAntiAffinity& placed, const Pod& pod, const Labels& namespace_labels) {
    const auto& term = placed.term;
    const bool own = term.namespaces.empty() && !term.namespace_selector;
    const bool named =
        own ? placed.namespace_name == pod.namespace_name
            : std::ranges::find(term.namespaces, pod.namespace_name) != term.namespaces.end();
    if (!named && !matches(term.namespace_selector, namespace_labels)) return false;
    return matches(term.selector, pod.labels);
}

std::string domain_text(const PodAffinityTerm& term, const std::string& value) {
    return term.topology_key + "=" + value;
}

std::string selector_text(const PodAffinityTerm& term) {
    std::string text;
    if (!term.selector) return "pods of no label";
    for (const auto& requirement : term.selector->requirements)
        text += (text.empty() ? "" : ", ") + text_of(requirement);
    return text.empty() ? "pods" : "pods with " + text;
}

}  // namespace

bool PodAffinityRules::Term::matches(const LabelClass& pods) const {
    if (!every_namespace && !namespaces.contains(pods.namespace_name)) return false;
    return nodenap::matches(term->selector, pods.labels);
}

PodAffinityRules::PodAffinityRules(const ClusterView& view, const Pod& pod)
    : affinity_(terms_of(view, pod, pod.rules.affinity)),
      anti_affinity_(terms_of(view, pod, pod.rules.anti_affinity)) {
    const LabelClass own{pod.namespace_name, pod.labels};
    matches_itself_ =
        std::ranges::all_of(affinity_, [&](const auto& term) { return term.matches(own); });
    const auto& labels = view.namespace_labels(pod.namespace_name);
    for (const auto& placed : view.anti_affinities())
        if (!placed.domains.empty() && means(placed, pod, labels)) existing_.push_back(&placed);
    if (!affinity_.empty() || !anti_affinity_.empty()) count(view);
}

std::vector<PodAffinityRules::Term> PodAffinityRules::terms_of(
    const ClusterView& view, const Pod& pod, const std::vector<PodAffinityTerm>& terms) {
    std::vector<Term> result;
    for (const auto& term : terms) {
        auto& meant = result.emplace_back(Term{&term, false, {}, {}});
        meant.namespaces.insert(term.namespaces.begin(), term.namespaces.end());
        if (!term.namespace_selector) {
            if (term.namespaces.empty()) meant.namespaces.insert(pod.namespace_name);
        } else if (term.namespace_selector->requirements.empty()) {
            meant.every_namespace = true;
        } else {
            for (const auto& [name, labels] : view.namespaces())
                if (nodenap::matches(term.namespace_selector, labels))
                    meant.namespaces.insert(name);
        }
    }
    return result;
}

/// Affinity counts the pods that match all its terms, anti-affinity those that match one.
void PodAffinityRules::count(const ClusterView& view) {
    const auto& classes = view.classes();
    std::vector<char> matches_all(classes.size(), affinity_.empty() ? 0 : 1);
    std::vector<std::vector<char>> matches_one;
    for (const auto& term : affinity_)
        for (std::size_t i = 0; i < classes.size(); ++i)
            if (matches_all[i] != 0 && !term.matches(classes[i])) matches_all[i] = 0;
    for (const auto& term : anti_affinity_) {
        auto& one = matches_one.emplace_back(classes.size(), 0);
        for (std::size_t i = 0; i < classes.size(); ++i) one[i] = term.matches(classes[i]) ? 1 : 0;
    }
    const auto add = [](Term& term, const NodeView& node, const std::vector<char>& matching) {
        const auto* const value = node.label(term.term->topology_key);
        if (value == nullptr) return;
        for (const auto& [label_class, pods, ending] : node.classes)
            if (matching[label_class] != 0) term.domains[*value] += pods;
    };
    for (const auto& node : view.nodes()) {
        for (auto& term : affinity_) add(term, node, matches_all);
        for (std::size_t i = 0; i < anti_affinity_.size(); ++i)
            add(anti_affinity_[i], node, matches_one[i]);
    }
}

std::optional<std::string> PodAffinityRules::existing_refusal(const NodeView& node) const {
    for (const auto* const placed : existing_) {
        const auto* const value = node.label(placed->term.topology_key);
        if (value == nullptr || count_of(placed->domains, *value) <= 0) continue;
        return "a pod of namespace " + placed->namespace_name + " in " +
               domain_text(placed->term, *value) + " has anti-affinity to this pod";
    }
    return std::nullopt;
}

std::optional<std::string> PodAffinityRules::anti_affinity_refusal(const NodeView& node) const {
    for (const auto& term : anti_affinity_) {
        const auto* const value = node.label(term.term->topology_key);
        if (value == nullptr || count_of(term.domains, *value) <= 0) continue;
        return "pod anti-affinity: " + domain_text(*term.term, *value) + " has " +
               selector_text(*term.term);
    }
    return std::nullopt;
}

/// The first pods of a group that asks for its own kind may be placed anywhere, as long as nothing
/// in the cluster matches.
std::optional<std::string> PodAffinityRules::affinity_refusal(const NodeView& node) const {
    const Term* missing = nullptr;
    for (const auto& term : affinity_) {
        const auto* const value = node.label(term.term->topology_key);
        if (value == nullptr)
            return "pod affinity: the node has no label " + term.term->topology_key;
        if (missing == nullptr && count_of(term.domains, *value) <= 0) missing = &term;
    }
    if (missing == nullptr) return std::nullopt;
    const bool nothing_matches =
        std::ranges::all_of(affinity_, [](const auto& term) { return term.domains.empty(); });
    if (nothing_matches && matches_itself_) return std::nullopt;
    return "pod affinity: " +
           domain_text(*missing->term, *node.label(missing->term->topology_key)) +
           " has none of the " + selector_text(*missing->term);
}

std::optional<std::string> PodAffinityRules::refusal(const NodeView& node) const {
    if (auto refused = affinity_refusal(node)) return refused;
    if (auto refused = anti_affinity_refusal(node)) return refused;
    return existing_refusal(node);
}

}  // namespace nodenap
