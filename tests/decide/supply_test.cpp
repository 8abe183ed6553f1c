#include "decide/supply.hpp"

#include "kube_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nodenap {
namespace {

using test::gibibyte;
using test::kube_pod;
using test::KubeWorld;

TEST(Supply, SharesKindsAndCountsLimits) {
    KubeWorld world;
    world.policy.limits.max_price_per_hour_usd = 1;
    const std::vector<const ClusterNode*> workers = {&world.state.nodes[0], &world.state.nodes[1]};
    auto supply = supply_of(world.policy, world.state, workers);
    EXPECT_EQ(supply.nodes.offers.size(), 4U) << "two types in two zones";
    EXPECT_EQ(supply.nodes.kinds.size(), 2U);
    EXPECT_EQ(supply.nodes.limits.most_nodes, 8);
    EXPECT_NEAR(supply.nodes.limits.most_price_per_hour_usd, 1 - 2 * 0.091, 1e-9);
    EXPECT_EQ(supply.nodes.offers[0].allocatable.memory.value, 4 * gibibyte)
        << "what a Ready node of the type really has";
    auto pod = kube_pod("picky");
    pod.rules.node_selector = {{"node.kubernetes.io/instance-type", "c5.xlarge"}};
    world.state.pods.push_back(pod);
    supply = supply_of(world.policy, world.state, workers);
    EXPECT_EQ(supply.nodes.kinds.size(), 4U) << "a rule reads the type's label";
}

}  // namespace
}  // namespace nodenap
