#include "decide/assumed_policy.hpp"

#include "decide/supply.hpp"
#include "kube_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nodenap {
namespace {

using test::gibibyte;
using test::KubeWorld;
using testing::ElementsAre;

TEST(AssumedPolicy, HasTheTypesInTheZonesOfTheNodes) {
    KubeWorld world;
    world.state.nodes[0].labels = {{"topology.kubernetes.io/zone", "eu-central-1b"}};
    const auto policy = policy_of_types({"t3.small"}, world.policy.catalogue, world.state);
    ASSERT_EQ(policy.pools.size(), 1U);
    ASSERT_EQ(policy.pools[0].subnets.size(), 2U);
    EXPECT_EQ(policy.pools[0].subnets[0].zone, "eu-central-1b");
    EXPECT_THAT(policy.pools[0].instance_types, ElementsAre("t3.small"));
    EXPECT_EQ(policy_of_types({}, {}, {}).pools[0].subnets[0].zone, "us-east-1a");
}

TEST(AssumedPolicy, ATypeThatIsNotToldIsFoundByItsCapacity) {
    KubeWorld world;
    constexpr const char* label = "node.kubernetes.io/instance-type";
    for (auto& node : world.state.nodes) node.labels.set(label, "k3s");
    world.state.nodes[0].capacity = {Millicores{4000}, Bytes{8 * gibibyte * 95 / 100}, Bytes{0}};
    world.state.nodes[1].capacity = {Millicores{4000}, Bytes{6 * gibibyte}, Bytes{0}};
    adopt_nodes(world.state);
    name_types(world.state, world.policy);
    EXPECT_EQ(*world.state.nodes[0].labels.find(label), "c5.xlarge");
    EXPECT_EQ(*world.state.nodes[1].labels.find(label), "k3s") << "no type has 6 GiB";
    EXPECT_EQ(price_of(world.state.nodes[1], world.policy), std::nullopt);
}

}  // namespace
}  // namespace nodenap
