#pragma once

#include "scheduling/node_packer.hpp"

namespace nodenap {

/// The best of several strategies, improved: each node becomes the cheapest offer that holds its
/// pods, and nodes whose pods cost less elsewhere are dissolved. Small problems try more. Never
/// dearer than first fit on the best single type for up to 200 pods. Bounded by steps.
PackedNodes search_packing(const PackProblem& problem);

}  // namespace nodenap
