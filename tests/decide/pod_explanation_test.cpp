#include "decide/pod_explanation.hpp"

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
using testing::Pair;

ClusterState two_nodes() {
    ClusterState state;
    state.nodes = {kube_node("one"), kube_node("two")};
    state.nodes[1].taints = {{"dedicated", "db", TaintEffect::no_schedule}};
    state.constraints_known = test::all_known();
    return state;
}

TEST(ExplainPods, NamesTheNodesThatFitAndTheFirstFilterOfTheOthers) {
    auto state = two_nodes();
    state.pods = {kube_pod("web"), placed(kube_pod("runs"), "one")};
    const auto told = explain_pods(state, nullptr);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].pod, "default/web");
    EXPECT_THAT(told[0].fits, ElementsAre("one"));
    EXPECT_THAT(told[0].why_not,
                ElementsAre(Pair("two", "taint dedicated=db:NoSchedule is not tolerated")));
    EXPECT_THAT(told[0].pools, IsEmpty());
    EXPECT_EQ(told[0].not_judged, "");
}

TEST(ExplainPods, JudgesANewNodeOfEachPool) {
    auto policy = test::standard_policy();
    policy.pools[0].labels = {{"disk", "ssd"}};
    auto state = two_nodes();
    auto selects = kube_pod("selects");
    selects.rules.node_selector = {{"disk", "ssd"}};
    auto large = kube_pod("large");
    large.requests.cpu = Millicores{64'000};
    auto elsewhere = kube_pod("elsewhere");
    elsewhere.rules.node_selector = {{"disk", "hdd"}};
    state.pods = {selects, large, elsewhere};
    const auto told = explain_pods(state, &policy);
    const auto& pool = policy.pools[0].name;
    EXPECT_EQ(told[0].pools.at(pool), "fits");
    EXPECT_THAT(told[1].pools.at(pool), testing::HasSubstr("insufficient cpu: requests 64"));
    EXPECT_EQ(told[2].pools.at(pool), "node selector disk=hdd does not match: the node has ssd");
}

TEST(ExplainPods, DaemonSetPodsTakeTheirShareOfANewNode) {
    const auto policy = test::standard_policy();
    auto state = two_nodes();
    state.pods = {kube_pod("web")};
    DaemonSet greedy{"default", "greedy", "1", kube_pod("greedy")};
    greedy.pod.requests.cpu = Millicores{100'000};
    state.daemonsets = {greedy};
    EXPECT_THAT(explain_pods(state, &policy)[0].pools.at(policy.pools[0].name),
                testing::HasSubstr("insufficient cpu"));
}

TEST(ExplainPods, SaysForWhichPodsNoNodeIsLaunched) {
    auto state = two_nodes();
    auto gated = kube_pod("gated");
    gated.gates = {"example.com/wait"};
    auto other = kube_pod("other");
    other.scheduler = "batch";
    auto claims = kube_pod("claims");
    claims.resource_claims = true;
    auto gang = kube_pod("gang");
    gang.scheduling_group = true;
    auto daemon = kube_pod("daemon");
    daemon.controller->kind = "DaemonSet";
    state.pods = {gated, other, claims, gang, daemon};
    const auto told = explain_pods(state, nullptr);
    EXPECT_EQ(told[0].not_judged, "has the scheduling gate example.com/wait");
    EXPECT_EQ(told[1].not_judged, "is placed by the scheduler batch");
    EXPECT_EQ(told[2].not_judged, "uses dynamic resource allocation, which is not judged");
    EXPECT_EQ(told[3].not_judged, "belongs to a scheduling group, which is not judged");
    EXPECT_EQ(told[4].not_judged, "belongs to a DaemonSet: a new node does not help it");
}

TEST(ExplainPods, LeavesOutWhatHasEndedOrIsBeingDeleted) {
    auto state = two_nodes();
    auto ended = kube_pod("ended");
    ended.phase = PodPhase::failed;
    auto deleted = kube_pod("deleted");
    deleted.deleted_at = Time{};
    state.pods = {ended, deleted};
    EXPECT_THAT(explain_pods(state, nullptr), IsEmpty());
}

}  // namespace
}  // namespace nodenap
