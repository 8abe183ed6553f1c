#include "controller/reconcile.hpp"

#include "cluster_fixture.hpp"

#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

using namespace std::chrono_literals;

class ReconcileTest : public ClusterTest {
protected:
    std::size_t history() { return cluster.store.records_beginning("journal#"); }

    bool lease_is_free() { return cluster.state().lease_owner.empty(); }
};

TEST_F(ReconcileTest, IdlePassIsTwoWritesOneListOneBatchAndNoRecord) {
    cluster.add_registered(2);
    cluster.idle_for_long();
    pass();
    cluster.store.writes.clear();
    cluster.metrics.reads.clear();
    cluster.fleet.lists = 0;
    const auto records = history();
    cluster.clock.advance(2min);
    const auto outcome = pass();
    EXPECT_EQ(cluster.store.writes.size(), 2U);
    EXPECT_EQ(cluster.store.gets + cluster.store.queries, 0);
    EXPECT_EQ(cluster.fleet.lists, 1);
    EXPECT_EQ(cluster.metrics.reads.size(), 1U);
    EXPECT_TRUE(cluster.fleet.launches.empty());
    EXPECT_EQ(history(), records);
    EXPECT_TRUE(outcome.succeeded);
    EXPECT_FALSE(outcome.in_flight);
    EXPECT_TRUE(lease_is_free());
}

TEST_F(ReconcileTest, PassUsesItsLeaseTimeAndThePolicysWindow) {
    cluster.add_registered(2);
    pass();
    ASSERT_EQ(cluster.metrics.reads.size(), 1U);
    EXPECT_EQ(cluster.metrics.reads.front().first, fake_start);
    EXPECT_EQ(cluster.metrics.reads.front().second, cluster.settings.policy.scale_up.cpu_window);
}

TEST_F(ReconcileTest, RecordIsWrittenOnlyForActionsOrANewReason) {
    cluster.add_registered(2);
    cluster.idle_for_long();
    pass();
    const auto before = history();
    cluster.clock.advance(2min);
    pass();
    EXPECT_EQ(history(), before) << "the same reason";
    cluster.metrics.answer = [](Time) { return Signals{}; };
    cluster.clock.advance(2min);
    pass();
    EXPECT_EQ(history(), before + 1) << "another reason";
    cluster.fleet.instances.pop_back();
    cluster.clock.advance(2min);
    pass();
    EXPECT_EQ(history(), before + 2) << "a launch";
}

/// Else `nodenap status` would print "none yet" as long as nothing happens.
TEST_F(ReconcileTest, MemoryWithoutADecisionIsFollowedByARecord) {
    cluster.add_registered(2);
    cluster.idle_for_long();
    pass();
    const auto before = history();
    auto memory = cluster.state().memory;
    memory.last_decision.clear();
    cluster.store.items.at({"prod", "state"})["memory"] = {cluster.codec.memory_text(memory)};
    cluster.clock.advance(2min);
    pass();
    EXPECT_EQ(history(), before + 1);
    EXPECT_EQ(cluster.state().memory.last_decision, "hold");
}

TEST_F(ReconcileTest, OperationsAreRecordedInOneWriteBeforeTheirCalls) {
    cluster.add_registered(2);
    cluster.idle_for_long();
    cluster.pending = large_pods(3);
    std::size_t announced_at_first_launch = 0;
    cluster.fleet.on_launch = [&](const Operation& operation) {
        const auto open = cluster.state().open_operations;
        if (cluster.fleet.launches.size() == 1) announced_at_first_launch = open.size();
        const auto found = std::find(open.begin(), open.end(), operation);
        EXPECT_NE(found, open.end()) << operation.id << " was not recorded as sent";
    };
    const auto outcome = pass();
    EXPECT_EQ(cluster.fleet.launches.size(), 3U);
    EXPECT_EQ(announced_at_first_launch, 3U);
    EXPECT_TRUE(outcome.in_flight);
    EXPECT_EQ(outcome.record.plan.decision, DecisionKind::scale_up);
    EXPECT_EQ(effects(outcome.record, "launch"), 3U);
    EXPECT_EQ(cluster.state().last_action_at, cluster.clock.now());
}

