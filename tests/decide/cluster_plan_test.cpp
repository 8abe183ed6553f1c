#include "decide/cluster_plan.hpp"

#include "kube_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nodenap {
namespace {

using test::KubeWorld;
using test::placed;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(PlanCluster, LaunchesForUnschedulablePods) {
    KubeWorld world;
    world.wait_for(5);
    const auto told = world.plan();
    EXPECT_EQ(told.plan.decision, DecisionKind::scale_up);
    ASSERT_EQ(told.plan.reasons.size(), 1U);
    EXPECT_EQ(told.plan.reasons[0],
              (Reason{ReasonCode::pending_pods,
                      "5 unschedulable pods: 3 on 1 new node, 2 on nodes that are there"}));
    ASSERT_EQ(told.plan.launch.size(), 1U);
    EXPECT_EQ(told.plan.launch[0].offering.instance_type, "c5.xlarge");
    EXPECT_EQ(told.plan.launch[0].pods[0].size(), 3U);
    EXPECT_THAT(told.plan.placed.at("one"), ElementsAre("default/new-0"));
    EXPECT_EQ(told.plan.totals.pods_placed, 5);
    EXPECT_NEAR(told.price_now_per_hour_usd, 2 * 0.091, 1e-9);
    EXPECT_NEAR(told.price_after_per_hour_usd, 2 * 0.091 + 0.176, 1e-9);
    EXPECT_THAT(told.plan.remove, IsEmpty()) << "a cluster that grows removes nothing";
}

TEST(PlanCluster, RemovesWhatFitsOnTheOthers) {
    KubeWorld world;
    const auto told = world.plan();
    EXPECT_EQ(told.plan.decision, DecisionKind::scale_down);
    ASSERT_EQ(told.plan.could_remove.size(), 1U);
    EXPECT_EQ(told.plan.could_remove[0], (Removal{"one", "i-one", RemovalCause::underused}));
    EXPECT_EQ(told.plan.remove, told.plan.could_remove);
    EXPECT_NEAR(told.price_after_per_hour_usd, 0.091, 1e-9);
    ASSERT_EQ(told.plan.kept.size(), 1U);
    EXPECT_EQ(told.plan.kept[0], (KeptNode{"two", "1 worker, the minimum (min_nodes = 1)"}));
}

TEST(PlanCluster, TheMinimumIsFilled) {
    KubeWorld world;
    world.policy.limits.min_nodes = 4;
    const auto told = world.plan();
    EXPECT_EQ(told.plan.decision, DecisionKind::scale_up);
    EXPECT_EQ(told.plan.reasons[0],
              (Reason{ReasonCode::below_minimum, "2 workers, min_nodes is 4"}));
    ASSERT_EQ(told.plan.launch.size(), 1U);
    EXPECT_EQ(told.plan.launch[0].offering.instance_type, "c5.large");
    EXPECT_EQ(told.plan.launch[0].count, 2);
}

TEST(PlanCluster, LimitsLeavePodsWithoutANode) {
    KubeWorld world;
    world.wait_for(3, 1800);
    world.policy.limits.min_nodes = world.policy.limits.max_nodes = 2;
    const auto told = world.plan();
    EXPECT_EQ(told.plan.decision, DecisionKind::hold);
    EXPECT_EQ(told.plan.reasons[0].code, ReasonCode::unplaceable);
    ASSERT_EQ(told.plan.unplaceable.size(), 3U);
    EXPECT_THAT(told.plan.unplaceable[0].reason, HasSubstr("the limits on nodes and price"));
}

TEST(PlanCluster, BusyCpuKeepsNodes) {
    KubeWorld world;
    world.cpu = 65;
    const auto told = world.plan();
    EXPECT_EQ(told.plan.decision, DecisionKind::hold);
    EXPECT_EQ(told.plan.reasons[0].code, ReasonCode::would_fire_again);
    world.cpu = 40;
    EXPECT_EQ(world.plan().plan.decision, DecisionKind::scale_down);
}

TEST(PlanCluster, WithoutAPolicyItSaysWhatIsMissing) {
    KubeWorld world;
    world.wait_for(1, 1800);
    const auto told = plan_cluster(world.state, nullptr, {test::start, "", std::nullopt});
    EXPECT_EQ(told.plan.unplaceable[0].reason,
              "no instance types are known: give --types or --config");
    EXPECT_EQ(told.unpriced.size(), 2U);
}

TEST(PlanCluster, SaysWhatWasNotRead) {
    KubeWorld world;
    world.state.constraints_known.budgets = false;
    EXPECT_THAT(world.plan().left_out,
                ElementsAre("PodDisruptionBudgets were not read (pdb): they block nothing here",
                            "CPU use is not known: rules on it are left out"));
}

}  // namespace
}  // namespace nodenap
