#pragma once

#include "scheduling/new_nodes.hpp"
#include "scheduling/placement_terms.hpp"
#include "scheduling/pod_shapes.hpp"

#include <cstddef>
#include <vector>

namespace nodenap {

/// By class, by kind: whether a new node of the kind takes pods of the class.
using AllowedKinds = std::vector<std::vector<char>>;

/// Pods of one shape that new nodes of the same kinds take.
struct Lot {
    std::size_t shape = 0;
    std::vector<char> kinds;  // by kind
    std::vector<const Pod*> pods;
};

/// Decides in which zone each pod goes, before nodes are chosen: an area is a set of kinds that are
/// in the same domain of every topology key that rules between pods name, except of the node
/// itself. Pods without such rules, and not counted by any, stay free to go to every area. A rule
/// about pods by area holds for the result as a whole; pods for which no area is found are in no
/// lot. Time: pods × (areas + domains) × rules of a class.
std::vector<Lot> choose_areas(const PodShapes& shapes, const PlacementTerms& terms,
                              const std::vector<NewNodeKind>& kinds, const AllowedKinds& allowed);

}  // namespace nodenap
