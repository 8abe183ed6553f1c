#include "cluster_fixture.hpp"

#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

using namespace std::chrono_literals;

class SettleNoticesTest : public ClusterTest {};

TEST_F(SettleNoticesTest, ASpotWarningCountsItsInstanceOutUntilItIsGone) {
    cluster.add_joined(2);
    cluster.idle_for_long();
    const auto warned = cluster.fleet.instances.front().id;
    ASSERT_TRUE(post_notice(cluster.store, "prod", warned, {"spot_warning", cluster.clock.now()}));
    pass();
    EXPECT_EQ(cluster.fleet.launches.size(), 1U) << "its successor";
    EXPECT_EQ(cluster.state().notices.count(warned), 1U);
    cluster.fleet.instances.front().state = InstanceState::shutting_down;
    cluster.clock.advance(2min);
    pass();
    EXPECT_EQ(cluster.fleet.launches.size(), 1U);
    EXPECT_TRUE(cluster.state().notices.empty());
}

TEST_F(SettleNoticesTest, ASpotWarningBringsANodeForItsPodsInThePassThatItWakes) {
    cluster.settings.policy.limits.min_nodes = 1;
    cluster.add_joined(2);
    cluster.idle_for_long();
    const auto warned = cluster.fleet.instances.front().id;
    const auto answer = cluster.metrics.answer;
    cluster.metrics.answer = [=](Time now) {
        auto signals = answer(now);
        auto nodes = signals.nodes.value();
        for (auto& node : nodes) {
            node.requested = node.requested + Resources{{1500}, {500}, 1};
            node.only_daemonset_pods = false;
        }
        signals.nodes = nodes;
        return signals;
    };
    const auto outcome = cluster.wake(SpotWarning{warned, "2026-11-23T20:02:00Z"});
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->record.plan.reasons.front().code, ReasonCode::pending_pods);
    EXPECT_EQ(cluster.fleet.launches.size(), 1U) << "once, in all passes of the invocation";
}

TEST_F(SettleNoticesTest, AnInstanceThatOutlivesItsWarningCountsAgain) {
    cluster.add_joined(3);
    cluster.idle_for_long();
    const auto warned = cluster.fleet.instances.front().id;
    ASSERT_TRUE(post_notice(cluster.store, "prod", warned, {"spot_warning", cluster.clock.now()}));
    cluster.clock.advance(10min);
    const auto outcome = pass();
    EXPECT_EQ(outcome.record.plan.signals.nodes_ready, 3);
}

TEST_F(SettleNoticesTest, ARebalanceNoticeCountsNobodyOut) {
    cluster.add_joined(2);
    cluster.idle_for_long();
    ASSERT_TRUE(post_notice(cluster.store, "prod", cluster.fleet.instances.front().id,
                            {"rebalance", cluster.clock.now()}));
    pass();
    EXPECT_TRUE(cluster.fleet.launches.empty());
}

TEST_F(SettleNoticesTest, ANoticeWrittenWhileAPassRunsIsSeenByTheNext) {
    cluster.add_joined(2);
    cluster.idle_for_long();
    const auto id = cluster.fleet.instances.front().id;
    ASSERT_TRUE(post_notice(cluster.store, "prod", id, {"rebalance", cluster.clock.now()}));
    const auto answer = cluster.metrics.answer;
    cluster.metrics.answer = [&](Time now) {
        EXPECT_TRUE(post_notice(cluster.store, "prod", id, {"spot_warning", now}));
        return answer(now);
    };
    pass();
    EXPECT_TRUE(cluster.fleet.launches.empty()) << "this one had begun before";
    cluster.metrics.answer = answer;
    cluster.clock.advance(2s);
    pass();
    EXPECT_EQ(cluster.fleet.launches.size(), 1U);
}

TEST_F(SettleNoticesTest, ANoticeOfAnInstanceThatIsNotListedYetIsKept) {
    cluster.add_joined(2);
    cluster.idle_for_long();
    ASSERT_TRUE(
        post_notice(cluster.store, "prod", "i-young", {"spot_warning", cluster.clock.now()}));
    cluster.clock.advance(1min - 1ms);
    pass();
    EXPECT_EQ(cluster.state().notices.size(), 1U);
    cluster.clock.advance(1ms);
    pass();
    EXPECT_TRUE(cluster.state().notices.empty());
}

TEST_F(SettleNoticesTest, NoticesAreKeptWhileTheFleetCannotBeSeen) {
    cluster.add_joined(2);
    cluster.idle_for_long();
    ASSERT_TRUE(post_notice(cluster.store, "prod", "i-gone", {"spot_warning", fake_start}));
    cluster.fleet.list_error = Error{ErrorKind::unavailable, "away"};
    pass();
    EXPECT_EQ(cluster.state().notices.size(), 1U);
}

}  // namespace
}  // namespace nodenap::test
