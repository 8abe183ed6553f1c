#include "cluster_fixture.hpp"

#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

using namespace std::chrono_literals;

class RecoverTest : public ClusterTest {
protected:
    std::vector<Operation> open() { return cluster.state().open_operations; }

    /// A pass that recorded one launch whose call returned `error`.
    void launch_with(const Error& error, bool landed) {
        cluster.add_registered(1);
        cluster.fleet.launch_errors = {error};
        cluster.fleet.launch_errors_land = landed;
        pass();
        ASSERT_EQ(cluster.fleet.launches.size(), 1U);
    }

    const Error lost = lost_answer;
};

TEST_F(RecoverTest, LaunchWithLostResponseIsFoundByItsTag) {
    launch_with(lost, true);
    EXPECT_EQ(open().size(), 1U);
    cluster.clock.advance(5s);
    const auto outcome = pass();
    EXPECT_EQ(cluster.fleet.launches.size(), 1U) << "nothing to repeat";
    ASSERT_NE(effect(outcome.record, "adopt"), nullptr);
    EXPECT_EQ(effect(outcome.record, "adopt")->id, cluster.fleet.instances.back().id);
    EXPECT_TRUE(open().empty());
    EXPECT_EQ(cluster.fleet.instances.size(), 2U);
    EXPECT_EQ(cluster.state().memory.launches.size(), 1U);
}

/// The same if no pass finished for longer than the join timeout.
TEST_F(RecoverTest, LateAdoptedInstanceThatNeverRegistersIsTerminated) {
    cluster.fleet.launch_errors = {lost, lost};
    cluster.fleet.launch_errors_land = true;
    pass();
    ASSERT_EQ(cluster.alive(), 2) << "the minimum";
    cluster.clock.advance(11min);
    for (int i = 0; i < 20; i += 2) {
        pass();
        cluster.clock.advance(2min);
    }
    EXPECT_EQ(cluster.fleet.instances.front().state, InstanceState::shutting_down);
}

/// Else each would count as one that had a Node, and node data as partial, forever.
TEST_F(RecoverTest, InstanceAdoptedWithoutMetricsThatNeverRegistersIsTerminated) {
    const auto seen = cluster.metrics.answer;
    cluster.metrics.answer = [](Time) { return Signals{}; };
    cluster.fleet.launch_errors = {lost, lost};
    cluster.fleet.launch_errors_land = true;
    const auto first = [&] { return cluster.fleet.instances.front().state; };
    const auto watch = [&](int minutes) {
        for (int i = 0; i < minutes; i += 2) {
            pass();
            cluster.clock.advance(2min);
        }
    };
    watch(20);
    ASSERT_EQ(cluster.alive(), 2) << "the minimum, both found by their tags";
    cluster.metrics.answer = seen;
    watch(20);
    EXPECT_EQ(first(), InstanceState::shutting_down);
}

TEST_F(RecoverTest, UnlistedLaunchIsRepeatedByteForByte) {
    launch_with(lost, true);
    const auto hidden = cluster.fleet.instances;
    cluster.fleet.instances.pop_back();
    cluster.clock.advance(5s);
    cluster.fleet.on_launch = [&](const Operation&) { cluster.fleet.instances = hidden; };
    pass();
    ASSERT_EQ(cluster.fleet.launches.size(), 2U);
    EXPECT_EQ(cluster.fleet.launches[0], cluster.fleet.launches[1]);
    EXPECT_EQ(cluster.fleet.instances.size(), 2U);
    EXPECT_EQ(cluster.state().memory.launches.size(), 1U) << "one launch, counted once";
}

TEST_F(RecoverTest, RepetitionMakesALaunchThatNeverArrived) {
    launch_with(lost, false);
    cluster.clock.advance(2min);
    pass();
    ASSERT_EQ(cluster.fleet.launches.size(), 2U);
    EXPECT_EQ(cluster.fleet.launches[0], cluster.fleet.launches[1]);
    EXPECT_EQ(cluster.fleet.instances.size(), 2U);
    pass();
    EXPECT_TRUE(open().empty());
}

