#include "decide/trust.hpp"

#include "decide/cluster.hpp"

#include <gmock/gmock.h>

namespace nodenap::test {
namespace {

using testing::HasSubstr;

TEST(HiddenPods, BlockTheirNodeAtOnceAndAllFromTheSecondPass) {
    Cluster c;
    c.ready(3).idle();
    c.node("i-1").unlisted_pods = c.node("i-1").hidden_pods = 2;
    auto first = c.plan();
    ASSERT_EQ(first.remove.size(), 1U) << "another node is empty, and nothing else is wrong";
    EXPECT_EQ(first.remove.front().instance_id, "i-2");

    c.memory() = c.remember();
    c.pass_time(2min);
    const auto second = c.plan();
    EXPECT_TRUE(second.remove.empty());
    ASSERT_FALSE(second.reasons.empty());
    EXPECT_EQ(second.reasons.front().code, ReasonCode::metrics_unknown);
    EXPECT_THAT(second.reasons.front().text, HasSubstr("cAdvisor shows 2 pods on i-1"));
    ASSERT_FALSE(second.signals.unknown.empty()) << "so the pass counts as failed";
    EXPECT_EQ(second.signals.unknown.front().signal, "nodes");
}

/// A new pod is listed only after the next scrape.
TEST(HiddenPods, AreForgottenIfTheNextPassListsThem) {
    Cluster c;
    c.ready(2).idle();
    c.node("i-1").hidden_pods = 1;
    c.memory() = c.remember();
    EXPECT_TRUE(c.memory().hidden_since.contains("i-1"));
    c.node("i-1").hidden_pods = 0;
    c.pass_time(2min);
    c.memory() = c.remember();
    EXPECT_TRUE(c.memory().hidden_since.empty());
    c.node("i-1").hidden_pods = 1;
    EXPECT_FALSE(hidden_pods(c.snapshot));
}

TEST(HiddenPods, TwoObservationsWithinSecondsProveNothing) {
    Cluster c;
    c.ready(2).idle();
    c.node("i-1").hidden_pods = 1;
    c.memory() = c.remember();
    c.pass_time(5s);
    EXPECT_FALSE(hidden_pods(c.snapshot));
}

TEST(HiddenPods, BlockTerminationOfUnregistered) {
    Cluster c;
    c.ready(2).booting("i-late", 11min);
    c.node("i-1").hidden_pods = 1;
    c.memory().hidden_since["i-1"] = start - 2min;
    EXPECT_TRUE(c.plan().remove.empty());
    c.node("i-1").hidden_pods = 0;
    EXPECT_EQ(c.plan().remove.size(), 1U);
}

TEST(UnlistedPods, BlockTheirNodeAlsoWithoutDrain) {
    Cluster c;
    c.ready(2).idle();
    c.policy.limits.min_nodes = 0;
    c.policy.scale_down.without_drain = WithoutDrain::any;
    for (const char* id : {"i-1", "i-2"}) c.node(id).unlisted_pods = 1;
    const auto plan = c.plan();
    EXPECT_TRUE(plan.remove.empty());
    ASSERT_FALSE(plan.reasons.empty());
    EXPECT_THAT(plan.reasons.front().text, HasSubstr("cAdvisor shows 1 pod on it"));
}

struct Row {
    const char* name;
    std::function<void(Node&)> given;
    bool held;
};

TEST(UnmatchedNode, BlocksAnUnregisteredInstanceItMayBelongTo) {
    const Row rows[] = {
        {"Ready, and made after the launch", [](Node&) {}, true},
        {"its age is not reported", [](Node& node) { node.created_at = Time{}; }, true},
        {"older than the launch", [](Node& node) { node.created_at = start - 2h; }, false},
        {"never Ready", [](Node& node) { node.ready = false; }, false},
        {"a server", [](Node& node) { node.server = true; }, false},
        {"it names another instance", [](Node& node) { node.instance_id = "i-0other"; }, false},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        Cluster c;
        c.ready(2).booting("i-late", 11min).idle();
        auto& node = c.node("edge-7");
        node.instance_id.clear();
        node.internal_ip = "2600:1f14::b";
        node.created_at = start - 10min;
        row.given(node);
        const auto plan = c.plan();
        EXPECT_EQ(plan.remove.empty(), row.held);
        if (!row.held) continue;
        ASSERT_FALSE(plan.reasons.empty());
        EXPECT_EQ(plan.reasons.front().code, ReasonCode::metrics_unknown);
        EXPECT_THAT(plan.reasons.front().text, HasSubstr("Node edge-7 is Ready and matches no"));
    }
}

/// A worker under another name, observed Ready by the last pass, misses a heartbeat.
TEST(UnmatchedNode, BlocksAlsoWhileNotReadyUntilDeleted) {
    Cluster c;
    c.ready(2).booting("i-late", 11min).idle();
    auto& node = c.node("edge-7");
    node.instance_id.clear();
    node.created_at = start - 10min;
    c.memory() = c.remember();
    EXPECT_TRUE(c.memory().unmatched_nodes.contains("edge-7"));
    c.pass_time(1min);
    c.node("edge-7").ready = false;
    const auto plan = c.plan();
    EXPECT_TRUE(plan.remove.empty());
    EXPECT_THAT(plan.reasons.front().text, HasSubstr("Node edge-7 was Ready and matches no"));
    c.memory() = c.remember();
    std::erase_if(c.nodes(), [](const Node& each) { return each.name == "edge-7"; });
    EXPECT_EQ(c.plan().remove.size(), 1U);
    EXPECT_TRUE(c.remember().unmatched_nodes.empty());
}

TEST(UnmatchedNode, BlocksRemovalsAboveTheMaximum) {
    Cluster c;
    c.ready(2).booting("i-new", 4min).idle();
    c.policy.limits.max_nodes = 2;
    auto& node = c.node("edge-7");
    node.instance_id.clear();
    node.created_at = start - 3min;
    EXPECT_TRUE(c.plan().remove.empty());
    node.created_at = start - 2h;
    EXPECT_EQ(c.plan().remove.size(), 1U);
}

TEST(LocalVolumes, BlockTheirNodeWhileBoundAlsoWithoutAPod) {
    Cluster c;
    c.ready(2).idle();
    c.policy.limits.min_nodes = 0;
    c.policy.scale_down.without_drain = WithoutDrain::any;
    c.snapshot.signals.volumes = {{"pvc-1", "default/data-db-0", "i-1"}};
    const auto kept = [&](const std::string& id) {
        for (const auto& node : c.decide().kept)
            if (node.node == id) return node.reason;
        return std::string();
    };
    EXPECT_EQ(kept("i-1"), "holds local volume pvc-1 of default/data-db-0");
    c.memory() = c.remember();
    c.snapshot.signals.volumes.front().node.clear();
    c.pass_time(2min);
    EXPECT_EQ(kept("i-1"), "holds local volume pvc-1 of default/data-db-0");
    c.memory() = c.remember();
    EXPECT_EQ(c.memory().instances.at("i-1").volumes.size(), 1U);
}

TEST(LocalVolumes, AreForgottenOnceUnboundForTenMinutesOrTerminated) {
    Cluster c;
    c.ready(2);
    c.snapshot.signals.volumes = {{"pvc-1", "default/data-db-0", "i-1"}};
    c.memory() = c.remember();
    c.snapshot.signals.volumes.clear();
    c.memory() = c.remember();
    c.pass_time(9min);
    c.memory() = c.remember();
    EXPECT_EQ(c.memory().instances.at("i-1").volumes.size(), 1U);
    c.pass_time(2min);
    c.memory() = c.remember();
    EXPECT_TRUE(c.memory().instances.at("i-1").volumes.empty());

    c.snapshot.signals.volumes = {{"pvc-1", "default/data-db-0", "i-1"}};
    c.memory() = c.remember();
    c.instance("i-1").state = InstanceState::terminated;
    EXPECT_FALSE(c.remember().instances.contains("i-1"));
}

/// A relabel rule, or a kube-state-metrics that lists no volumes for a while.
TEST(LocalVolumes, AreKeptWhileNoVolumeIsReported) {
    Cluster c;
    c.ready(2).idle();
    c.policy.limits.min_nodes = 0;
    c.policy.scale_down.without_drain = WithoutDrain::any;
    auto& signals = c.snapshot.signals;
    const std::vector<LocalVolume> bound = {{"pvc-1", "default/data-db-0", "i-1"}};
    const auto pass = [&](Milliseconds later) {
        c.pass_time(later);
        c.memory() = c.remember();
    };
    signals.volumes = bound;
    pass(0s);
    signals.volumes.clear();
    pass(2min);  // an observation of the volumes without this one
    signals.volumes_reported = false;
    for (int i = 0; i < 10; ++i) pass(2min);
    ASSERT_EQ(c.memory().instances.at("i-1").volumes.size(), 1U);
    const auto kept = c.decide().kept;
    const auto node = std::ranges::find(kept, "i-1", &KeptNode::node);
    ASSERT_NE(node, kept.end());
    EXPECT_THAT(node->reason, HasSubstr("Prometheus reports no PersistentVolume"));
    signals.volumes_reported = true;
    pass(2min);
    EXPECT_EQ(c.memory().instances.at("i-1").volumes.size(), 1U) << "the time starts again";
    pass(9min);
    EXPECT_EQ(c.memory().instances.at("i-1").volumes.size(), 1U);
    pass(2min);
    EXPECT_TRUE(c.memory().instances.at("i-1").volumes.empty());
}

TEST(LocalVolumes, AreKeptWhileNodesAreUnknown) {
    Cluster c;
    c.ready(2);
    c.snapshot.signals.volumes = {{"pvc-1", "default/data-db-0", "i-1"}};
    c.memory() = c.remember();
    c.snapshot.signals.volumes.clear();
    c.memory() = c.remember();
    const auto nodes = c.snapshot.signals.nodes;
    c.snapshot.signals.nodes = Unknown{"away"};
    c.pass_time(11min);
    c.memory() = c.remember();
    c.snapshot.signals.nodes = nodes;
    c.pass_time(2min);
    c.memory() = c.remember();
    EXPECT_EQ(c.memory().instances.at("i-1").volumes.size(), 1U);
}

}  // namespace
}  // namespace nodenap::test
