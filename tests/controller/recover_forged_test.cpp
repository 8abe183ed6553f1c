// Operations whose request does not match the configuration: written by someone with write access
// to the table, or before the configuration was changed.

#include "cluster_fixture.hpp"

#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

using namespace std::chrono_literals;

Operation launch_operation(Cluster& cluster) {
    const auto& pool = cluster.settings.policy.pools.front();
    Operation operation;
    operation.id = "forged";
    operation.since = cluster.clock.now();
    operation.offering = small_a;
    operation.subnet = pool.subnets.front().id;
    operation.launch_template = pool.launch_template;
    operation.launch_template_version = pool.launch_template_version;
    return operation;
}

Operation removal_operation(Cluster& cluster, const std::string& id) {
    Operation operation;
    operation.id = "forged";
    operation.kind = OperationKind::remove;
    operation.since = cluster.clock.now();
    operation.offering = small_a;
    operation.instance_id = id;
    operation.reason = "underused";
    return operation;
}

void finish_recovery(Cluster& cluster) {
    cluster.add_registered(3);
    cluster.cpu_percent = 50;
    (void)cluster.pass();
    cluster.clock.advance(2min);
}

struct LaunchRow {
    const char* name;
    std::function<void(Operation&)> given;
    const char* why;
};

TEST(ForgedLaunch, IsRefusedClosedAndReported) {
    const LaunchRow rows[] = {
        {"the template", [](Operation& i) { i.launch_template = "lt-evil"; },
         "its launch template is not the pool's"},
        {"its version", [](Operation& i) { i.launch_template_version = "1"; },
         "its launch template version is not the pool's"},
        {"the subnet", [](Operation& i) { i.subnet = "subnet-dmz"; },
         "its subnet is not the pool's"},
        {"the zone", [](Operation& i) { i.offering.zone = "us-east-1b"; },
         "its subnet is not the pool's"},
        {"the type", [](Operation& i) { i.offering.instance_type = "p5.48xlarge"; },
         "its instance type is not the pool's"},
        {"the purchase option", [](Operation& i) { i.offering.capacity = Capacity::spot; },
         "its purchase option is not the pool's"},
        {"the pool", [](Operation& i) { i.offering.pool = "miners"; },
         "its pool is not configured"},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        Cluster cluster;
        finish_recovery(cluster);
        auto operation = launch_operation(cluster);
        row.given(operation);
        cluster.forge(operation);
        ASSERT_TRUE(cluster.pass());
        cluster.clock.advance(1min);
        const auto outcome = cluster.pass();
        ASSERT_TRUE(outcome);
        EXPECT_TRUE(cluster.fleet.launches.empty());
        EXPECT_TRUE(cluster.state().open_operations.empty());
        const auto* closed = effect(outcome->record, "close");
        ASSERT_NE(closed, nullptr);
        EXPECT_EQ(closed->result, "refused");
        EXPECT_EQ(closed->error, std::string("launch not repeated: ") + row.why);
    }
}

TEST(ForgedLaunch, OneThatMatchesThePoolIsRepeatedWithinTheLimits) {
    Cluster cluster;
    finish_recovery(cluster);
    cluster.forge(launch_operation(cluster));
    ASSERT_TRUE(cluster.pass());
    EXPECT_EQ(cluster.fleet.launches.size(), 1U);
    cluster.settings.policy.limits.max_nodes = 4;
    auto another = launch_operation(cluster);
    another.id = "forged too";
    cluster.forge(another);
    ASSERT_TRUE(cluster.pass());
    EXPECT_EQ(cluster.fleet.launches.size(), 1U);
}

TEST(ForgedLaunch, OneOfTheFarFutureIsClosedAtOnce) {
    Cluster cluster;
    finish_recovery(cluster);
    auto operation = launch_operation(cluster);
    operation.since += 24h;
    cluster.forge(operation);
    ASSERT_TRUE(cluster.pass());
    EXPECT_TRUE(cluster.fleet.launches.empty());
    EXPECT_TRUE(cluster.state().open_operations.empty());
}

struct RemovalRow {
    const char* name;
    std::function<void(Cluster&, Operation&)> given;
};

TEST(ForgedRemoval, TerminatesNoWorkerThatTheRulesKeep) {
    const RemovalRow rows[] = {
        {"that is busy", [](Cluster&, Operation&) {}},
        {"for every reason: not_joined", [](Cluster&, Operation& i) { i.reason = "not_joined"; }},
        {"for every reason: not_ready", [](Cluster&, Operation& i) { i.reason = "not_ready"; }},
        {"for every reason: above_maximum",
         [](Cluster&, Operation& i) { i.reason = "above_maximum"; }},
        {"for every reason: none", [](Cluster&, Operation& i) { i.reason = ""; }},
        {"of a far future", [](Cluster&, Operation& i) { i.since += 24h; }},
        {"while Prometheus is away",
         [](Cluster& c, Operation&) { c.metrics.answer = [](Time) { return Signals{}; }; }},
        {"at the minimum", [](Cluster& c, Operation&) { c.settings.policy.limits.min_nodes = 3; }},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        Cluster cluster;
        finish_recovery(cluster);
        cluster.busy_with({{900}, {500}, 1});
        const auto victim = cluster.fleet.instances.front().id;
        auto operation = removal_operation(cluster, victim);
        row.given(cluster, operation);
        cluster.forge(operation);
        for (int i = 0; i < 13; ++i) {
            ASSERT_TRUE(cluster.pass());
            cluster.clock.advance(2min);
        }
        for (const auto& id : cluster.fleet.terminations) EXPECT_NE(id, victim);
        for (const auto& open : cluster.state().open_operations) {
            EXPECT_NE(open.id, operation.id) << "closed once it can no longer succeed";
        }
    }
}

TEST(ForgedRemoval, AllowsNoNodeAboveTheMaximum) {
    Cluster cluster;
    cluster.settings.policy.limits.max_nodes = 3;
    finish_recovery(cluster);
    cluster.cpu_percent = 95;
    for (const auto& instance : cluster.fleet.instances) {
        auto operation = removal_operation(cluster, instance.id);
        operation.id += instance.id;
        cluster.forge(operation);
    }
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(cluster.pass());
        cluster.clock.advance(1min);
    }
    EXPECT_TRUE(cluster.fleet.launches.empty());
}

TEST(ForgedRemoval, OfAForeignInstanceIsClosedAtOnce) {
    Cluster cluster;
    finish_recovery(cluster);
    const auto id = cluster.add_instance(24h);
    cluster.fleet.find(id)->launch_template = "lt-of-somebody";
    cluster.forge(removal_operation(cluster, id));
    const auto outcome = cluster.pass();
    ASSERT_TRUE(outcome);
    EXPECT_TRUE(cluster.fleet.terminations.empty());
    EXPECT_TRUE(cluster.state().open_operations.empty());
    ASSERT_NE(effect(outcome->record, "close"), nullptr);
    EXPECT_EQ(effect(outcome->record, "close")->id, id);
}

}  // namespace
}  // namespace nodenap::test