TEST_F(RecoverTest, LaunchIsRepeatedOnlyWithinCurrentLimits) {
    struct Today {
        const char* name;
        void (*set)(Policy&);
        std::size_t repeated;
    };
    const Today cases[] = {
        {"as before", [](Policy&) {}, 1},
        {"max_nodes", [](Policy& p) { p.limits.min_nodes = p.limits.max_nodes = 1; }, 0},
        {"max_nodes of the pool", [](Policy& p) { p.pools[0].max_nodes = 1; }, 0},
        {"price", [](Policy& p) { p.limits.max_price_per_hour_usd = 0.03; }, 0},
        {"launches an hour: it was one of them",
         [](Policy& p) { p.limits.max_launches_per_hour = 1; }, 1}};
    for (const auto& today : cases) {
        Cluster fresh;
        fresh.add_registered(1);
        fresh.fleet.launch_errors = {lost};
        ASSERT_TRUE(fresh.pass());
        fresh.fleet.launches.clear();
        fresh.clock.advance(5s);
        today.set(fresh.settings.policy);
        ASSERT_TRUE(fresh.pass());
        EXPECT_EQ(fresh.fleet.launches.size(), today.repeated) << today.name;
        EXPECT_EQ(fresh.state().open_operations.size(), today.repeated == 0 ? 1U : 0U)
            << today.name;
    }
}

struct AgeCase {
    const char* name;
    Milliseconds age;
    std::size_t launches;  // repetitions and new launches
    bool open;
};

TEST_F(RecoverTest, UnlistedLaunchIsWantedAndCountsForALimitedTime) {
    const AgeCase cases[] = {{"at once", 1s, 1, true},
                             {"still wanted", 5min - 1ms, 1, true},
                             {"not wanted, counts", 5min, 0, true},
                             {"16 minutes after the first signature", 16min, 0, true},
                             {"may still land", 23min - 1ms, 0, true},
                             {"can land no more: the rules launch anew", 23min, 1, false},
                             {"a day later", 24h, 1, false}};
    for (const auto& each : cases) {
        Cluster fresh;
        fresh.add_registered(1);
        fresh.fleet.launch_errors = {lost};
        ASSERT_TRUE(fresh.pass());
        const auto first = fresh.fleet.launches.front().id;
        fresh.fleet.launches.clear();
        fresh.fleet.launch_errors = {lost};
        fresh.clock.advance(each.age);
        const auto outcome = fresh.pass();
        ASSERT_TRUE(outcome);
        EXPECT_EQ(fresh.fleet.launches.size(), each.launches) << each.name;
        const auto left = fresh.state().open_operations;
        const bool is_open = std::any_of(left.begin(), left.end(), [&](const Operation& operation) {
            return operation.id == first;
        });
        EXPECT_EQ(is_open, each.open) << each.name;
        EXPECT_EQ(effect(outcome->record, "close") != nullptr, !each.open) << each.name;
        EXPECT_EQ(fresh.state().memory.launches.size(), 1U) << each.name;
    }
}

TEST_F(RecoverTest, PausedOrObservingClusterRepeatsNothing) {
    struct Hold {
        const char* name;
        bool paused;
        Mode mode;
        std::size_t repeated_launches;
        std::size_t repeated_removals;
    };
    const Hold holds[] = {{"act", false, Mode::act, 1, 1},
                          {"add_only", false, Mode::add_only, 1, 0},
                          {"observe", false, Mode::observe, 0, 0},
                          {"paused", true, Mode::act, 0, 0}};
    for (const auto& hold : holds) {
        for (const bool removal : {false, true}) {
            Cluster fresh;
            if (removal) {
                remove_with(fresh, {ErrorKind::throttled, "slow down"});
            } else {
                fresh.add_registered(1);
                fresh.fleet.launch_errors = {lost};
                ASSERT_TRUE(fresh.pass());
            }
            fresh.fleet.launches.clear();
            fresh.fleet.terminations.clear();
            fresh.settings.policy.mode = hold.mode;
            if (hold.paused) {
                ASSERT_TRUE(set_paused(fresh.store, "prod", fresh.clock.now() + 1h));
            }
            const auto outcome = fresh.pass();
            ASSERT_TRUE(outcome);
            EXPECT_EQ(fresh.fleet.launches.size(), removal ? 0 : hold.repeated_launches)
                << hold.name;
            EXPECT_EQ(fresh.fleet.terminations.size(), removal ? hold.repeated_removals : 0)
                << hold.name;
            const auto state = fresh.state();
            EXPECT_EQ(state.open_operations.size() + state.launched.size(), 1U) << hold.name;
            const auto repeated = removal ? hold.repeated_removals : hold.repeated_launches;
            EXPECT_EQ(outcome->in_flight, repeated > 0)
                << hold.name << ": another pass soon would not help";
        }
    }
}

