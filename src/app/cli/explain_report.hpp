#pragma once

#include "app/cli/terminal.hpp"
#include "decide/node_explanation.hpp"
#include "decide/pod_explanation.hpp"

#include <string>
#include <vector>

namespace nodenap {

/// `nodenap explain pods`: equal answers of pods that follow each other are printed once.
std::string pods_explained_text(const std::vector<PodExplanation>& pods, const Style& style);
std::string pods_explained_json(const std::vector<PodExplanation>& pods);

/// `nodenap explain nodes`.
std::string nodes_explained_text(const std::vector<NodeExplanation>& nodes, const Style& style);
std::string nodes_explained_json(const std::vector<NodeExplanation>& nodes);

}  // namespace nodenap
