#pragma once

#include "adapters/kubernetes/read_cluster_state.hpp"

#include <string>
#include <vector>

namespace nodenap {

/// A cluster from files that `kubectl get … -o json` wrote; "-" is standard input, once.
Result<ReadClusterState> read_cluster_files(const std::vector<std::string>& files);

}  // namespace nodenap
