#include "decide/removable_nodes.hpp"

#include "kube_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nodenap {
namespace {

using test::kube_pod;
using test::KubeWorld;
using test::placed;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(RemovableNodes, EmptyOnesFirstThenThoseThatSaveMostForEachPod) {
    KubeWorld world;
    for (const auto* name : {"three", "four"}) {
        auto node = world.state.nodes[0];
        node.name = name;
        world.state.nodes.push_back(node);
    }
    world.state.pods.push_back(placed(kube_pod("second"), "one"));
    world.state.pods.back().requests.cpu = Millicores{100};
    world.state.pods.push_back(placed(kube_pod("db"), "four"));
    world.state.pods.back().safe_to_evict = false;
    const auto found = removable_nodes(world.state, &world.policy);
    std::vector<std::string> names;
    for (const auto node : found.nodes) names.push_back(world.state.nodes[node].name);
    EXPECT_THAT(names, ElementsAre("three", "two"));
    EXPECT_THAT(found.empty, ElementsAre(2U));
    ASSERT_EQ(found.kept.size(), 2U);
    EXPECT_EQ(found.kept[0].reason,
              "its pods request 50% of its memory, and requested_below_percent is 50");
    EXPECT_EQ(found.kept[1].node, "four");
}

TEST(RemovableNodes, APoolKeepsItsMinimum) {
    KubeWorld world;
    world.policy.limits.min_nodes = 0;
    world.policy.pools[0].min_nodes = 2;
    const auto found = removable_nodes(world.state, &world.policy);
    EXPECT_THAT(found.nodes, IsEmpty());
    EXPECT_EQ(found.kept[0].reason, "2 workers in pool workers, its minimum");
}

}  // namespace
}  // namespace nodenap
