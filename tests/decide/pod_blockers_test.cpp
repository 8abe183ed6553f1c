#include "decide/pod_blockers.hpp"

#include "scheduling/kube_cluster.hpp"

#include <gtest/gtest.h>

namespace nodenap {
namespace {

using test::kube_pod;

TEST(PodBlockers, ABudgetOfAnotherNamespaceOrOfOtherPodsBlocksNothing) {
    ClusterState state;
    state.budgets = {{"other", "all", LabelSelector{}, 0, false},
                     {"default", "db", test::app_is("db"), 0, false},
                     {"default", "none", std::nullopt, 0, false}};
    BudgetCover none(state);
    EXPECT_EQ(eviction_blocker(kube_pod("web"), none), std::nullopt);
    state.budgets.push_back({"default", "all", LabelSelector{}, 0, false});
    BudgetCover all(state);
    EXPECT_TRUE(eviction_blocker(kube_pod("web"), all));
}

TEST(PodBlockers, StatefulSetsMoveFreely) {
    auto pod = kube_pod("db");
    const ClusterState state;
    BudgetCover budgets(state);
    for (const auto* kind : {"StatefulSet", "ReplicationController", "ReplicaSet"}) {
        pod.controller->kind = kind;
        EXPECT_EQ(eviction_blocker(pod, budgets), std::nullopt) << kind;
    }
}

}  // namespace
}  // namespace nodenap
