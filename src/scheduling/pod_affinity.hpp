#pragma once

#include "scheduling/cluster_view.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace nodenap {

/// InterPodAffinity for one pod: its own required terms, and those of the pods that are placed.
/// Prepared once; then each node costs as many look-ups as there are terms.
class PodAffinityRules {
public:
    /// How many pods of each topology domain a term has found, by the value of the domain's label.
    using Domains = std::map<std::string, std::int64_t, std::less<>>;

    /// A term with the namespaces that it means.
    struct Term {
        const PodAffinityTerm* term;
        bool every_namespace = false;
        std::set<std::string, std::less<>> namespaces;
        Domains domains;

        bool matches(const LabelClass& pods) const;
    };

    PodAffinityRules(const ClusterView& view, const Pod& pod);

    std::optional<std::string> refusal(const NodeView& node) const;

    const std::vector<Term>& affinity() const { return affinity_; }
    const std::vector<Term>& anti_affinity() const { return anti_affinity_; }
    const std::vector<const PlacedAntiAffinity*>& existing() const { return existing_; }
    bool matches_itself() const { return matches_itself_; }

private:
    static std::vector<Term> terms_of(const ClusterView& view, const Pod& pod,
                                      const std::vector<PodAffinityTerm>& terms);
    void count(const ClusterView& view);
    std::optional<std::string> existing_refusal(const NodeView& node) const;
    std::optional<std::string> anti_affinity_refusal(const NodeView& node) const;
    std::optional<std::string> affinity_refusal(const NodeView& node) const;

    std::vector<Term> affinity_;
    std::vector<Term> anti_affinity_;
    std::vector<const PlacedAntiAffinity*> existing_;  // those that the pod matches
    bool matches_itself_ = false;                      // all of its own affinity terms
};

}  // namespace nodenap
