#include "adapters/kubernetes/read_cluster_state.hpp"

#include "adapters/fixture.hpp"

#include <gmock/gmock.h>

/// Objects beside pods, as a real API server printed them.
namespace nodenap::test {
namespace {

using ::testing::ElementsAre;

const ClusterState& recorded() {
    static const auto read = read_cluster_state(fixture("kubernetes/kubectl_get.json"));
    EXPECT_TRUE(read);
    return read->state;
}

TEST(ReadObjects, TakesNodes) {
    const auto& node = recorded().nodes.at(0);
    EXPECT_EQ(node.name, "i-0a");
    EXPECT_EQ(node.provider_id, "aws:///eu-central-1a/i-0a");
    EXPECT_EQ(*node.labels.find("topology.kubernetes.io/zone"), "eu-central-1a");
    EXPECT_EQ(*node.annotations.find("note"), "for a person");
    EXPECT_EQ(node.allocatable.cpu, Millicores{1930});
    EXPECT_EQ(node.allocatable.memory, Bytes{std::int64_t{1574540} * 1024});
    EXPECT_EQ(node.allocatable.ephemeral_storage, Bytes{18242267924});
    EXPECT_EQ(node.allocatable_pods, 11);
    EXPECT_EQ(node.capacity.cpu, Millicores{2000});
    EXPECT_EQ(node.capacity_pods, 11);
    ASSERT_EQ(node.conditions.size(), 1U);
    EXPECT_EQ(node.conditions[0].type + "=" + node.conditions[0].status, "Ready=True");
    EXPECT_TRUE(node.conditions[0].since);
    EXPECT_THAT(node.addresses, ElementsAre(NodeAddress{"InternalIP", "10.0.1.17"},
                                            NodeAddress{"Hostname", "i-0a"}));
    EXPECT_FALSE(node.unschedulable);
    const auto& cordoned = recorded().nodes.at(1);
    EXPECT_TRUE(cordoned.unschedulable);
    EXPECT_THAT(cordoned.taints, ElementsAre(Taint{"dedicated", "db", TaintEffect::no_schedule}));
}

/// 1.34 does not write it yet.
TEST(ReadObjects, TakesDeclaredFeatures) {
    const auto read =
        read_cluster_state(R"({"kind":"Node","status":{"declaredFeatures":["A","B"]}})");
    ASSERT_TRUE(read);
    EXPECT_THAT(read->state.nodes.at(0).declared_features, ElementsAre("A", "B"));
}

TEST(ReadObjects, TakesVolumesAndClaims) {
    const auto& data = recorded().volumes.at(0);
    EXPECT_EQ(data.name, "pv-data");
    EXPECT_EQ(data.size.value(), std::int64_t{10} << 30);
    EXPECT_EQ(data.phase, VolumePhase::bound);
    EXPECT_EQ(data.claim_namespace + "/" + data.claim_name, "shop/data");
    EXPECT_FALSE(data.claim_uid.empty());
    EXPECT_EQ(data.source, VolumeSource::csi);
    EXPECT_EQ(data.csi_driver + "/" + data.csi_handle, "ebs.csi.aws.com/vol-1");
    EXPECT_EQ(data.node_affinity->terms.size(), 1U);
    const auto& local = recorded().volumes.at(1);
    EXPECT_EQ(local.source, VolumeSource::on_node);
    EXPECT_TRUE(local.block);
    EXPECT_EQ(local.phase, VolumePhase::available);
    EXPECT_THAT(local.access_modes, ElementsAre(AccessMode::read_write_once_pod));
    const auto& bound = recorded().claims.at(0);
    EXPECT_EQ(bound.volume, "pv-data");
    EXPECT_TRUE(bound.bind_completed);
    EXPECT_EQ(bound.requested->value(), std::int64_t{5} << 30);
    const auto& waiting = recorded().claims.at(1);
    EXPECT_EQ(waiting.name, "waiting");
    EXPECT_EQ(waiting.selected_node, "i-0a");
    EXPECT_EQ(waiting.selector->requirements.size(), 1U);
    EXPECT_FALSE(waiting.bind_completed);
    EXPECT_FALSE(recorded().claims.at(2).controller_uid.empty()) << "made for a pod";
}

TEST(ReadObjects, TakesTheOldAnnotationOfAClass) {
    const auto read =
        read_cluster_state(R"({"kind":"PersistentVolumeClaim","metadata":{"annotations":
        {"volume.beta.kubernetes.io/storage-class":"old"},
        "deletionTimestamp":"2026-11-23T20:00:00Z"},
        "spec":{"storageClassName":"new"},"status":{"phase":"Lost"}})");
    ASSERT_TRUE(read);
    const auto& claim = read->state.claims.at(0);
    EXPECT_EQ(claim.storage_class, "old");
    EXPECT_TRUE(claim.lost);
    EXPECT_TRUE(claim.deleted);
}

