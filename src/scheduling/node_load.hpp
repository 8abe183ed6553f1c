#pragma once

#include "scheduling/placement_terms.hpp"
#include "scheduling/pod_shapes.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace nodenap {

/// The rules of a class about pods of the same node. Terms are numbered apart from those by area.
struct NodeRules {
    struct Spread {
        std::size_t term = 0;
        std::int64_t most = 1;  // counted pods of the node, with this one
        bool counts_itself = false;
    };
    std::vector<Spread> spread;
    std::vector<std::size_t> affinity;
    bool starts_group = false;  // while no pod anywhere matches its affinity
    std::vector<std::size_t> anti_affinity;
    std::vector<std::size_t> counted_by;
    std::vector<HostPort> ports;
    /// How many pods of this class fit on one node, resources apart.
    std::int64_t most_on_one = std::numeric_limits<std::int64_t>::max();
};

struct NodeRuleTable {
    std::size_t terms = 0;
    std::vector<NodeRules> classes;
};
NodeRuleTable node_rules(const PlacementTerms& terms, const std::vector<const Pod*>& classes);

/// Pods of a new node, as the rules of a node count them. A node with none of the counted pods may
/// always join, so the fewest of a spread by node are none: what is accepted stays right whatever
/// the order in which the scheduler binds the pods.
class NodeLoad {
public:
    explicit NodeLoad(std::size_t terms);

    /// `started`: by term, whether a counted pod is anywhere.
    bool accepts(const NodeRules& pod, const std::vector<std::int64_t>& started) const;
    void add(const NodeRules& pod);

private:
    struct Term {
        std::int64_t counted = 0;
        std::int64_t holders = 0;  // pods whose anti-affinity it is
        std::int64_t most = std::numeric_limits<std::int64_t>::max();
    };
    std::vector<Term> terms_;
    std::vector<HostPort> ports_;
};

}  // namespace nodenap
