#include "cluster_fixture.hpp"

#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

using namespace std::chrono_literals;

class RecoverNoticesTest : public ClusterTest {};

TEST_F(RecoverNoticesTest, InterruptedInstanceDoesNotCount) {
    cluster.add_registered(2);
    cluster.all_on_spot();
    cluster.idle_for_long();
    const auto warned = cluster.fleet.instances.front().id;
    ASSERT_TRUE(
        post_interruption(cluster.store, "prod", warned, {"spot_warning", cluster.clock.now()}));
    pass();
    EXPECT_EQ(cluster.fleet.launches.size(), 1U) << "its replacement";
    EXPECT_EQ(cluster.state().interruptions.count(warned), 1U);
    cluster.fleet.instances.front().state = InstanceState::shutting_down;
    cluster.clock.advance(2min);
    pass();
    EXPECT_EQ(cluster.fleet.launches.size(), 1U);
    EXPECT_TRUE(cluster.state().interruptions.empty());
}

TEST_F(RecoverNoticesTest, SpotNoticeLaunchesANodeForItsPodsInItsPass) {
    cluster.settings.policy.limits.min_nodes = 1;
    cluster.add_registered(2);
    cluster.all_on_spot();
    cluster.idle_for_long();
    const auto warned = cluster.fleet.instances.front().id;
    cluster.busy_with({{1500}, {500}, 1});
    const auto outcome = cluster.wake(SpotWarning{warned, "2026-11-23T20:02:00Z"});
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->record.plan.reasons.front().code, ReasonCode::pending_pods);
    EXPECT_EQ(cluster.fleet.launches.size(), 1U) << "once, in all passes of the invocation";
}

TEST_F(RecoverNoticesTest, InstanceThatSurvivesItsInterruptionCountsAgain) {
    cluster.add_registered(3);
    cluster.all_on_spot();
    cluster.idle_for_long();
    const auto warned = cluster.fleet.instances.front().id;
    ASSERT_TRUE(
        post_interruption(cluster.store, "prod", warned, {"spot_warning", cluster.clock.now()}));
    cluster.clock.advance(10min);
    const auto outcome = pass();
    EXPECT_EQ(outcome.record.plan.signals.nodes_ready, 3);
}

TEST_F(RecoverNoticesTest, RebalanceRecommendationDoesNotUncountItsInstance) {
    cluster.add_registered(2);
    cluster.all_on_spot();
    cluster.idle_for_long();
    ASSERT_TRUE(post_interruption(cluster.store, "prod", cluster.fleet.instances.front().id,
                                  {"rebalance", cluster.clock.now()}));
    pass();
    EXPECT_TRUE(cluster.fleet.launches.empty());
}

/// EC2 interrupts spot instances only: a notice about another one is forged.
TEST_F(RecoverNoticesTest, NoticeOfAnOnDemandInstanceIsIgnored) {
    for (const auto* kind : {"spot_warning", "rebalance"}) {
        Cluster fresh;
        fresh.add_registered(2);
        fresh.idle_for_long();
        for (const auto& instance : fresh.fleet.instances) {
            ASSERT_TRUE(
                post_interruption(fresh.store, "prod", instance.id, {kind, fresh.clock.now()}));
        }
        const auto outcome = fresh.pass();
        ASSERT_TRUE(outcome);
        EXPECT_EQ(outcome->record.plan.signals.nodes_ready, 2) << kind;
        EXPECT_TRUE(fresh.fleet.launches.empty()) << kind;
        EXPECT_TRUE(fresh.state().interruptions.empty()) << kind;
    }
}

/// An attacker who may invoke the function sends notices for every instance in every pass, while
/// pods are pending.
TEST_F(RecoverNoticesTest, InterruptionsAllowAtMostOneMoreThanTheMaximum) {
    for (const auto capacity : {Capacity::spot, Capacity::on_demand}) {
        Cluster fresh;
        fresh.settings.policy.limits.max_nodes = 5;
        fresh.settings.policy.pools[0].capacity =
            capacity == Capacity::spot ? CapacityChoice::spot : CapacityChoice::on_demand;
        fresh.new_ones_join = true;
        fresh.cpu_percent = 60;  // no node is surplus
        fresh.add_registered(5);
        if (capacity == Capacity::spot) fresh.all_on_spot();
        fresh.idle_for_long();
        fresh.pending = large_pods(20);
        for (int i = 0; i < 30; ++i) {
            for (const auto& instance : fresh.fleet.instances) {
                ASSERT_TRUE(post_interruption(fresh.store, "prod", instance.id,
                                              {"spot_warning", fresh.clock.now()}));
            }
            ASSERT_TRUE(fresh.pass());
            fresh.clock.advance(2min);
        }
        EXPECT_EQ(fresh.alive(), capacity == Capacity::spot ? 6 : 5);
    }
}

TEST_F(RecoverNoticesTest, NoticeSavedDuringAPassIsHandledByTheNext) {
    cluster.add_registered(2);
    cluster.all_on_spot();
    cluster.idle_for_long();
    const auto id = cluster.fleet.instances.front().id;
    ASSERT_TRUE(post_interruption(cluster.store, "prod", id, {"rebalance", cluster.clock.now()}));
    const auto answer = cluster.metrics.answer;
    cluster.metrics.answer = [&](Time now) {
        EXPECT_TRUE(post_interruption(cluster.store, "prod", id, {"spot_warning", now}));
        return answer(now);
    };
    pass();
    EXPECT_TRUE(cluster.fleet.launches.empty()) << "this one had started before";
    cluster.metrics.answer = answer;
    cluster.clock.advance(2s);
    pass();
    EXPECT_EQ(cluster.fleet.launches.size(), 1U);
}

TEST_F(RecoverNoticesTest, NoticeOfAnUnlistedInstanceIsKept) {
    cluster.add_registered(2);
    cluster.all_on_spot();
    cluster.idle_for_long();
    ASSERT_TRUE(
        post_interruption(cluster.store, "prod", "i-young", {"spot_warning", cluster.clock.now()}));
    cluster.clock.advance(1min - 1ms);
    pass();
    EXPECT_EQ(cluster.state().interruptions.size(), 1U);
    cluster.clock.advance(1ms);
    pass();
    EXPECT_TRUE(cluster.state().interruptions.empty());
}

TEST_F(RecoverNoticesTest, NoticesAreKeptWhileInstancesAreUnknown) {
    cluster.add_registered(2);
    cluster.all_on_spot();
    cluster.idle_for_long();
    ASSERT_TRUE(post_interruption(cluster.store, "prod", "i-gone", {"spot_warning", fake_start}));
    cluster.fleet.list_error = Error{ErrorKind::unavailable, "away"};
    pass();
    EXPECT_EQ(cluster.state().interruptions.size(), 1U);
}

}  // namespace
}  // namespace nodenap::test