TEST_F(ReconcileTest, LaunchedInstanceCountsUntilItIsListed) {
    cluster.add_registered(1);
    pass();
    EXPECT_TRUE(cluster.state().open_operations.empty());
    ASSERT_EQ(cluster.state().launched.size(), 1U);
    const auto launched = cluster.fleet.instances.back();
    EXPECT_EQ(cluster.state().launched.front().instance_id, launched.id);
    const auto records = history();
    cluster.fleet.instances.pop_back();
    cluster.clock.advance(5s);
    auto outcome = pass();
    EXPECT_EQ(cluster.fleet.launches.size(), 1U) << "an instance not listed yet counts";
    EXPECT_TRUE(outcome.in_flight);
    cluster.fleet.instances.push_back(launched);
    cluster.clock.advance(5s);
    outcome = pass();
    EXPECT_TRUE(cluster.state().launched.empty());
    EXPECT_TRUE(outcome.record.done.empty()) << "known already, so no new record";
    EXPECT_EQ(history(), records + 1) << "the reason changed from below_minimum to booting";
}

TEST_F(ReconcileTest, LeaseHeldByAnotherEndsThePassAtOnce) {
    cluster.add_registered(2);
    ASSERT_TRUE(acquire(cluster.store, cluster.codec, "prod", cluster.claim()));
    const auto outcome = pass();
    EXPECT_TRUE(outcome.held_by_another);
    EXPECT_EQ(reason(outcome), ReasonCode::lease_held);
    EXPECT_EQ(cluster.fleet.lists, 0);
    EXPECT_TRUE(cluster.metrics.reads.empty());
    EXPECT_TRUE(cluster.log.has("lease_held"));
    EXPECT_TRUE(cluster.log.passes.empty()) << "the holder reports for itself";
}

TEST_F(ReconcileTest, StateOfANewerFormatIsNotChanged) {
    cluster.add_registered(3);
    cluster.idle_for_long();
    auto& item = cluster.store.items.at({"prod", "state"});
    item["format"] = {std::int64_t{state_format + 1}};
    const auto memory = item.at("memory");
    const auto outcome = pass();
    EXPECT_EQ(reason(outcome), ReasonCode::state_newer);
    EXPECT_EQ(outcome.record.plan.decision, DecisionKind::hold);
    EXPECT_FALSE(outcome.succeeded) << "the user must be notified";
    EXPECT_TRUE(cluster.fleet.terminations.empty());
    EXPECT_EQ(cluster.store.items.at({"prod", "state"}).at("memory"), memory);
    EXPECT_TRUE(lease_is_free());
    ASSERT_EQ(cluster.log.passes.size(), 2U);
    EXPECT_FALSE(cluster.log.passes.back().second);
}

TEST_F(ReconcileTest, StateOfANewerFormatThatCannotBeReleasedIsAnError) {
    cluster.add_registered(1);
    cluster.store.items[{"prod", "state"}] = {{"format", {std::int64_t{state_format + 1}}}};
    std::size_t calls = 0;
    cluster.store.before_update = [&](const Key&) {
        if (++calls == 2) cluster.store.away = StoreFault{};
    };
    const auto outcome = cluster.pass();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, ErrorKind::unavailable);
    EXPECT_TRUE(cluster.fleet.launches.empty());
}

TEST_F(ReconcileTest, UnknownInstancesChangeNothing) {
    cluster.add_registered(3);
    cluster.idle_for_long();
    cluster.pending = large_pods(2);
    cluster.fleet.list_error = Error{ErrorKind::throttled, "slow down", "RequestLimitExceeded"};
    const auto outcome = pass();
    EXPECT_EQ(reason(outcome), ReasonCode::fleet_unknown);
    EXPECT_TRUE(cluster.fleet.launches.empty());
    EXPECT_TRUE(cluster.fleet.terminations.empty());
    EXPECT_FALSE(outcome.succeeded);
    EXPECT_TRUE(lease_is_free());
}

TEST_F(ReconcileTest, MissingMetricsNeverRemove) {
    cluster.add_registered(4);
    cluster.idle_for_long();
    cluster.metrics.answer = [](Time) { return Signals{}; };
    const auto outcome = pass();
    EXPECT_EQ(reason(outcome), ReasonCode::metrics_unknown);
    EXPECT_TRUE(cluster.fleet.terminations.empty());
    EXPECT_FALSE(outcome.succeeded);
}

TEST_F(ReconcileTest, MissingMetricsDoNotPreventTheMinimum) {
    cluster.add_registered(1);
    cluster.metrics.answer = [](Time) { return Signals{}; };
    pass();
    EXPECT_EQ(cluster.fleet.launches.size(), 1U);
}