TEST(ReadObjects, TakesWhatVolumesComeFrom) {
    const auto& storage_class = recorded().storage_classes.at(0);
    EXPECT_EQ(storage_class.provisioner, "ebs.csi.aws.com");
    EXPECT_TRUE(storage_class.wait_for_first_consumer);
    ASSERT_EQ(storage_class.allowed_topologies.size(), 1U);
    EXPECT_EQ(storage_class.allowed_topologies[0].labels[0].op, LabelOperator::in);
    const auto& csi_node = recorded().csi_nodes.at(0);
    EXPECT_EQ(csi_node.node, "i-0a");
    EXPECT_THAT(csi_node.drivers, ElementsAre(CsiNodeDriver{"ebs.csi.aws.com", 25}));
    EXPECT_TRUE(recorded().csi_drivers.at(0).storage_capacity);
    EXPECT_FALSE(recorded().csi_drivers.at(0).prevent_scheduling_if_missing);
    const auto& capacity = recorded().storage_capacities.at(0);
    EXPECT_EQ(capacity.storage_class, "gp3");
    EXPECT_EQ(capacity.largest->value(), std::int64_t{16} << 40) << "the largest volume";
    EXPECT_TRUE(capacity.topology);
    EXPECT_EQ(recorded().attachments.at(0),
              (VolumeAttachment{"i-0a", "ebs.csi.aws.com", "pv-data", false}));
}

TEST(ReadObjects, TakesBudgetsAndControllers) {
    const auto& budget = recorded().budgets.at(0);
    EXPECT_EQ(budget.namespace_name + "/" + budget.name, "shop/web");
    EXPECT_EQ(budget.disruptions_allowed, 0);
    EXPECT_TRUE(budget.always_allow_unhealthy);
    EXPECT_EQ(budget.selector->requirements.size(), 1U);
    const auto& set = recorded().daemonsets.at(0);
    EXPECT_EQ(set.name, "agent");
    EXPECT_EQ(set.pod.namespace_name, "kube-system");
    EXPECT_EQ(set.pod.requests.cpu, Millicores{20});
    EXPECT_EQ(*set.pod.labels.find("app"), "agent");
    EXPECT_EQ(set.pod.controller->uid, set.uid);
    EXPECT_EQ(set.pod.rules.tolerations.size(), 1U);
    const auto& replicas = recorded().controllers.at(0);
    EXPECT_EQ(replicas.kind, "ReplicaSet");
    EXPECT_EQ(replicas.controller->kind, "Deployment");
    EXPECT_EQ(replicas.replicas, 2);
    EXPECT_EQ(recorded().controllers.at(1).kind, "Job");
    EXPECT_EQ(recorded().controllers.at(1).controller->kind, "CronJob");
}

TEST(ReadObjects, TakesNamespaces) {
    for (const auto& each : recorded().namespaces)
        if (each.name == "shop") {
            EXPECT_EQ(*each.labels.find("team"), "a");
            EXPECT_EQ(*each.labels.find("kubernetes.io/metadata.name"), "shop");
        }
    EXPECT_EQ(recorded().namespaces.size(), 5U);
}

}  // namespace
}  // namespace nodenap::test
