#include "decide/other_resources.hpp"

#include "decide/cluster.hpp"

namespace nodenap::test {
namespace {

constexpr std::int64_t gibibyte = std::int64_t{1} << 30;

/// Two pools: t2.small with Nodes, and one whose types have no Nodes.
struct World : Cluster {
    World() {
        ready(2);
        policy.pools.push_back(pool());
        pool(1).name = "large";
        pool(1).instance_types = {"c5.large", "g4dn.xlarge"};
        policy.catalogue.add({"g4dn.xlarge", 4, Mebibytes{16384}, "x86_64", std::nullopt, 0.526});
        for (auto& node : nodes()) node.created_at = start - 1h;
    }
    World& has(const std::string& node, const std::string& resource, std::int64_t amount) {
        waiting().others.push_back({node, {resource, amount}});
        return *this;
    }
    /// The kinds that may have it, or why none does.
    std::string kinds(const std::string& resource, std::int64_t amount) const {
        PendingPod pod{"default/a", {}, resources(100, 100), std::nullopt};
        pod.others = {{resource, amount}};
        const auto all = kinds_of_new_nodes(snapshot, policy);
        const auto members = membership(snapshot, policy);
        const OtherResources others(members, snapshot, policy.scale_up.join_timeout);
        auto text = others.why_no_kind_has(pod, all);
        for (const auto& kind : all) {
            if (others.may_have(pod, kind)) text += kind.name + " ";
        }
        return text;
    }
};

TEST(OtherResources, AreLearnedFromTheNodesOfAKind) {
    World c;
    EXPECT_EQ(c.kinds("example_com_dongle", 1), "large/c5.large large/g4dn.xlarge ")
        << "only a type without Nodes may have it";
    c.has("i-1", "example_com_dongle", 2);
    EXPECT_EQ(c.kinds("example_com_dongle", 2),
              "workers/t2.small large/c5.large large/g4dn.xlarge ");
    EXPECT_EQ(c.kinds("example_com_dongle", 3), "large/c5.large large/g4dn.xlarge ");
}

TEST(OtherResources, NvidiaGpusAreInTheirFamiliesOnly) {
    World c;
    EXPECT_EQ(c.kinds("nvidia_com_gpu", 1), "large/g4dn.xlarge ");
    c.policy.pools.pop_back();
    EXPECT_EQ(c.kinds("nvidia_com_gpu", 1), "requests 1 nvidia.com/gpu, which no pool has");
}

TEST(OtherResources, StorageAndHugePagesAreEqualInAPool) {
    World c;
    c.pool().instance_types.push_back("t3.small");
    c.has("i-1", "ephemeral_storage", 28 * gibibyte);
    EXPECT_EQ(c.kinds("ephemeral_storage", 20 * gibibyte),
              "workers/t2.small workers/t3.small large/c5.large large/g4dn.xlarge ");
    EXPECT_EQ(c.kinds("ephemeral_storage", 120 * gibibyte), "large/c5.large large/g4dn.xlarge ");
    c.policy.pools.pop_back();
    EXPECT_EQ(c.kinds("ephemeral_storage", 120 * gibibyte),
              "requests 122880 MiB ephemeral-storage, which no pool has");
    EXPECT_EQ(c.kinds("hugepages_2Mi", 1), "requests 1 MiB hugepages-2Mi, which no pool has");
}

TEST(OtherResources, YoungNodeMayStillReportThem) {
    World c;
    c.policy.pools.pop_back();
    for (auto& node : c.nodes()) node.created_at = start - 9min;
    EXPECT_EQ(c.kinds("example_com_dongle", 1), "workers/t2.small ");
    c.node("i-1").created_at = start - 10min;
    EXPECT_EQ(c.kinds("example_com_dongle", 1), "requests 1 example.com/dongle, which no pool has");
}

TEST(OtherResources, DetermineTheLaunchedType) {
    World c;
    c.pending("train", 2, resources(450, 512));
    for (auto& pod : c.waiting().pods) pod.others = {{"nvidia_com_gpu", 1}};
    EXPECT_EQ(outcome(c.plan()), "scale_up pending_pods +1 g4dn.xlarge");
    c.pending("web", 2, resources(450, 512));
    EXPECT_EQ(outcome(c.plan()), "scale_up pending_pods +1 g4dn.xlarge +1 t2.small");
    c.policy.pools.pop_back();
    EXPECT_EQ(outcome(c.plan()), "scale_up pending_pods unplaceable +1 t2.small");
}

}  // namespace
}  // namespace nodenap::test
