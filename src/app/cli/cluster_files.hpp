#pragma once

#include "adapters/kubernetes/read_cluster_state.hpp"
#include "app/cli/command_line.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace nodenap {

/// Reads Kubernetes Lists as `kubectl get -o json` prints them, of mixed kinds; "-" is standard
/// input. Error invalid: names the file and the place in it.
Result<ReadClusterState> read_cluster_files(const std::vector<std::string>& files);

/// A cluster from files, with the policy where there is a configuration.
struct OfflineCluster {
    ClusterState state;
    std::optional<Policy> policy;
    std::string name;  // cluster.id
};

/// Reads both; a configuration that was named must be there, nodenap.toml may be (with
/// `may_have_config`). What is wrong or was passed over is said; then the exit code is the answer.
std::variant<OfflineCluster, Exit> read_offline_cluster(const FileSession& session,
                                                        const std::vector<std::string>& files,
                                                        bool may_have_config = true);

}  // namespace nodenap
