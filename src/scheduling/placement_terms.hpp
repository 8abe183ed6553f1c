#pragma once

#include "scheduling/cluster_view.hpp"
#include "scheduling/pod_shapes.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace nodenap {

/// How many pods each topology domain has, by the value of its label.
using DomainCounts = std::map<std::string, std::int64_t, std::less<>>;

/// What a rule between pods counts: pods by a selector, in the domains of a topology key. Classes
/// of pending pods with equal rules share it.
struct PlacementTerm {
    std::string topology_key;
    std::vector<char> counted;  // by class

    bool is_by_node() const { return topology_key == "kubernetes.io/hostname"; }
    friend bool operator==(const PlacementTerm&, const PlacementTerm&) = default;
};

/// One rule of a class: its term, and what the term counts in the cluster as it is.
struct PlacementRule {
    std::size_t term = 0;
    DomainCounts in_cluster;
};

/// A constraint of topology spread. Its domains in the cluster are those of nodes that the policies
/// of the constraint admit.
struct SpreadRule : PlacementRule {
    std::int64_t max_skew = 1;
    std::int64_t min_domains = 1;
    bool counts_itself = false;
};

/// The rules of a class on where other pods are.
struct ClassRules {
    std::vector<SpreadRule> spread;
    std::vector<PlacementRule> affinity;  // each counts the pods that match all of them
    bool starts_group = false;            // its own pods match them
    std::vector<PlacementRule> anti_affinity;
    std::vector<std::size_t> counted_by;  // terms
    /// Anti-affinity of pods in the cluster to this class, by topology key.
    std::map<std::string, DomainCounts> kept_away;

    bool has_affinity() const { return !affinity.empty(); }
};

/// The rules of all classes, with each term once.
struct PlacementTerms {
    std::vector<PlacementTerm> terms;
    std::vector<ClassRules> classes;
};

/// Time: classes × (classes + nodes).
PlacementTerms placement_terms(const ClusterView& view, const std::vector<const Pod*>& classes);

}  // namespace nodenap
