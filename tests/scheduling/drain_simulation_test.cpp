#include "scheduling/drain_simulation.hpp"

#include "scheduling/kube_cluster.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace nodenap {
namespace {

using test::app_is;
using test::kube_node;
using test::kube_pod;
using test::placed;

/// Nodes "one", "two" and "three", each with one pod of 500m.
ClusterState three_nodes() {
    ClusterState state;
    state.nodes = {kube_node("one"), kube_node("two"), kube_node("three")};
    for (const auto& node : state.nodes)
        state.pods.push_back(placed(kube_pod("web-" + node.name), node.name));
    state.constraints_known = test::all_known();
    return state;
}

DrainSimulation drains_of(const ClusterState& state) {
    std::vector<std::size_t> homes(state.nodes.size());
    std::iota(homes.begin(), homes.end(), std::size_t{0});
    return {state, homes};
}

TEST(DrainSimulation, SomePodsStayWithTheirNode) {
    auto pod = kube_pod("web");
    EXPECT_FALSE(stays_with_node(pod));
    pod.mirror = true;
    EXPECT_TRUE(stays_with_node(pod));
    pod.mirror = false;
    pod.phase = PodPhase::succeeded;
    EXPECT_TRUE(stays_with_node(pod));
    pod.phase = PodPhase::running;
    pod.deleted_at = Time{};
    EXPECT_TRUE(stays_with_node(pod));
    pod.deleted_at.reset();
    pod.controller->kind = "DaemonSet";
    EXPECT_TRUE(stays_with_node(pod));
}

TEST(DrainSimulation, PodsThatMovedCountOnTheirNewNode) {
    const auto state = three_nodes();
    auto drains = drains_of(state);
    EXPECT_EQ(drains.drain(0), std::nullopt);
    EXPECT_EQ(drains.pods_of(0).size(), 0U);
    EXPECT_EQ(drains.pods_of(1).size(), 2U);
    EXPECT_EQ(drains.drain(1), std::nullopt);
    EXPECT_EQ(drains.pods_of(2).size(), 3U);
    EXPECT_EQ(drains.drain(2), "pod default/web-three fits on no other node")
        << "nodes that left are no homes";
}

TEST(DrainSimulation, WhatDoesNotFitChangesNothing) {
    auto state = three_nodes();
    state.pods.push_back(placed(kube_pod("small"), "one"));
    for (auto& node : state.nodes) node.allocatable.cpu = Millicores{1000};
    state.pods[1].requests.cpu = Millicores{600};
    state.pods[2].requests.cpu = Millicores{400};
    auto drains = drains_of(state);
    const auto refused = drains.drain(0);
    ASSERT_TRUE(refused);
    EXPECT_EQ(*refused,
              "pod default/small fits on no other node: insufficient cpu: requests 500m, the node "
              "has 400m free of 1");
    EXPECT_EQ(drains.pods_of(0).size(), 2U);
    EXPECT_EQ(drains.pods_of(2).size(), 1U);
    EXPECT_EQ(drains.drain(0), refused) << "the same again";
}

TEST(DrainSimulation, UndoTakesTheLastDrainBack) {
    const auto state = three_nodes();
    auto drains = drains_of(state);
    ASSERT_EQ(drains.drain(0), std::nullopt);
    drains.undo();
    EXPECT_EQ(drains.pods_of(0).size(), 1U);
    EXPECT_EQ(drains.pods_of(1).size(), 1U);
    EXPECT_EQ(drains.drain(1), std::nullopt);
    EXPECT_EQ(drains.pods_of(0).size(), 2U);
}

/// A node that is cordoned still is a domain without pods; one that is gone is none.
TEST(DrainSimulation, BothWorldsMustTakeThePods) {
    auto state = three_nodes();
    SpreadConstraint spread;
    spread.topology_key = "kubernetes.io/hostname";
    spread.selector = app_is("web");
    for (auto& pod : state.pods) {
        pod.labels = {{"app", "web"}};
        pod.rules.spread = {spread};
    }
    EXPECT_EQ(drains_of(state).drain(0),
              "pod default/web-one fits on no other node: topology spread: "
              "kubernetes.io/hostname=two would have 2 pods, at most 1 are allowed (maxSkew 1, "
              "fewest 0)");
    for (auto& pod : state.pods) pod.rules.spread[0].honor_node_taints = true;
    EXPECT_EQ(drains_of(state).drain(0), std::nullopt);
    for (auto& pod : state.pods) {
        pod.rules.spread = {};
        pod.rules.affinity = {{"kubernetes.io/hostname", app_is("agent"), {}, {}}};
    }
    auto agent = placed(kube_pod("agent"), "one");
    agent.controller->kind = "DaemonSet";
    state.pods.push_back(agent);
    EXPECT_TRUE(drains_of(state).drain(0)) << "its own DaemonSet's pod is no neighbour elsewhere";
}

}  // namespace
}  // namespace nodenap
