#include "decide/pod_blockers.hpp"

#include "decide/pending_pods.hpp"
#include "scheduling/label_match.hpp"

#include <algorithm>
#include <array>

namespace nodenap {
namespace {

/// Their controllers start a pod again as it was, and lose nothing but its run.
constexpr std::array moved_freely{"ReplicaSet", "StatefulSet", "ReplicationController"};

std::optional<std::string> controller_blocker(const Pod& pod) {
    if (pod.safe_to_evict.value_or(false)) return std::nullopt;
    if (!pod.controller) return "has no controller that would start it again";
    if (std::ranges::count(moved_freely, pod.controller->kind) > 0) return std::nullopt;
    return "belongs to the " + pod.controller->kind + " " + pod.controller->name;
}

std::optional<std::string> budget_blocker(const Pod& pod, BudgetCover& budgets) {
    const auto& covering = budgets.of(pod);
    if (covering.size() > 1) {
        return "is covered by two PodDisruptionBudgets, " + covering[0]->name + " and " +
               covering[1]->name + ": the API server evicts no such pod";
    }
    if (covering.empty() || covering[0]->disruptions_allowed > 0) return std::nullopt;
    if (!pod.ready && covering[0]->always_allow_unhealthy) return std::nullopt;
    return "is covered by the PodDisruptionBudget " + covering[0]->name +
           ", which allows no disruption now";
}

std::optional<std::string> own_words(const Pod& pod) {
    if (pod.do_not_disrupt) return "has the annotation karpenter.sh/do-not-disrupt";
    if (pod.safe_to_evict.value_or(true)) return std::nullopt;
    return "has the annotation cluster-autoscaler.kubernetes.io/safe-to-evict: \"false\"";
}

}  // namespace

const std::vector<const DisruptionBudget*>& BudgetCover::of(const Pod& pod) {
    auto [at, is_new] = known_.try_emplace(LabelClass{pod.namespace_name, pod.labels});
    if (!is_new) return at->second;
    for (const auto& budget : state_.budgets) {
        if (budget.namespace_name == pod.namespace_name && matches(budget.selector, pod.labels))
            at->second.push_back(&budget);
    }
    return at->second;
}

std::optional<std::string> eviction_blocker(const Pod& pod, BudgetCover& budgets) {
    auto why = own_words(pod);
    if (!why) why = controller_blocker(pod);
    if (!why) why = budget_blocker(pod, budgets);
    if (!why) return std::nullopt;
    return "pod " + name_of(pod) + " " + *why;
}

}  // namespace nodenap
