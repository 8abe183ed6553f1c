#include "decide/node_template.hpp"

#include "cluster.hpp"
#include "scheduling/kube_cluster.hpp"

#include <gmock/gmock.h>

namespace nodenap {
namespace {

using test::kube_node;
using test::kube_pod;
using test::placed;
using testing::ElementsAre;
using testing::IsEmpty;

Policy policy() {
    auto policy = test::standard_policy();
    auto& pool = policy.pools[0];
    pool.labels = {{"team", "web"}};
    pool.taints = {"dedicated=web:NoSchedule"};
    return policy;
}

Offering first_offering() { return offerings_of(policy()).front(); }

std::string label(const ClusterNode& node, const char* key) {
    const auto* value = node.labels.find(key);
    return value == nullptr ? "" : *value;
}

/// A Ready worker of the offering's pool and type.
ClusterNode worker(const std::string& name) {
    auto node = kube_node(name);
    const auto offering = first_offering();
    node.labels.set(pool_label, offering.pool);
    node.labels.set("node.kubernetes.io/instance-type", offering.instance_type);
    return node;
}

TEST(NodeTemplate, HasThePoolsLabelsAndTaintsAndWhatEc2Says) {
    auto offering = first_offering();
    offering.zone = "us-east-1b";
    const auto node = node_template(policy(), offering, {});
    EXPECT_EQ(label(node, "team"), "web");
    EXPECT_EQ(label(node, pool_label), offering.pool);
    EXPECT_EQ(label(node, capacity_label), "on-demand");
    EXPECT_EQ(label(node, "topology.kubernetes.io/zone"), "us-east-1b");
    EXPECT_EQ(label(node, "topology.kubernetes.io/region"), "us-east-1");
    EXPECT_EQ(label(node, "kubernetes.io/arch"), "amd64");
    EXPECT_THAT(node.taints, ElementsAre(Taint{"dedicated", "web", TaintEffect::no_schedule}));
}

TEST(NodeTemplate, IsTheTypeLessItsReserve) {
    const auto p = policy();
    const auto node = node_template(p, first_offering(), {});
    const auto expected =
        template_allocatable(p, p.pools[0], *find_type(p, first_offering().instance_type));
    EXPECT_EQ(node.allocatable.cpu, expected.cpu);
    EXPECT_EQ(node.allocatable.memory.value, expected.memory.value << 20);
    EXPECT_EQ(node.allocatable_pods, expected.pods);
}

TEST(NodeTemplate, IsAsSmallAsTheSmallestReadyNodeOfItsPoolAndType) {
    ClusterState state;
    state.nodes = {worker("large"), worker("small"), kube_node("other")};
    state.nodes[1].allocatable.memory = Bytes{123};
    state.nodes[2].allocatable.memory = Bytes{1};
    EXPECT_EQ(node_template(policy(), first_offering(), state).allocatable.memory.value, 123);
    state.nodes[1].conditions[0].status = "False";
    EXPECT_EQ(node_template(policy(), first_offering(), state).allocatable.memory,
              state.nodes[0].allocatable.memory);
}

TEST(DaemonSetPods, FollowTheDaemonSetsOwnRules) {
    ClusterState state;
    state.constraints_known = test::all_known();
    DaemonSet agent{"default", "agent", "1", kube_pod("agent")};
    agent.pod.rules.tolerations = {{"", TolerationOperator::exists, "", std::nullopt}};
    DaemonSet gpu = agent;
    gpu.pod.name = "gpu";
    gpu.pod.rules.node_selector = {{"gpu", "true"}};
    const DaemonSet plain{"default", "plain", "3", kube_pod("plain")};  // does not tolerate
    state.daemonsets = {agent, gpu, plain};
    const auto node = node_template(policy(), first_offering(), state);
    const auto pods = daemonset_pods_for(node, state);
    ASSERT_EQ(pods.size(), 1U);
    EXPECT_EQ(pods[0].name, "agent");
    EXPECT_EQ(pods[0].node, node.name);
}

TEST(DaemonSetPods, WithoutDaemonSetsOnePodOfEachStandsForIt) {
    ClusterState state;
    auto pod = placed(kube_pod("agent-1"), "one");
    pod.controller = Owner{"DaemonSet", "agent", "uid"};
    pod.rules.tolerations = {{"", TolerationOperator::exists, "", std::nullopt}};
    pod.rules.node_affinity = NodeSelector{{{{}, {{"metadata.name", LabelOperator::in, {"one"}}}}}};
    auto second = pod;
    second.name = "agent-2";
    state.pods = {pod, second, placed(kube_pod("web"), "one")};
    const auto node = node_template(policy(), first_offering(), state);
    EXPECT_EQ(daemonset_pods_for(node, state).size(), 1U);
}

TEST(AttachLimits, AreThoseOfANodeOfThePoolAndType) {
    ClusterState state;
    state.nodes = {worker("one")};
    state.csi_nodes = {{"one", {{"ebs.csi.aws.com", 25}}}};
    const auto node = node_template(policy(), first_offering(), state);
    const auto limits = attach_limits_for(node, state);
    ASSERT_EQ(limits.size(), 1U);
    EXPECT_EQ(limits[0].node, node.name);
    EXPECT_THAT(attach_limits_for(node, {}), IsEmpty());
}

TEST(Offerings, AreEachTypeInEachZoneAsThePoolBuys) {
    auto p = policy();
    const auto types = p.pools[0].instance_types.size();
    const auto zones = p.pools[0].subnets.size();
    EXPECT_EQ(offerings_of(p).size(), types * zones);
    p.pools[0].capacity = CapacityChoice::spot_then_on_demand;
    EXPECT_EQ(offerings_of(p).size(), 2 * types * zones);
}

}  // namespace
}  // namespace nodenap
