#pragma once

#include "scheduling/cluster_view.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nodenap {

/// Which PodDisruptionBudgets cover a pod; each class of pods is matched once. The state must
/// outlive it.
class BudgetCover {
public:
    explicit BudgetCover(const ClusterState& state) : state_(state) {}
    const std::vector<const DisruptionBudget*>& of(const Pod& pod);

private:
    const ClusterState& state_;
    std::map<LabelClass, std::vector<const DisruptionBudget*>> known_;
};

/// What forbids to evict the pod, whatever room there is elsewhere: "pod default/db-0 has no
/// controller that would start it again". Nothing where it may move.
std::optional<std::string> eviction_blocker(const Pod& pod, BudgetCover& budgets);

}  // namespace nodenap