TEST_F(RecoverTest, LaunchOfARemovedPoolIsNotRepeated) {
    launch_with(lost, false);
    cluster.settings.policy.pools.front().name = "others";
    cluster.fleet.launches.clear();
    cluster.clock.advance(5s);
    pass();
    EXPECT_TRUE(cluster.fleet.launches.empty());
    EXPECT_EQ(open().size(), 1U);
}

struct Repeated {
    const char* name;
    Error error;
    Milliseconds age;
    bool stays_open;
    bool needs_person;
};

TEST_F(RecoverTest, EachResultOfARepetitionIsHandled) {
    const Repeated cases[] = {
        {"unavailable", {ErrorKind::unavailable, "away"}, 5s, true, false},
        {"throttled", {ErrorKind::throttled, "slow down"}, 5s, true, false},
        {"unknown again", lost, 5s, true, false},
        {"no capacity",
         {ErrorKind::no_capacity, "none", "InsufficientInstanceCapacity"},
         5s,
         false,
         false},
        {"denied", {ErrorKind::denied, "no right", "UnauthorizedOperation"}, 5s, false, true},
        {"invalid", {ErrorKind::invalid, "no such template"}, 5s, false, true},
        {"other parameters, just now",
         {ErrorKind::conflict, "other", "IdempotentParameterMismatch"},
         5s,
         true,
         false},
        {"other parameters, and nothing is listed",
         {ErrorKind::conflict, "other", "IdempotentParameterMismatch"},
         1min,
         false,
         false}};
    for (const auto& each : cases) {
        Cluster fresh;
        fresh.settings.policy.limits.max_launches_per_hour = 1;  // none except the recorded one
        fresh.add_registered(1);
        fresh.fleet.launch_errors = {lost};
        ASSERT_TRUE(fresh.pass());
        const auto id = fresh.fleet.launches.front().id;
        fresh.clock.advance(each.age);
        fresh.fleet.launch_errors = {each.error, lost};
        const auto outcome = fresh.pass();
        ASSERT_TRUE(outcome) << each.name;
        const auto left = fresh.state().open_operations;
        const bool is_open = std::any_of(left.begin(), left.end(), [&](const Operation& operation) {
            return operation.id == id;
        });
        EXPECT_EQ(is_open, each.stays_open) << each.name;
        EXPECT_EQ(outcome->in_flight, !each.needs_person) << each.name;
        EXPECT_EQ(is_in_backoff(fresh.state().memory, small_b, fresh.clock.now()),
                  each.error.kind == ErrorKind::no_capacity || each.needs_person)
            << each.name;
    }
}

TEST_F(RecoverTest, TokenOfATerminatedInstanceIsClosed) {
    launch_with(lost, true);
    auto& dead = cluster.fleet.instances.back();
    dead.state = InstanceState::terminated;
    const auto kept = cluster.fleet.instances;
    cluster.fleet.instances.pop_back();  // no longer listed, but the token is known
    cluster.fleet.on_launch = [&](const Operation& operation) {
        if (operation.id == kept.back().operation) cluster.fleet.instances = kept;
    };
    cluster.clock.advance(5s);
    const auto outcome = pass();
    ASSERT_NE(effect(outcome.record, "launch"), nullptr);
    EXPECT_EQ(effect(outcome.record, "launch")->result, "dead");
    const auto left = open();
    for (const auto& operation : left) EXPECT_NE(operation.id, kept.back().operation);
    EXPECT_TRUE(is_in_backoff(cluster.state().memory, kept.back().offering, cluster.clock.now()));
    EXPECT_EQ(cluster.alive(), 2) << "the rules launched another one";
}

