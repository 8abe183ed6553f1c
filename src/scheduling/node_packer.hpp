#pragma once

#include "scheduling/areas.hpp"
#include "scheduling/new_nodes.hpp"
#include "scheduling/node_load.hpp"
#include "scheduling/pod_shapes.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace nodenap {

/// An offer as the packing compares it. Offers keep their numbers.
struct PackOffer {
    std::size_t kind = 0;
    std::size_t pool = 0;
    std::size_t type = 0;
    Size free;  // beside DaemonSet pods
    double price_per_hour_usd = 0;
    double worth = 0;  // of all that is free
};

/// What is to be packed. Worth is in dollars an hour: what a size would cost if every offer could
/// be bought in parts, so that a node is used well if its pods are worth nearly its price.
struct PackProblem {
    const PodShapes* shapes = nullptr;
    NodeRuleTable rules;
    std::vector<Lot> lots;
    std::vector<PackOffer> offers;
    PurchaseLimits limits;
    std::vector<double> worth_by_axis;

    const PodShape& shape(std::size_t lot) const { return shapes->shapes[lots[lot].shape]; }
    const NodeRules& rules_of(std::size_t lot) const { return rules.classes[shape(lot).pod_class]; }
    double worth(const Size& size) const;
};

/// Finds the worth of each axis and of each offer.
void set_worth(PackProblem& problem);

struct PackedNode {
    std::size_t offer = 0;
    std::vector<std::pair<std::size_t, std::int64_t>> pods;  // lot, how many of it
};

struct PackedNodes {
    std::vector<PackedNode> nodes;
    std::int64_t left = 0;  // pods that no node within the limits takes
    double price_per_hour_usd = 0;
};

/// Fewer pods left, then cheaper, then fewer nodes.
bool is_better(const PackedNodes& a, const PackedNodes& b);

/// Which pod is put next on a node that is being filled: the one along what is free, the one of
/// most worth, of most CPU, of most memory.
enum class PickBy { alignment, worth, cpu, memory };

struct PackStrategy {
    PickBy pick_by = PickBy::alignment;
    std::optional<std::size_t> only_type;
};

/// Node by node: opens one for the pod that is hardest to place, tries several offers, fills each,
/// and takes the one whose pods are worth most for its price. Pods that must be apart are shared
/// out first, so that the nodes they need anyway take the others too. Deterministic; time: nodes ×
/// offers tried (at most a dozen) × pods of a node × distinct sizes.
PackedNodes pack_nodes(const PackProblem& problem, const PackStrategy& strategy);

/// First fit with decreasing worth on nodes of one type.
PackedNodes first_fit(const PackProblem& problem, std::size_t type);

}  // namespace nodenap
