#include "cluster_fixture.hpp"

#include "controller/error_codes.hpp"

#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

using namespace std::chrono_literals;

class RecoverRemovalsTest : public ClusterTest {
protected:
    std::vector<Operation> open() { return cluster.state().open_operations; }

    const Error lost = lost_answer;
};

struct RemovalContext {
    const char* name;
    Error error;
    bool repeated;
};

TEST_F(RecoverRemovalsTest, RemovalIsRepeatedUntilListedUnlessRefused) {
    const RemovalContext cases[] = {
        {"unavailable", {ErrorKind::unavailable, "away"}, true},
        {"throttled", {ErrorKind::throttled, "slow down"}, true},
        {"unknown", lost, true},
        {"conflict", {ErrorKind::conflict, "changed"}, true},
        {"denied", {ErrorKind::denied, "no right"}, false},
        {"protected", {ErrorKind::invalid, "protected", "OperationNotPermitted"}, false}};
    for (const auto& each : cases) {
        Cluster fresh;
        remove_with(fresh, each.error);
        EXPECT_EQ(fresh.state().open_operations.size(), each.repeated ? 1U : 0U) << each.name;
        if (!each.repeated) fresh.cpu_percent = 60;  // busy again: no other is removed
        ASSERT_TRUE(fresh.pass());
        ASSERT_EQ(fresh.fleet.terminations.size(), each.repeated ? 2U : 1U) << each.name;
        EXPECT_EQ(fresh.fleet.terminations.front(), fresh.fleet.terminations.back());
        fresh.clock.advance(5s);
        ASSERT_TRUE(fresh.pass());
        EXPECT_EQ(fresh.fleet.terminations.size(), each.repeated ? 2U : 1U) << each.name;
        EXPECT_TRUE(fresh.state().open_operations.empty()) << each.name;
        const auto removed_at = std::make_optional(fresh.clock.now() - 10s);
        EXPECT_EQ(fresh.state().memory.last_removal_at, each.repeated ? removed_at : std::nullopt)
            << each.name;
    }
}

/// The rules decide, not the recorded operation, which may be minutes old or forged.
TEST_F(RecoverRemovalsTest, RemovalIsRepeatedOnlyWhileTheRulesAllowIt) {
    remove_with(cluster, lost);
    const auto id = cluster.fleet.terminations.front();
    cluster.cpu_percent = 60;
    pass();
    EXPECT_EQ(cluster.fleet.terminations.size(), 1U) << "busy again";
    EXPECT_EQ(open().size(), 1U) << "but its first call may still succeed";
    ASSERT_TRUE(cluster.log.has("removal_held"));
    cluster.cpu_percent = 10;
    cluster.clock.advance(5s);
    pass();
    EXPECT_EQ(cluster.fleet.terminations, (std::vector<std::string>{id, id}));
}

TEST_F(RecoverRemovalsTest, RemovalThatNeverHappenedIsClosedOnceItCannotSucceed) {
    remove_with(cluster, lost);
    cluster.cpu_percent = 60;
    cluster.clock.advance(23min - 5s - 1ms);
    pass();
    EXPECT_EQ(open().size(), 1U);
    cluster.clock.advance(1ms);
    const auto outcome = pass();
    EXPECT_TRUE(open().empty());
    ASSERT_NE(effect(outcome.record, "close"), nullptr);
    EXPECT_EQ(effect(outcome.record, "close")->result, "refused");
    cluster.clock.advance(2min);
    EXPECT_EQ(pass().record.plan.signals.nodes_ready, 3) << "it counts again";
    EXPECT_EQ(cluster.fleet.terminations.size(), 1U);
}

TEST_F(RecoverRemovalsTest, RefusedRemovalIsRetriedAfterHalfAnHour) {
    remove_with(cluster, {ErrorKind::denied, "protected", "OperationNotPermitted"});
    const auto refused = cluster.fleet.terminations.front();
    EXPECT_EQ(cluster.state().memory.instances.at(refused).refused_until,
              cluster.clock.now() - 5s + 30min);
}

