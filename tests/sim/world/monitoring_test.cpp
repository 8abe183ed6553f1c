#include "sim/world/monitoring.hpp"

#include "sim/scenario.hpp"

#include <gtest/gtest.h>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

struct Eyes {
    Eyes() {
        Instance server;
        cluster.add_server("server", server);
        pass(1min);
    }
    void pass(Milliseconds span) { timeline.run_until(timeline.now() + span); }
    Observation read(Milliseconds off = 0s) { return monitoring.read(timeline.now() + off, 2min); }
    void want(int replicas) {
        Deployment web;
        web.name = "default/web";
        web.replicas = replicas;
        web.requests = {{1000}, {100}, 1};
        web.uses = Millicores{1000};
        cluster.set(web);
    }

    Settings settings = plain_settings();
    Timeline timeline{Time{Milliseconds{std::chrono::hours(24)}}};
    Trace trace{false};
    Cluster cluster{timeline, trace, settings.policy};
    Monitoring monitoring{timeline, cluster, 90s};
};

TEST(Monitoring, ReturnsTheLastScrape) {
    Eyes eyes;
    eyes.pass(1s);
    eyes.want(5);
    eyes.pass(3s);
    EXPECT_EQ(eyes.read().signals.pending.value().count, 0) << "scraped every 15 s";
    eyes.pass(15s);
    EXPECT_EQ(eyes.read().signals.pending.value().count, 4);
    EXPECT_TRUE(eyes.read().whole);
}

TEST(Monitoring, ReturnsOwnersOfPendingPods) {
    const std::vector<std::pair<std::string, std::string>> owners{
        {"default/web", "ReplicaSet/web-1"},
        {"batch/report-29000020", "Job/report-29000020"},
        {"batch/29000020", "ReplicaSet/29000020-1"},
        {"ci/run-29000020-of-many", "ReplicaSet/run-29000020-of-many-1"},
    };
    for (const auto& [name, owner] : owners) {
        Eyes eyes;
        Deployment one;
        one.name = name;
        one.replicas = 1;
        one.fits_nowhere = true;
        eyes.cluster.set(one);
        eyes.pass(20s);
        EXPECT_EQ(eyes.read().signals.pending.value().pods.at(0).owner, owner);
    }
}

TEST(Monitoring, CpuIsTheMeanOfItsWindow) {
    Eyes eyes;
    eyes.want(1);
    eyes.pass(1min + 15s);
    EXPECT_NEAR(eyes.read().signals.cpu.value().percent, 26.5, 6) << "half of the window";
    eyes.pass(5min);
    EXPECT_NEAR(eyes.read().signals.cpu.value().percent, 51.5, 0.1) << "1.03 of 2 cores";
}

TEST(Monitoring, FaultsMakeSignalsUnknown) {
    Eyes eyes;
    eyes.monitoring.faults.away = true;
    EXPECT_FALSE(eyes.read().signals.nodes.known());
    eyes.monitoring.faults = {};
    eyes.monitoring.faults.cadvisor_away = true;
    EXPECT_FALSE(eyes.read().signals.cpu.known());
    EXPECT_TRUE(eyes.read().nodes_whole);
    EXPECT_FALSE(eyes.read().whole);
    eyes.monitoring.faults = {};
    eyes.monitoring.faults.kube_state_away = true;
    EXPECT_FALSE(eyes.read().signals.pending.known());
    eyes.monitoring.faults = {};
    EXPECT_FALSE(eyes.read(2min).signals.cpu.known()) << "the clocks differ";
    EXPECT_TRUE(eyes.read().whole);
}

TEST(Monitoring, MissingNamespacesMakePodsUnlisted) {
    Eyes eyes;
    eyes.want(5);
    eyes.pass(1min);
    eyes.monitoring.faults.namespaces_missing = true;
    const auto observed = eyes.read();
    EXPECT_FALSE(observed.whole);
    EXPECT_EQ(observed.signals.pending.value().count, 0);
    const auto& server = observed.signals.nodes.value().front();
    EXPECT_EQ(server.unlisted_pods, 1);
    EXPECT_EQ(server.hidden_pods, 1);
    EXPECT_TRUE(server.only_daemonset_pods);
    EXPECT_EQ(server.requested, daemon_requests);
}

TEST(Monitoring, UnderOtherNamesOnlyServersMatch) {
    std::vector<Node> nodes(2);
    nodes[0].name = nodes[0].instance_id = "i-1";
    nodes[0].internal_ip = "10.0.0.2";
    nodes[1].name = "server";
    nodes[1].server = true;
    MetricsFaults faults;
    faults.names_foreign = true;
    const auto reported = as_reported(nodes, faults);
    EXPECT_NE(reported[0].name, "i-1");
    EXPECT_EQ(reported[0].instance_id, "");
    EXPECT_NE(reported[0].internal_ip, "10.0.0.2");
    EXPECT_EQ(reported[1].name, "server");
}

TEST(Monitoring, ImplausibleCpuIsUnknown) {
    Eyes eyes;
    eyes.want(1);
    eyes.pass(5min);
    eyes.monitoring.faults.cpu_factor = 2.5;
    EXPECT_DOUBLE_EQ(eyes.read().signals.cpu.value().percent, 100);
    eyes.monitoring.faults.cpu_factor = 9;
    EXPECT_FALSE(eyes.read().signals.cpu.known());
}

TEST(Monitoring, FrozenDataBecomesUnknown) {
    Eyes eyes;
    eyes.monitoring.freeze(true);
    eyes.want(5);
    eyes.pass(1min);
    EXPECT_EQ(eyes.read().signals.pending.value().count, 0);
    eyes.pass(1min);
    EXPECT_FALSE(eyes.read().signals.pending.known());
    eyes.monitoring.freeze(false);
    EXPECT_EQ(eyes.read().signals.pending.value().count, 4);
}

}  // namespace
}  // namespace nodenap::sim
