// Passes with incomplete data.

#include "cluster_fixture.hpp"
#include "controller/reconcile.hpp"

#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

using namespace std::chrono_literals;

class ReconcileObservationTest : public ClusterTest {
protected:
    Plan look() {
        auto plan = preview(cluster.ports, cluster.settings);
        EXPECT_TRUE(plan);
        return plan ? std::move(*plan) : Plan{};
    }

    /// Two registered nodes, and one that EC2 confirmed three minutes ago and has not listed yet.
    std::string launch_unlisted() {
        cluster.settings.policy.scale_up.join_timeout = 2min;
        ask_for(1);
        pass();
        const auto id = cluster.fleet.instances.back().id;
        cluster.fleet.instances.pop_back();
        cluster.pending.clear();
        cluster.clock.advance(3min);
        return id;
    }
};

TEST_F(ReconcileObservationTest, MissingMemoryUsageFailsOnlyIfConfigured) {
    for (const double line : {0.0, 80.0}) {
        Cluster fresh;
        fresh.add_registered(2);
        fresh.settings.policy.scale_up.memory_above_percent = line;
        const auto seen = fresh.metrics.answer;
        fresh.metrics.answer = [&](Time now) {
            auto signals = seen(now);
            signals.memory = Unknown{"no such series"};
            return signals;
        };
        const auto outcome = fresh.pass();
        ASSERT_TRUE(outcome);
        EXPECT_EQ(outcome->succeeded, line == 0) << line;
        EXPECT_EQ(fresh.log.passes.back().second, line == 0)
            << "passes that raise the alarm: " << line;
    }
}

TEST_F(ReconcileObservationTest, UnlistedLaunchIsNotTerminated) {
    const auto unlisted = launch_unlisted();
    const auto outcome = pass();
    EXPECT_TRUE(cluster.fleet.terminations.empty());
    EXPECT_EQ(outcome.record.plan.decision, DecisionKind::hold);
    EXPECT_EQ(reason(outcome), ReasonCode::booting);
    ASSERT_EQ(cluster.state().launched.size(), 1U);
    EXPECT_EQ(cluster.state().launched.front().instance_id, unlisted);
}

TEST_F(ReconcileObservationTest, UnlistedLaunchDoesNotPreventLaunches) {
    launch_unlisted();
    cluster.pending = large_pods(2);
    const auto outcome = pass();
    EXPECT_TRUE(cluster.fleet.terminations.empty());
    EXPECT_EQ(outcome.record.plan.decision, DecisionKind::scale_up);
    EXPECT_TRUE(outcome.record.plan.remove.empty());
    EXPECT_GT(cluster.fleet.launches.size(), 1U);
}

/// Above the maximum: the youngest is selected, but is not listed yet; an unregistered one is
/// terminated anyway.
TEST_F(ReconcileObservationTest, UnlistedLaunchDoesNotPreventTerminationOfUnregistered) {
    cluster.add_registered(1);
    cluster.fleet.launch_errors = {lost_answer};
    pass();
    cluster.add_registered(2);
    const auto late = cluster.add_late();
    cluster.settings.policy.limits.min_nodes = 1;
    cluster.settings.policy.limits.max_nodes = 3;
    cluster.clock.advance(6min);
    const auto outcome = pass();
    EXPECT_EQ(cluster.fleet.terminations, (std::vector<std::string>{late}));
    EXPECT_EQ(outcome.record.plan.decision, DecisionKind::scale_down);
    ASSERT_EQ(outcome.record.plan.remove.size(), 1U);
    EXPECT_EQ(outcome.record.plan.remove.front().instance_id, late);
}

TEST_F(ReconcileObservationTest, PreviewCountsALaunchWithLostResponseOnce) {
    cluster.settings.policy.limits.min_nodes = 3;
    cluster.add_registered(1);
    cluster.fleet.launch_errors = {lost_answer, lost_answer};
    cluster.fleet.launch_errors_land = true;
    pass();
    ASSERT_EQ(cluster.state().open_operations.size(), 2U);
    ASSERT_EQ(cluster.fleet.instances.size(), 3U);
    EXPECT_EQ(look().signals.nodes_booting, 2);
}

TEST_F(ReconcileObservationTest, PreviewReportsThatInstancesAreUnknown) {
    cluster.add_registered(1);
    cluster.fleet.list_error = Error{ErrorKind::throttled, "slow down", "RequestLimitExceeded"};
    const auto plan = look();
    ASSERT_FALSE(plan.reasons.empty());
    EXPECT_EQ(plan.reasons.front().code, ReasonCode::fleet_unknown);
    EXPECT_NE(plan.reasons.front().text.find("slow down"), std::string::npos);
    EXPECT_EQ(plan.totals.new_nodes, 0) << "although one is missing";
}

}  // namespace
}  // namespace nodenap::test