/// Each in its own pass; a cooldown after each would retry the first before the last.
TEST_F(RecoverRemovalsTest, RefusedRemovalDoesNotDelayTheNext) {
    cluster.settings.policy.limits.min_nodes = 1;
    cluster.add_registered(4);
    cluster.idle_for_long();
    const Error is_protected{ErrorKind::invalid, "protected", "OperationNotPermitted"};
    for (std::size_t i = 0; i < 3; ++i) {
        cluster.fleet.terminate_errors.emplace(cluster.fleet.instances[i].id, is_protected);
    }
    for (int i = 0; i < 4; ++i) {
        pass();
        cluster.clock.advance(2min);
    }
    const std::set<std::string> asked(cluster.fleet.terminations.begin(),
                                      cluster.fleet.terminations.end());
    EXPECT_EQ(asked.size(), 4U);
    EXPECT_EQ(cluster.alive(), 3);
}

TEST_F(RecoverRemovalsTest, OneRefusedRemovalOfSeveralKeepsTheCooldown) {
    cluster.add_registered(5);
    cluster.idle_for_long();
    const auto refused = cluster.fleet.instances.front().id;
    cluster.fleet.terminate_errors.emplace(
        refused, Error{ErrorKind::invalid, "protected", "OperationNotPermitted"});
    pass();
    EXPECT_EQ(cluster.fleet.terminations.size(), 3U);
    EXPECT_EQ(cluster.alive(), 3);
    EXPECT_EQ(cluster.state().memory.last_removal_at, cluster.clock.now());
    cluster.clock.advance(2min);
    EXPECT_EQ(reason(pass()), ReasonCode::cooldown);
}

TEST_F(RecoverRemovalsTest, NodeBeingRemovedDoesNotCount) {
    remove_with(cluster, lost);
    cluster.settings.policy.limits.min_nodes = 3;
    pass();
    EXPECT_EQ(cluster.fleet.launches.size(), 1U) << "two plus one being removed count as two";
}

TEST_F(RecoverRemovalsTest, RemovalIsNotClosedByAnOutdatedList) {
    remove_with(cluster, lost);
    const auto id = cluster.fleet.terminations.front();
    std::erase_if(cluster.fleet.instances, [&](const Instance& each) { return each.id == id; });
    pass();
    EXPECT_EQ(open().size(), 1U);
    EXPECT_EQ(cluster.fleet.terminations.size(), 1U) << "nothing exists to terminate";
    cluster.clock.advance(1min);
    pass();
    EXPECT_TRUE(open().empty());
}

/// EC2 is eventually consistent: an instance launched minutes ago may be reported unknown although
/// it runs.
TEST(RecoverRemovals, UnknownInstanceIsTerminatedOnlyFiveMinutesAfterItsLaunch) {
    struct Row {
        Milliseconds age;
        bool gone;
    };
    const Error unknown{ErrorKind::invalid, "does not exist", no_such_instance};
    for (const Row& row : {Row{1min, false}, {5min - 1s, false}, {5min, true}, {2h, true}}) {
        Cluster fresh;
        fresh.add_registered(3);
        fresh.idle_for_long();
        for (auto& instance : fresh.fleet.instances) {
            instance.launched_at = fresh.clock.now() - row.age;
            fresh.fleet.terminate_errors.emplace(instance.id, unknown);
        }
        const auto outcome = fresh.pass();
        ASSERT_TRUE(outcome);
        const auto* done = effect(outcome->record, "terminate");
        ASSERT_NE(done, nullptr) << row.age.count();
        EXPECT_EQ(done->error.has_value(), !row.gone);
        EXPECT_EQ(done->result == "in flight", !row.gone) << done->result;
        EXPECT_TRUE(outcome->succeeded);
        ASSERT_EQ(fresh.state().open_operations.size(), 1U);
        fresh.clock.advance(5s);
        ASSERT_TRUE(fresh.pass());
        EXPECT_EQ(fresh.fleet.terminations.size(), 2U) << "while it is listed";
        EXPECT_EQ(fresh.fleet.terminations.front(), fresh.fleet.terminations.back());
    }
}

TEST_F(RecoverRemovalsTest, RepeatedRemovalIsRememberedAsOne) {
    remove_with(cluster, lost);
    cluster.pending = large_pods(9);
    for (auto& pod : cluster.pending) pod.unschedulable_since = cluster.clock.now();
    for (int again = 0; again < 3; ++again) {
        for (const auto& instance : cluster.fleet.instances) {
            cluster.fleet.terminate_errors.emplace(instance.id, lost);
        }
        pass();
        cluster.clock.advance(5s);
    }
    EXPECT_EQ(cluster.state().memory.cooldown_doublings, 1) << "premature once";
}

}  // namespace
}  // namespace nodenap::test
