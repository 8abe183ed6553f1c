#include "adapters/kubernetes/read_cluster_state.hpp"

#include "adapters/fixture.hpp"
#include "base/time_text.hpp"

#include <gmock/gmock.h>

namespace nodenap::test {
namespace {

using ::testing::ElementsAre;

const ClusterState& recorded() {
    static const auto read = read_cluster_state(fixture("kubernetes/kubectl_get.json"));
    EXPECT_TRUE(read);
    return read->state;
}

const Pod& pod_of(const ClusterState& state, std::string_view begin) {
    static const Pod none;
    for (const auto& pod : state.pods)
        if (pod.name.starts_with(begin)) return pod;
    ADD_FAILURE() << "no pod " << begin;
    return none;
}

Pod pod_with(const std::string& spec, const std::string& metadata = "{}",
             const std::string& status = "{}") {
    auto read = read_cluster_state(R"({"kind":"Pod","metadata":)" + metadata + R"(,"spec":)" +
                                   spec + R"(,"status":)" + status + "}");
    EXPECT_TRUE(read) << read.error().text;
    return read ? read->state.pods.at(0) : Pod();
}

TEST(ReadPod, TakesWhoItIsAndWhatHappensToIt) {
    const auto& web = pod_of(recorded(), "web-");
    EXPECT_EQ(web.namespace_name, "shop");
    EXPECT_FALSE(web.uid.empty());
    EXPECT_EQ(*web.labels.find("app"), "web");
    EXPECT_EQ(web.controller->kind, "ReplicaSet");
    EXPECT_EQ(web.scheduled, ScheduledCondition::unschedulable);
    EXPECT_TRUE(web.unschedulable_since);
    EXPECT_EQ(web.phase, PodPhase::pending);
    EXPECT_EQ(web.priority, 1000);
    EXPECT_EQ(web.grace_seconds, 45);
    EXPECT_EQ(web.safe_to_evict, true);
    EXPECT_EQ(web.node, "");
    EXPECT_EQ(web.scheduler, "default-scheduler");
    const auto& gated = pod_of(recorded(), "gated");
    EXPECT_THAT(gated.gates, ElementsAre("example.com/wait"));
    EXPECT_EQ(gated.scheduled, ScheduledCondition::gated);
    EXPECT_EQ(gated.scheduler, "other");
    const auto& small = pod_of(recorded(), "small");
    EXPECT_EQ(small.node, "i-0a");
    EXPECT_TRUE(small.ready);
    EXPECT_TRUE(small.do_not_disrupt);
    EXPECT_FALSE(small.controller);
}

TEST(ReadPod, TakesItsRules) {
    const auto& rules = pod_of(recorded(), "web-").rules;
    const Labels selector{{"nodenap.dev/pool", "workers"}};
    EXPECT_EQ(rules.node_selector, selector);
    const NodeSelectorTerm term{
        {{"gen", LabelOperator::greater, {"3"}}, {"tier", LabelOperator::not_in, {"back"}}},
        {{"metadata.name", LabelOperator::not_in, {"i-0z"}}}};
    EXPECT_THAT(rules.node_affinity->terms, ElementsAre(term));
    const PodAffinityTerm affinity{"topology.kubernetes.io/zone",
                                   LabelSelector{{{"app", LabelOperator::in, {"db", "cache"}}}},
                                   {"other"},
                                   LabelSelector{{{"team", LabelOperator::in, {"a"}}}}};
    EXPECT_THAT(rules.affinity, ElementsAre(affinity));
    ASSERT_EQ(rules.anti_affinity.size(), 1U);
    EXPECT_EQ(rules.anti_affinity[0].topology_key, "kubernetes.io/hostname");
    EXPECT_EQ(rules.anti_affinity[0].selector->requirements.size(), 2U)
        << "the API server has merged matchLabelKeys";
    EXPECT_FALSE(rules.anti_affinity[0].namespace_selector);
    EXPECT_EQ(rules.tolerations[0],
              (Toleration{"dedicated", TolerationOperator::equal, "db", TaintEffect::no_schedule}));
}

TEST(ReadPod, TakesItsSpreadConstraints) {
    const auto& spread = pod_of(recorded(), "web-").rules.spread;
    ASSERT_EQ(spread.size(), 2U);
    EXPECT_EQ(spread[0].max_skew, 1);
    EXPECT_EQ(spread[0].min_domains, 2);
    EXPECT_TRUE(spread[0].do_not_schedule);
    EXPECT_TRUE(spread[0].honor_node_affinity);
    EXPECT_TRUE(spread[0].honor_node_taints);
    EXPECT_THAT(spread[0].match_label_keys, ElementsAre("pod-template-hash"));
    EXPECT_FALSE(spread[1].do_not_schedule);
    EXPECT_FALSE(spread[1].honor_node_taints);
    EXPECT_EQ(spread[1].topology_key, "kubernetes.io/hostname");
}

TEST(ReadPod, TakesPortsOfWhatRunsWithThePod) {
    const auto& ports = pod_of(recorded(), "web-").rules.host_ports;
    EXPECT_THAT(ports,
                ElementsAre(HostPort{"0.0.0.0", "TCP", 8080}, HostPort{"127.0.0.1", "TCP", 15000}));
    const auto init_only = pod_with(R"({"initContainers":[{"ports":[{"hostPort":1}]}]})");
    EXPECT_TRUE(init_only.rules.host_ports.empty()) << "an init container has ended by then";
}

TEST(ReadPod, TakesItsVolumes) {
    const auto& web = pod_of(recorded(), "web-");
    std::vector<VolumeKind> kinds;
    for (const auto& volume : web.rules.volumes) kinds.push_back(volume.kind);
    ASSERT_GE(kinds.size(), 5U);
    EXPECT_EQ(kinds[0], VolumeKind::claim);
    EXPECT_EQ(web.rules.volumes[0].claim, "data");
    EXPECT_EQ(kinds[1], VolumeKind::empty_dir);
    EXPECT_TRUE(web.rules.volumes[1].in_memory);
    EXPECT_EQ(kinds[2], VolumeKind::ephemeral);
    EXPECT_EQ(web.rules.volumes[2].claim, web.name + "-scratch");
    EXPECT_EQ(kinds[3], VolumeKind::host_path);
    EXPECT_EQ(kinds[4], VolumeKind::other);
    const auto disks = pod_with(R"({"volumes":[{"name":"a","awsElasticBlockStore":{"volumeID":"v"}},
        {"name":"b","rbd":{"monitors":["m"],"image":"i","readOnly":true}}]})");
    EXPECT_EQ(disks.rules.volumes[0].disk, "v");
    EXPECT_EQ(disks.rules.volumes[1].disk, "rbd/i");
    EXPECT_TRUE(disks.rules.volumes[1].read_only);
    EXPECT_THAT(disks.rules.volumes[1].monitors, ElementsAre("m"));
}