TEST_F(RecoverTest, InstanceTerminatedBeforeRegistrationCausesOneBackoff) {
    cluster.add_registered(1);
    pass();
    auto& young = cluster.fleet.instances.back();
    const auto offering = young.offering;
    young.state = InstanceState::terminated;
    cluster.clock.advance(5s);
    const auto outcome = pass();
    ASSERT_NE(effect(outcome.record, "close"), nullptr);
    EXPECT_TRUE(is_in_backoff(cluster.state().memory, offering, cluster.clock.now()));
    EXPECT_EQ(cluster.fleet.launches.size(), 2U);
    EXPECT_NE(cluster.fleet.launches.back().offering, offering);
    cluster.clock.advance(5s);
    pass();
    ASSERT_EQ(cluster.state().memory.unavailable_offerings.size(), 1U);
    EXPECT_EQ(cluster.state().memory.unavailable_offerings.front().failures, 1);
}

TEST_F(RecoverTest, InstanceNoLongerListedIsForgottenLater) {
    cluster.add_registered(1);
    pass();
    cluster.fleet.instances.pop_back();
    cluster.clock.advance(18min - 1ms);
    pass();
    EXPECT_EQ(cluster.fleet.launches.size(), 1U)
        << "EC2's list may be outdated, or the clock wrong";
    cluster.clock.advance(1ms);
    const auto outcome = pass();
    ASSERT_NE(effect(outcome.record, "close"), nullptr);
    EXPECT_EQ(cluster.fleet.launches.size(), 2U);
}

TEST_F(RecoverTest, InFlightLaunchesCountTowardsTheMaximum) {
    cluster.settings.policy.limits.max_nodes = 3;
    cluster.add_registered(2);
    cluster.idle_for_long();
    cluster.pending = large_pods(5);
    cluster.fleet.launch_errors = {lost};
    pass();
    ASSERT_EQ(cluster.fleet.launches.size(), 1U);
    for (const auto wait : {6min, 6min, 6min}) {
        cluster.clock.advance(wait);
        pass();
        EXPECT_EQ(cluster.fleet.launches.size(), 1U) << "it may still exist";
    }
}

TEST_F(RecoverTest, UnknownInstancesRecoverNothing) {
    launch_with(lost, true);
    cluster.fleet.list_error = Error{ErrorKind::unavailable, "away"};
    cluster.clock.advance(30min);
    const auto outcome = pass();
    EXPECT_EQ(open().size(), 1U);
    EXPECT_EQ(cluster.fleet.launches.size(), 1U);
    EXPECT_TRUE(outcome.in_flight);
}

TEST_F(RecoverTest, RecordedLaunchIsNeverTerminated) {
    launch_with(lost, false);
    cluster.add_registered(2);
    cluster.settings.policy.limits.min_nodes = 1;
    cluster.settings.policy.limits.max_nodes = 3;
    cluster.clock.advance(6min);
    const auto outcome = pass();
    EXPECT_EQ(outcome.record.plan.decision, DecisionKind::hold);
    EXPECT_TRUE(cluster.fleet.terminations.empty());
    EXPECT_TRUE(outcome.record.plan.remove.empty());
    EXPECT_EQ(reason(outcome), ReasonCode::booting);
}

/// Recorded five minutes ago and confirmed just now: the list may be a minute old.
TEST_F(RecoverTest, LaunchIsAwaitedFromItsResponse) {
    cluster.add_registered(2);
    cluster.idle_for_long();
    cluster.pending = large_pods(1);
    cluster.settings.policy.limits.max_nodes = 3;
    cluster.fleet.launch_errors = {Error{ErrorKind::throttled, "slow down"}};
    ASSERT_TRUE(cluster.pass());
    cluster.clock.advance(298s);
    ASSERT_TRUE(cluster.pass());
    ASSERT_EQ(cluster.fleet.instances.size(), 3U) << "repeated and confirmed";
    const auto unlisted = cluster.fleet.instances.back();
    cluster.fleet.instances.pop_back();
    cluster.clock.advance(5s);
    ASSERT_TRUE(cluster.pass());
    cluster.fleet.instances.push_back(unlisted);
    EXPECT_EQ(cluster.alive(), 3);
}

}  // namespace
}  // namespace nodenap::test