TEST_F(ReconcileTest, PauseStopsEveryEffect) {
    cluster.add_registered(1);
    ASSERT_TRUE(set_paused(cluster.store, "prod", fake_start + 1h));
    auto outcome = pass();
    EXPECT_EQ(reason(outcome), ReasonCode::paused);
    EXPECT_TRUE(cluster.fleet.launches.empty());
    EXPECT_EQ(cluster.state().paused_until, fake_start + 1h);
    cluster.clock.advance(1h);
    outcome = pass();
    EXPECT_EQ(cluster.fleet.launches.size(), 1U);
}

TEST_F(ReconcileTest, ModeLimitsTheEffects) {
    struct ModeCase {
        Mode mode;
        bool wants_more;
        std::size_t launches;
        std::size_t terminations;
    };
    const ModeCase cases[] = {{Mode::observe, true, 0, 0},  {Mode::observe, false, 0, 0},
                              {Mode::add_only, true, 1, 0}, {Mode::add_only, false, 0, 0},
                              {Mode::act, true, 1, 0},      {Mode::act, false, 0, 1}};
    for (const auto& each : cases) {
        Cluster fresh;
        fresh.settings.policy.mode = each.mode;
        fresh.add_registered(3);
        fresh.idle_for_long();
        if (each.wants_more) fresh.pending = large_pods(1);
        ASSERT_TRUE(fresh.pass());
        EXPECT_EQ(fresh.fleet.launches.size(), each.launches) << int(each.mode);
        EXPECT_EQ(fresh.fleet.terminations.size(), each.terminations) << int(each.mode);
    }
}

TEST_F(ReconcileTest, UnneededNodesAreRemovedOnceAndStopCountingAtOnce) {
    cluster.add_registered(4);
    cluster.idle_for_long();
    auto outcome = pass();
    EXPECT_EQ(outcome.record.plan.decision, DecisionKind::scale_down);
    ASSERT_EQ(cluster.fleet.terminations.size(), 2U);
    EXPECT_EQ(cluster.state().open_operations.size(), 2U) << "until it is listed as terminating";
    EXPECT_TRUE(outcome.in_flight);
    EXPECT_EQ(cluster.state().memory.last_removal_at, cluster.clock.now());
    cluster.clock.advance(5s);
    outcome = pass();
    EXPECT_TRUE(cluster.state().open_operations.empty());
    EXPECT_EQ(cluster.fleet.terminations.size(), 2U);
    EXPECT_EQ(reason(outcome), ReasonCode::cooldown);
    EXPECT_FALSE(outcome.in_flight);
}

TEST_F(ReconcileTest, UnavailableStoreIsAnErrorWithoutEffects) {
    for (const auto kind : {ErrorKind::unavailable, ErrorKind::throttled, ErrorKind::denied,
                            ErrorKind::invalid, ErrorKind::unknown_outcome}) {
        Cluster fresh;
        fresh.add_registered(1);
        fresh.store.away = StoreFault{{kind, "away"}, false};
        const auto outcome = fresh.pass();
        ASSERT_FALSE(outcome);
        EXPECT_EQ(outcome.error().kind, kind);
        EXPECT_EQ(fresh.fleet.lists, 0);
        EXPECT_TRUE(fresh.fleet.launches.empty());
    }
}

TEST_F(ReconcileTest, PassAfterAnHourWithoutTheStoreIsNormal) {
    cluster.add_registered(1);
    cluster.store.away = StoreFault{};
    for (int tick = 0; tick < 30; ++tick) {
        EXPECT_FALSE(cluster.pass());
        cluster.clock.advance(2min);
    }
    cluster.store.away.reset();
    const auto outcome = pass();
    EXPECT_EQ(cluster.fleet.launches.size(), 1U);
    EXPECT_TRUE(outcome.succeeded);
}

/// The n-th write of a pass that launches: acquire, record operations, history, release.
enum class Landed { no, yes };
struct WriteFault {
    const char* name;
    std::size_t write;
    ErrorKind kind;
    Landed landed;
    std::size_t launches;
};

