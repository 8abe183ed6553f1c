// What somebody wrote into the state who may write to the table, or a configuration that has
// changed since: the request in it is not what the configuration asks for.

#include "cluster_fixture.hpp"

#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

using namespace std::chrono_literals;

Intent launch_intent(Cluster& cluster) {
    const auto& pool = cluster.settings.policy.pools.front();
    Intent intent;
    intent.id = "forged";
    intent.since = cluster.clock.now();
    intent.offer = small_a;
    intent.subnet = pool.subnets.front().id;
    intent.launch_template = pool.launch_template;
    intent.launch_template_version = pool.launch_template_version;
    return intent;
}

Intent removal_intent(Cluster& cluster, const std::string& id) {
    Intent intent;
    intent.id = "forged";
    intent.kind = IntentKind::remove;
    intent.since = cluster.clock.now();
    intent.offer = small_a;
    intent.instance_id = id;
    intent.reason = "underused";
    return intent;
}

void settle_down(Cluster& cluster) {
    cluster.add_joined(3);
    cluster.cpu_percent = 50;
    (void)cluster.pass();
    cluster.clock.advance(2min);
}

struct LaunchRow {
    const char* name;
    std::function<void(Intent&)> given;
    const char* why;
};

TEST(ForgedLaunch, IsRefusedClosedAndNamed) {
    const LaunchRow rows[] = {
        {"the template", [](Intent& i) { i.launch_template = "lt-evil"; },
         "its launch template is another"},
        {"its version", [](Intent& i) { i.launch_template_version = "1"; },
         "its launch template version is another"},
        {"the subnet", [](Intent& i) { i.subnet = "subnet-dmz"; }, "its subnet is not the pool's"},
        {"the zone", [](Intent& i) { i.offer.zone = "us-east-1b"; },
         "its subnet is not the pool's"},
        {"the type", [](Intent& i) { i.offer.instance_type = "p5.48xlarge"; },
         "its instance type is not the pool's"},
        {"the purchase option", [](Intent& i) { i.offer.capacity = Capacity::spot; },
         "its purchase option is not the pool's"},
        {"the pool", [](Intent& i) { i.offer.pool = "miners"; }, "its pool is not configured"},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        Cluster cluster;
        settle_down(cluster);
        auto intent = launch_intent(cluster);
        row.given(intent);
        cluster.forge(intent);
        ASSERT_TRUE(cluster.pass());
        cluster.clock.advance(1min);
        const auto outcome = cluster.pass();
        ASSERT_TRUE(outcome);
        EXPECT_TRUE(cluster.fleet.launches.empty());
        EXPECT_TRUE(cluster.state().open_intents.empty());
        const auto* closed = effect(outcome->record, "close");
        ASSERT_NE(closed, nullptr);
        EXPECT_EQ(closed->result, "refused");
        EXPECT_EQ(closed->error, std::string("launch not repeated: ") + row.why);
    }
}

TEST(ForgedLaunch, OneThatThePoolWouldAskForIsRepeatedWithinTheLimits) {
    Cluster cluster;
    settle_down(cluster);
    cluster.forge(launch_intent(cluster));
    ASSERT_TRUE(cluster.pass());
    EXPECT_EQ(cluster.fleet.launches.size(), 1U);
    cluster.settings.policy.limits.max_nodes = 4;
    auto another = launch_intent(cluster);
    another.id = "forged too";
    cluster.forge(another);
    ASSERT_TRUE(cluster.pass());
    EXPECT_EQ(cluster.fleet.launches.size(), 1U);
}

TEST(ForgedLaunch, OneOfAFarFutureIsClosedAtOnce) {
    Cluster cluster;
    settle_down(cluster);
    auto intent = launch_intent(cluster);
    intent.since += 24h;
    cluster.forge(intent);
    ASSERT_TRUE(cluster.pass());
    EXPECT_TRUE(cluster.fleet.launches.empty());
    EXPECT_TRUE(cluster.state().open_intents.empty());
}

struct RemovalRow {
    const char* name;
    std::function<void(Cluster&, Intent&)> given;
};

TEST(ForgedRemoval, EndsNoWorkerThatTheRulesKeep) {
    const RemovalRow rows[] = {
        {"that is busy", [](Cluster&, Intent&) {}},
        {"for every reason: not_joined", [](Cluster&, Intent& i) { i.reason = not_joined; }},
        {"for every reason: not_ready", [](Cluster&, Intent& i) { i.reason = not_ready; }},
        {"for every reason: above_maximum", [](Cluster&, Intent& i) { i.reason = above_maximum; }},
        {"for every reason: none", [](Cluster&, Intent& i) { i.reason = ""; }},
        {"of a far future", [](Cluster&, Intent& i) { i.since += 24h; }},
        {"while Prometheus is away",
         [](Cluster& c, Intent&) { c.metrics.answer = [](Time) { return Signals{}; }; }},
        {"at the minimum", [](Cluster& c, Intent&) { c.settings.policy.limits.min_nodes = 3; }},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        Cluster cluster;
        settle_down(cluster);
        cluster.busy_with({{900}, {500}, 1});
        const auto victim = cluster.fleet.instances.front().id;
        auto intent = removal_intent(cluster, victim);
        row.given(cluster, intent);
        cluster.forge(intent);
        for (int i = 0; i < 13; ++i) {
            ASSERT_TRUE(cluster.pass());
            cluster.clock.advance(2min);
        }
        for (const auto& id : cluster.fleet.terminations) EXPECT_NE(id, victim);
        for (const auto& open : cluster.state().open_intents) {
            EXPECT_NE(open.id, intent.id) << "closed once it can land no more";
        }
    }
}

TEST(ForgedRemoval, MakesNoPlaceAboveTheMaximum) {
    Cluster cluster;
    cluster.settings.policy.limits.max_nodes = 3;
    settle_down(cluster);
    cluster.cpu_percent = 95;
    for (const auto& instance : cluster.fleet.instances) {
        auto intent = removal_intent(cluster, instance.id);
        intent.id += instance.id;
        cluster.forge(intent);
    }
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(cluster.pass());
        cluster.clock.advance(1min);
    }
    EXPECT_TRUE(cluster.fleet.launches.empty());
}

TEST(ForgedRemoval, OfAnInstanceThatIsForeignIsClosedAtOnce) {
    Cluster cluster;
    settle_down(cluster);
    const auto id = cluster.add_instance(24h);
    cluster.fleet.find(id)->launch_template = "lt-of-somebody";
    cluster.forge(removal_intent(cluster, id));
    const auto outcome = cluster.pass();
    ASSERT_TRUE(outcome);
    EXPECT_TRUE(cluster.fleet.terminations.empty());
    EXPECT_TRUE(cluster.state().open_intents.empty());
    ASSERT_NE(effect(outcome->record, "close"), nullptr);
    EXPECT_EQ(effect(outcome->record, "close")->id, id);
}

}  // namespace
}  // namespace nodenap::test
