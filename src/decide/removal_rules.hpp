#pragma once

#include "decide/pod_blockers.hpp"
#include "model/policy.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nodenap {

/// What keeps a node that has nothing to do with where its pods could go: what a person said, its
/// own state, its pods' annotations, controllers and budgets, and what they request. State and
/// policy must outlive it. Without a policy every node that is no server is a worker, and there is
/// no threshold for requests.
class RemovalRules {
public:
    RemovalRules(const ClusterState& state, const Policy* policy);

    bool is_worker(const ClusterNode& node) const;
    /// Ready, and nothing says that it is about to leave: it may take pods.
    static bool is_home(const ClusterNode& node);

    /// The first reason to keep the node, whose pods that would move are `moving`.
    std::optional<std::string> blocker(const ClusterNode& node,
                                       const std::vector<const Pod*>& moving);

    /// Whether fewer workers than a minimum would be left, in the cluster or in the node's pool.
    std::optional<std::string> minimum_blocker(const ClusterNode& node) const;
    /// From now on the node counts as gone.
    void remove(const ClusterNode& node);

private:
    std::optional<std::string> node_blocker(const ClusterNode& node) const;

    const Policy* policy_;
    BudgetCover budgets_;
    int workers_ = 0;
    std::map<std::string, int> pool_workers_;
};

/// With a policy a worker has the label nodenap.dev/pool; without one it is any node but a server.
bool is_worker(const ClusterNode& node, const Policy* policy);

}  // namespace nodenap
