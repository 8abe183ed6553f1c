#include "decide/pod_blockers.hpp"

#include "scheduling/kube_cluster.hpp"

#include <gtest/gtest.h>

namespace nodenap {
namespace {

using test::kube_pod;

TEST(PodBlockers, SomePodsGoWithTheirNode) {
    auto pod = kube_pod("web");
    EXPECT_FALSE(stays_with_node(pod));
    pod.mirror = true;
    EXPECT_TRUE(stays_with_node(pod));
    pod.mirror = false;
    pod.phase = PodPhase::succeeded;
    EXPECT_TRUE(stays_with_node(pod));
    pod.phase = PodPhase::running;
    pod.controller->kind = "DaemonSet";
    EXPECT_TRUE(stays_with_node(pod));
}

TEST(PodBlockers, ABudgetOfAnotherNamespaceOrOfOtherPodsBlocksNothing) {
    ClusterState state;
    state.budgets = {{"other", "all", LabelSelector{}, 0, false},
                     {"default", "db", test::app_is("db"), 0, false},
                     {"default", "none", std::nullopt, 0, false}};
    EXPECT_EQ(eviction_blocker(kube_pod("web"), state), std::nullopt);
    state.budgets.push_back({"default", "all", LabelSelector{}, 0, false});
    EXPECT_TRUE(eviction_blocker(kube_pod("web"), state));
}

TEST(PodBlockers, StatefulSetsMoveFreely) {
    auto pod = kube_pod("db");
    for (const auto* kind : {"StatefulSet", "ReplicationController", "ReplicaSet"}) {
        pod.controller->kind = kind;
        EXPECT_EQ(eviction_blocker(pod, {}), std::nullopt) << kind;
    }
}

}  // namespace
}  // namespace nodenap