TEST(ReadPod, TakesWhatANodeMustDeclare) {
    EXPECT_THAT(pod_with(R"({"hostNetwork":true,"hostUsers":false})").rules.node_features,
                ElementsAre("UserNamespacesHostNetworkSupport"));
    EXPECT_TRUE(pod_with(R"({"hostNetwork":true})").rules.node_features.empty());
    EXPECT_THAT(pod_with(R"({"containers":[
        {"restartPolicyRules":[{"action":"Restart"},{"action":"RestartAllContainers"}]},
        {"restartPolicyRules":[{"action":"RestartAllContainers"}],
         "volumeMounts":[{"bindMountOptions":["noexec"]}]}]})")
                    .rules.node_features,
                ElementsAre("RestartAllContainersOnContainerExits", "VolumeBindMountOptions"));
}

TEST(ReadPod, TakesWhatIsLeftOut) {
    const auto pod = pod_with(R"({"resourceClaims":[{"name":"gpu"}],"schedulingGroup":{}})");
    EXPECT_TRUE(pod.resource_claims);
    EXPECT_TRUE(pod.scheduling_group);
    EXPECT_FALSE(pod_with(R"({"resourceClaims":[]})").resource_claims);
}

TEST(ReadPod, TakesItsEnd) {
    const auto ending =
        pod_with("{}", R"({"deletionTimestamp":"2026-11-23T20:00:00Z","annotations":{
            "kubernetes.io/config.mirror":"x",
            "cluster-autoscaler.kubernetes.io/safe-to-evict":"no"}})",
                 R"({"phase":"Failed","nominatedNodeName":"n1"})");
    EXPECT_EQ(ending.deleted_at, time_from_text("2026-11-23T20:00:00Z"));
    EXPECT_TRUE(ending.ended());
    EXPECT_TRUE(ending.mirror);
    EXPECT_EQ(ending.safe_to_evict, false);
    EXPECT_EQ(ending.nominated_node, "n1");
    EXPECT_EQ(pod_with("{}", "{}", R"({"phase":"Succeeded"})").phase, PodPhase::succeeded);
    EXPECT_EQ(pod_with("{}", "{}", R"({"phase":"?"})").phase, PodPhase::unknown);
}

TEST(ReadPod, TakesOperatorsThatItDoesNotKnowAsSuch) {
    const auto rules =
        pod_with(R"({"tolerations":[{"operator":"Lt","effect":"Later"},{"effect":""}],
        "affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":
        {"nodeSelectorTerms":[{"matchExpressions":[{"key":"a","operator":"Like"}]},{}]}}}})")
            .rules;
    EXPECT_EQ(rules.tolerations[0].op, TolerationOperator::unknown);
    EXPECT_EQ(rules.tolerations[0].effect, TaintEffect::unknown);
    EXPECT_FALSE(rules.tolerations[1].effect);
}

}  // namespace
}  // namespace nodenap::test
