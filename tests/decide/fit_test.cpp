#include "decide/fit.hpp"

#include "decide/cluster.hpp"

namespace nodenap::test {
namespace {

TEST(GroupOf, IsNamespaceOwnerAndSize) {
    const auto group = [](const std::string& name, const std::string& owner) {
        return group_of({name, owner, resources(100, 64), std::nullopt});
    };
    EXPECT_EQ(group("default/web-1", "ReplicaSet/web"), "default/ReplicaSet/web/100m/64Mi");
    EXPECT_EQ(group("default/bare", ""), "default/bare/100m/64Mi");
    EXPECT_EQ(group("nameless", ""), "nameless//100m/64Mi");
    EXPECT_EQ(group("", ""), "//100m/64Mi");
}

TEST(GroupOf, OmitsGeneratedNameParts) {
    const std::vector<std::pair<std::string, std::string>> groups{
        {"CronJob/report", "CronJob/report"},
        {"Job/report-29000020", "Job/report"},
        {"Job/report-29000020-x7k2p", "Job/report"},
        {"Job/ci-build-17", "Job/ci-build"},
        {"Workflow/nightly-bzkqd", "Workflow/nightly"},
        {"Workflow/nightly-build", "Workflow/nightly-build"},
        {"Job/29000020", "Job/29000020"},
        {"ReplicaSet/web-5d5f7", "ReplicaSet/web-5d5f7"},  // another template, which may fit
        {"StatefulSet/db-2", "StatefulSet/db-2"},
        {"", "run"},
    };
    for (const auto& [owner, group] : groups) {
        EXPECT_EQ(group_of({"ci/run-0b1c2-4abc", owner, resources(100, 64), std::nullopt}),
                  "ci/" + group + "/100m/64Mi");
    }
}

TEST(DaemonsetOverhead, IsTheRequestOnMostNodesOfThePool) {
    Cluster c;
    c.ready(3).server();
    c.node("i-1").daemonset_requested = resources(50, 10, 1);
    c.node("i-2").daemonset_requested = resources(10, 64, 2);
    c.node("i-3").daemonset_requested = resources(40, 64, 2);
    c.node("server").daemonset_requested = resources(400, 400, 9);
    EXPECT_EQ(daemonset_overhead(c.snapshot, c.pool()), resources(40, 64, 2));
}

TEST(DaemonsetOverhead, IgnoresADaemonsetOnFewNodes) {
    const auto common = resources(50, 64, 2);
    const auto absurd = common + resources(1500, 0, 1);
    for (const int nodes : {2, 3, 4, 5, 20}) {
        Cluster c;
        c.ready(nodes);
        for (int i = 1; i <= nodes; ++i) {
            const bool is_one_of_few = i <= nodes / 2;
            c.node("i-" + std::to_string(i)).daemonset_requested = is_one_of_few ? absurd : common;
        }
        EXPECT_EQ(daemonset_overhead(c.snapshot, c.pool()), common) << nodes;
        c.node("i-" + std::to_string(nodes / 2 + 1)).daemonset_requested = absurd;
        EXPECT_EQ(daemonset_overhead(c.snapshot, c.pool()), absurd) << nodes << ", on most of them";
    }
}

TEST(DaemonsetOverhead, IgnoresNodesWhoseDaemonsetsStillStart) {
    Cluster c;
    c.ready(3);
    c.node("i-1").daemonset_requested = resources(50, 64, 2);
    c.node("i-2").created_at = c.node("i-3").created_at = start - 59s;
    EXPECT_EQ(daemonset_overhead(c.snapshot, c.pool()), resources(50, 64, 2));
    c.pass_time(1s);
    EXPECT_EQ(daemonset_overhead(c.snapshot, c.pool()), Resources{});
}

TEST(DaemonsetOverhead, OfAPoolWithoutNodesIsThatOfMostNodes) {
    Cluster c;
    c.server().ready("i-1").node("server").daemonset_requested = resources(400, 400, 9);
    auto other = c.pool();
    other.name = "other";
    EXPECT_EQ(daemonset_overhead(c.snapshot, other), Resources{}) << "on one of two";
    EXPECT_EQ(daemonset_overhead(c.snapshot, c.pool()), Resources{});
    c.node("i-1").ready = false;  // its DaemonSet pods may not have started yet
    EXPECT_EQ(daemonset_overhead(c.snapshot, other), resources(400, 400, 9));
    EXPECT_EQ(daemonset_overhead(c.snapshot, c.pool()), resources(400, 400, 9));
}

TEST(DaemonsetOverhead, IsZeroWithoutNodeData) {
    Cluster c;
    c.ready("i-1").node("i-1").daemonset_requested = resources(50, 10, 1);
    auto blind = c;
    blind.snapshot.signals.nodes = Unknown{"x"};
    EXPECT_EQ(daemonset_overhead(blind.snapshot, c.pool()), Resources{});
    c.snapshot.fleet = Unknown{"x"};
    EXPECT_EQ(daemonset_overhead(c.snapshot, c.pool()), Resources{});
}

/// Node names of K3s without a cloud provider: "k3s://ip-10-0-2-11" names no instance.
Cluster& under_k3s_names(Cluster& c) {
    for (auto& node : c.nodes()) {
        if (node.instance_id.empty() || node.name == "server") continue;
        node.addresses = {"ip-" + node.name};
        node.internal_ip = c.instance(node.instance_id).private_ip;
        node.name = "worker-" + node.instance_id;
        node.instance_id.clear();
    }
    return c;
}

TEST(DaemonsetOverhead, CountsNodesThatNameNoInstance) {
    Cluster c;
    c.ready("i-1").server().node("server").daemonset_requested = resources(400, 400, 9);
    c.node("i-1").daemonset_requested = resources(50, 10, 1);
    under_k3s_names(c);
    EXPECT_EQ(daemonset_overhead(c.snapshot, c.pool()), resources(50, 10, 1));
}

/// "workers/t2.small 850 1684 108; …"
std::string rooms(const Cluster& c) {
    std::string text;
    for (const auto& kind : kinds_of_new_nodes(c.snapshot, c.policy)) {
        text += kind.name + " " + std::to_string(kind.room.cpu.value) + " " +
                std::to_string(kind.room.memory.value) + " " + std::to_string(kind.room.pods) +
                "; ";
    }
    return text;
}

TEST(DaemonsetOverhead, OneDaemonsetPodOnOneNodeHasNoEffect) {
    expect_outcomes({{"on one of two nodes, 850m of 900m",
                      [](Cluster& c) {
                          c.ready(2).pending("nginx", 50, resources(100, 128));
                          c.node("i-1").daemonset_requested = resources(850, 64, 1);
                      },
                      "scale_up pending_pods +6 t2.small"},
                     {"on the only node of the pool, more than a t2.small has",
                      [](Cluster& c) {
                          c.policy.limits.min_nodes = 1;
                          c.ready("i-1", "c5.large").pending("nginx", 50, resources(100, 128));
                          c.node("i-1").daemonset_requested = resources(1500, 64, 1);
                      },
                      "scale_up pending_pods +6 t2.small"}});
}

TEST(KindsOfNewNodes, AreTheTemplateMinusDaemonsets) {
    Cluster c;
    c.ready("i-1").node("i-1").daemonset_requested = resources(50, 64, 2);
    c.pool().instance_types = {"t2.small", "x9.huge", "c5.large"};
    EXPECT_EQ(rooms(c), "workers/t2.small 850 1684 108; workers/c5.large 1850 3732 108; ");
}

TEST(KindsOfNewNodes, AreNeverEmptiedByDaemonsets) {
    Cluster c;
    c.ready("i-1").node("i-1").daemonset_requested = resources(1500, 2000, 200);
    c.pool().instance_types = {"t2.small", "c5.large"};
    EXPECT_EQ(rooms(c), "workers/t2.small 900 1748 110; workers/c5.large 400 1796 110; ");
    c.node("i-1").daemonset_requested = resources(900, 1748, 110);
    EXPECT_EQ(rooms(c), "workers/t2.small 900 1748 110; workers/c5.large 1000 2048 110; ")
        << "DaemonSets that leave nothing do not fit";
}

TEST(KindsOfNewNodes, HaveTheMinimumOfTheirReadyNodes) {
    Cluster c;
    c.ready(3);
    c.pool().instance_types = {"t2.small", "c5.large"};
    c.memory().allocatable = {{"workers/t2.small", {resources(1, 1, 1), start - 1h}},
                              {"workers/c5.large", {resources(1900, 3000, 110), start - 23h}},
                              {"gone/t2.small", {resources(1, 1, 1), start - 1h}}};
    c.node("i-1").allocatable = resources(950, 1500, 110);
    c.node("i-2").allocatable = resources(940, 1700, 110);
    c.node("i-3").allocatable = resources(940, 0, 110);  // young: it does not report everything yet
    EXPECT_EQ(rooms(c), "workers/t2.small 940 1500 110; workers/c5.large 1900 3000 110; ")
        << "observed values take precedence over remembered ones";
    c.node("i-1").ready = false;
    EXPECT_EQ(rooms(c), "workers/t2.small 940 1700 110; workers/c5.large 1900 3000 110; ");
    c.snapshot.signals.nodes = Unknown{"x"};
    EXPECT_EQ(rooms(c), "workers/t2.small 450 874 27; workers/c5.large 1900 3000 110; ")
        << "one kubelet cannot make a whole kind useless";
    c.pass_time(1h);
    EXPECT_EQ(rooms(c), "workers/t2.small 450 874 27; workers/c5.large 1900 3796 110; ")
        << "values observed a day ago may have changed";
    EXPECT_EQ(c.remember().allocatable.size(), 2U);
}

TEST(KindsOfNewNodes, LearnFromNodesThatNameNoInstance) {
    Cluster c;
    c.ready("i-1").node("i-1").allocatable = resources(940, 1500, 110);
    under_k3s_names(c);
    EXPECT_EQ(rooms(c), "workers/t2.small 940 1500 110; ");
    c.instance("i-1").state = InstanceState::terminated;
    EXPECT_EQ(rooms(c), "workers/t2.small 900 1748 110; ")
        << "the address may belong to another by now";
}

TEST(HasAccelerators, DependsOnTheFamily) {
    for (const auto* type :
         {"g4dn.xlarge", "p5.48xlarge", "inf2.xlarge", "gr6.4xlarge", "trn1.2xlarge"})
        EXPECT_TRUE(has_accelerators(type)) << type;
    for (const auto* type : {"t2.small", "c5n.xlarge", "i4i.large", "mac1.metal", "x9.huge", ""})
        EXPECT_FALSE(has_accelerators(type)) << type;
}

TEST(FitsInAny, NeedsEveryDimensionOnOneNode) {
    const std::vector<NodeKind> kinds{{"a", nullptr, nullptr, {}, resources(1000, 100, 5)},
                                      {"b", nullptr, nullptr, {}, resources(100, 1000, 5)}};
    const auto fits = [&](std::int64_t cpu, std::int64_t memory, std::int64_t places = 1) {
        return fits_in_any({"a/b", {}, resources(cpu, memory, places), std::nullopt}, kinds);
    };
    EXPECT_TRUE(fits(1000, 100));
    EXPECT_TRUE(fits(100, 1000, 5));
    EXPECT_FALSE(fits(1000, 1000));
    EXPECT_FALSE(fits(1001, 1));
    EXPECT_FALSE(fits(1, 1, 6));
    EXPECT_FALSE(fits_in_any({}, {}));
}

TEST(IsLarger, NeedsMoreOfOneAndNoLessOfTheOther) {
    const NodeKind kind{"a", nullptr, nullptr, resources(1900, 3700, 110), {}};
    EXPECT_TRUE(is_larger(kind, resources(900, 3700, 0)));
    EXPECT_TRUE(is_larger(kind, resources(1900, 3699, 0)));
    EXPECT_FALSE(is_larger(kind, resources(1900, 3700, 0)));
    EXPECT_FALSE(is_larger(kind, resources(900, 3701, 0)));
}

}  // namespace
}  // namespace nodenap::test