TEST_F(ReconcileTest, EachWriteMayFailInEachWay) {
    const WriteFault cases[] = {
        {"announce unavailable", 1, ErrorKind::unavailable, Landed::no, 0},
        {"announce throttled", 1, ErrorKind::throttled, Landed::no, 0},
        {"announce denied", 1, ErrorKind::denied, Landed::no, 0},
        {"announce lost", 1, ErrorKind::unknown_outcome, Landed::no, 1},
        {"announce landed, reply lost", 1, ErrorKind::unknown_outcome, Landed::yes, 1},
        {"journal unavailable", 2, ErrorKind::unavailable, Landed::no, 1},
        {"journal landed, reply lost", 2, ErrorKind::unknown_outcome, Landed::yes, 1},
        {"release unavailable", 3, ErrorKind::unavailable, Landed::no, 1},
        {"release lost", 3, ErrorKind::unknown_outcome, Landed::no, 1},
        {"release landed, reply lost", 3, ErrorKind::unknown_outcome, Landed::yes, 1}};
    for (const auto& each : cases) {
        Cluster fresh;
        fresh.add_registered(1);
        std::size_t calls = 0;
        fresh.store.before_update = [&](const Key&) {
            if (calls++ != each.write) return;
            fresh.store.faults = {{{each.kind, "fault"}, each.landed == Landed::yes}};
        };
        const auto outcome = fresh.pass();
        ASSERT_TRUE(outcome) << each.name;
        EXPECT_EQ(fresh.log.passes.size(), 1U) << each.name << ": one pass, one line";
        EXPECT_EQ(fresh.fleet.launches.size(), each.launches) << each.name;
        const bool lost_reply = each.kind == ErrorKind::unknown_outcome;
        EXPECT_EQ(outcome->succeeded, lost_reply) << each.name;
        fresh.store.before_update = nullptr;
        fresh.outlive_the_lease();
        ASSERT_TRUE(fresh.pass() && fresh.pass()) << each.name;
        EXPECT_EQ(fresh.fleet.instances.size(), 2U) << each.name;
        EXPECT_TRUE(fresh.state().open_operations.empty()) << each.name;
        EXPECT_TRUE(fresh.state().lease_owner.empty()) << each.name;
        EXPECT_EQ(fresh.state().memory.launches.size(), 1U) << each.name;
    }
}

TEST_F(ReconcileTest, NewerEpochEndsThePassWithoutAWrite) {
    cluster.add_registered(1);
    cluster.metrics.answer = [this](Time) {
        // The process was suspended until its lease expired, and another pass ran.
        cluster.outlive_the_lease();
        auto other = acquire(cluster.store, cluster.codec, "prod", cluster.claim());
        EXPECT_TRUE(release(cluster.store, other->lease, {}));
        return Signals{};
    };
    const auto outcome = pass();
    EXPECT_TRUE(cluster.fleet.launches.empty());
    EXPECT_FALSE(outcome.succeeded);
    EXPECT_EQ(cluster.state().epoch, 2);
    EXPECT_TRUE(cluster.log.has("lease_lost"));
    EXPECT_FALSE(cluster.state().last_pass_at) << "the old pass wrote nothing";
}

TEST_F(ReconcileTest, UnreadableMemoryIsDroppedAndLogged) {
    cluster.add_registered(4);
    cluster.idle_for_long();
    cluster.store.items.at({"prod", "state"})["memory"] = {std::string("{broken")};
    pass();
    EXPECT_TRUE(cluster.log.has("memory_forgotten"));
    EXPECT_TRUE(cluster.fleet.terminations.empty());
}

TEST_F(ReconcileTest, NewClusterHasNoUnreadableMemory) {
    cluster.add_registered(2);
    pass();
    EXPECT_FALSE(cluster.log.has("memory_forgotten"));
}

TEST_F(ReconcileTest, EveryDecidingPassIsLoggedWithItsResult) {
    cluster.add_registered(2);
    pass(Alert{{"KubePodPending"}, true});
    ASSERT_EQ(cluster.log.passes.size(), 1U);
    const auto& [record, succeeded] = cluster.log.passes.front();
    EXPECT_EQ(record.trigger, "alert");
    EXPECT_EQ(record.epoch, 1);
    EXPECT_TRUE(succeeded);
}

TEST_F(ReconcileTest, PreviewAcquiresNoLeaseAndWritesNothing) {
    cluster.add_registered(1);
    const auto plan = preview(cluster.ports, cluster.settings);
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->totals.new_nodes, 1);
    EXPECT_TRUE(cluster.store.writes.empty());
    EXPECT_TRUE(cluster.fleet.launches.empty());
}

TEST_F(ReconcileTest, PreviewReportsAnUnavailableState) {
    cluster.store.away = StoreFault{};
    const auto plan = preview(cluster.ports, cluster.settings);
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().kind, ErrorKind::unavailable);
}

TEST_F(ReconcileTest, PreviewCountsRecordedOperations) {
    cluster.add_registered(1);
    cluster.fleet.launch_errors = {{ErrorKind::unknown_outcome, "no answer"}};
    pass();
    const auto plan = preview(cluster.ports, cluster.settings);
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->totals.new_nodes, 0);
}

}  // namespace
}  // namespace nodenap::test
