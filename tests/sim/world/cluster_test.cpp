#include "sim/world/cluster.hpp"

#include "sim/scenario.hpp"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

struct Kube {
    Kube() {
        Instance server;
        server.id = "i-server";
        cluster.add_server("server", server);
    }
    void join(const std::string& id) {
        Instance instance;
        instance.id = id;
        instance.offering = {"workers", "t2.small", "zone-a", Capacity::on_demand};
        cluster.join(instance, 5s, [] {});
        pass(10s);
    }
    void want(int replicas, std::int64_t cpu) {
        Deployment web;
        web.name = "default/web";
        web.replicas = replicas;
        web.requests = {{cpu}, {10}, 1};
        cluster.set(web);
        pass(2s);
    }
    void pass(Milliseconds span) { timeline.run_until(timeline.now() + span); }
    int waiting() const {
        int count = 0;
        for (const auto& pod : cluster.pods()) count += pod.unschedulable_since.has_value();
        return count;
    }
    bool ready(const std::string& name) const {
        for (const auto& node : cluster.nodes()) {
            if (node.node.name == name) return node.node.ready;
        }
        return false;
    }

    Settings settings = plain_settings();
    Timeline timeline{Time{}};
    Trace trace{false};
    Cluster cluster{timeline, trace, settings.policy};
};

TEST(Deployment, JobIsOwnedByItsCronJob) {
    const std::pair<const char*, const char*> rows[] = {{"batch/report-29000020", "batch/report"},
                                                        {"batch/report-2900002", ""},
                                                        {"batch/report-2900002x", ""},
                                                        {"batch/29000020", ""},
                                                        {"default/web", ""}};
    for (const auto& [name, owner] : rows) {
        Deployment run;
        run.name = name;
        EXPECT_EQ(run.owner(), *owner == '\0' ? name : owner);
    }
}

TEST(Cluster, SchedulesPodsThatFit) {
    Kube kube;
    kube.want(4, 800);
    EXPECT_EQ(kube.waiting(), 2) << "the server has 1850m";
    kube.join("i-1");
    EXPECT_EQ(kube.waiting(), 1);
    EXPECT_EQ(kube.cluster.requested_on("i-1", false).pods, 2) << "its DaemonSet's too";
    kube.want(1, 800);
    EXPECT_EQ(kube.waiting(), 0);
}

TEST(Cluster, OrderlyShutdownDeletesPodsAtOnce) {
    Kube kube;
    kube.join("i-1");
    kube.want(3, 800);
    EXPECT_EQ(kube.waiting(), 0);
    kube.cluster.lose("i-1", true);
    kube.pass(2s);
    EXPECT_FALSE(kube.ready("i-1"));
    EXPECT_EQ(kube.waiting(), 1);
}

TEST(Cluster, FailedInstanceIsDetectedLater) {
    Kube kube;
    kube.join("i-1");
    kube.want(3, 800);
    kube.cluster.lose("i-1", false);
    kube.pass(39s);
    EXPECT_TRUE(kube.ready("i-1"));
    kube.pass(2s);
    EXPECT_FALSE(kube.ready("i-1"));
    EXPECT_EQ(kube.waiting(), 0);
    kube.pass(5min);
    EXPECT_EQ(kube.waiting(), 1);
}

TEST(Cluster, PodsOfANodeThatStaysNotReadyAreDeletedAndStay) {
    Kube kube;
    kube.join("i-1");
    kube.want(4, 700);  // two of them on the server
    const auto deleting = [&] {
        return std::count_if(kube.cluster.pods().begin(), kube.cluster.pods().end(),
                             [](const Pod& pod) { return pod.deleting; });
    };
    kube.cluster.set_ready("i-1", false);
    kube.pass(5min - 1s);
    EXPECT_EQ(deleting(), 0);
    kube.pass(3s);
    EXPECT_EQ(deleting(), 1);
    EXPECT_EQ(kube.waiting(), 2) << "their Deployment makes new ones";
    kube.cluster.set_ready("i-1", true);
    kube.pass(2s);
    EXPECT_EQ(deleting(), 0) << "its kubelet ends them";
    EXPECT_EQ(kube.waiting(), 1);
}

TEST(Cluster, GatedPodsAreNotPending) {
    Kube kube;
    Deployment gated;
    gated.name = "default/gated";
    gated.replicas = 3;
    gated.gated = true;
    kube.cluster.set(gated);
    kube.pass(5s);
    EXPECT_EQ(kube.waiting(), 0);
    gated.gated = false;
    gated.fits_nowhere = true;
    kube.cluster.set(gated);
    kube.pass(5s);
    EXPECT_EQ(kube.waiting(), 3);
}

}  // namespace
}  // namespace nodenap::sim
