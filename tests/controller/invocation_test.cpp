#include "controller/invocation.hpp"

#include "cluster_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace nodenap::test {
namespace {

using namespace std::chrono_literals;

class InvocationTest : public ::testing::Test {
protected:
    Result<Outcome> wake(const Trigger& trigger = Scheduled{},
                         Milliseconds time_left = longest_invocation) {
        return cluster.wake(trigger, time_left);
    }

    std::size_t passes() const { return cluster.log.passes.size(); }

    Milliseconds slept() const {
        Milliseconds sum{0};
        for (const auto span : cluster.clock.sleeps) sum += span;
        return sum;
    }

    std::optional<Time> first_lease_ends() const {
        for (const auto& [path, value] : cluster.store.writes.front().change.set) {
            if (path.attribute != "lease_until") continue;
            return Time{Milliseconds{std::get<std::int64_t>(value.value)}};
        }
        return std::nullopt;
    }

    Lease hold_lease() {
        auto got = acquire(cluster.store, cluster.codec, "prod", cluster.claim());
        EXPECT_TRUE(got && !got->held_by_another);
        return got->lease;
    }

    Cluster cluster;
};

TEST_F(InvocationTest, IdleClusterIsOnePassWithoutASleep) {
    cluster.add_registered(2);
    const auto outcome = wake();
    ASSERT_TRUE(outcome);
    EXPECT_EQ(passes(), 1U);
    EXPECT_TRUE(cluster.clock.sleeps.empty());
    EXPECT_FALSE(outcome->in_flight);
}

TEST_F(InvocationTest, PassesRepeatEveryFewSecondsWhileANodeBoots) {
    cluster.add_registered(1);
    const auto outcome = wake();
    ASSERT_TRUE(outcome);
    EXPECT_EQ(cluster.fleet.launches.size(), 1U);
    EXPECT_EQ(cluster.clock.sleeps, std::vector<Milliseconds>(9, 5s)) << "45 s in steps of 5 s";
    EXPECT_EQ(passes(), 10U);
    EXPECT_TRUE(outcome->in_flight);
    EXPECT_EQ(outcome->record.plan.decision, DecisionKind::scale_up) << "the pass that did it";
}

TEST_F(InvocationTest, EachPassLogsThatItOnlyObservesIfNoModeIsSet) {
    cluster.add_registered(1);
    ASSERT_TRUE(wake());
    EXPECT_EQ(cluster.log.find("mode_not_set"), nullptr);
    cluster.settings.mode_named = false;
    const std::size_t before = passes();
    ASSERT_TRUE(wake());
    const auto logged = std::ranges::count(cluster.log.events, "mode_not_set", &LogEvent::name);
    EXPECT_EQ(static_cast<std::size_t>(logged), passes() - before);
}

TEST_F(InvocationTest, EndsWhenTheNodeHasRegistered) {
    cluster.add_registered(1);
    cluster.clock.on_sleep = [&] { cluster.new_ones_join = cluster.clock.sleeps.size() == 3; };
    const auto outcome = wake();
    ASSERT_TRUE(outcome);
    EXPECT_EQ(cluster.clock.sleeps.size(), 3U);
    EXPECT_FALSE(outcome->in_flight);
}

TEST_F(InvocationTest, SleepsWithoutTheLease) {
    cluster.add_registered(1);
    int held = 0;
    cluster.clock.on_sleep = [&] {
        const auto& item = cluster.store.items.at({"prod", "state"});
        held += item.contains("lease_owner") ? 1 : 0;
    };
    ASSERT_TRUE(wake());
    EXPECT_FALSE(cluster.clock.sleeps.empty());
    EXPECT_EQ(held, 0);
}

TEST_F(InvocationTest, EveryPassHasItsOwnOwnerAndEpoch) {
    cluster.add_registered(1);
    ASSERT_TRUE(wake());
    std::set<std::string> owners;
    for (const auto& write : cluster.store.writes) {
        for (const auto& [path, value] : write.change.set) {
            if (path.attribute == "lease_owner") owners.insert(std::get<std::string>(value.value));
        }
    }
    EXPECT_EQ(owners.size(), passes());
    EXPECT_EQ(cluster.state().epoch, static_cast<std::int64_t>(passes()));
}

TEST_F(InvocationTest, LeaseExpiresAMarginAfterTheDeadline) {
    cluster.add_registered(2);
    ASSERT_TRUE(wake(Scheduled{}, 40s));
    EXPECT_EQ(first_lease_ends(), fake_start + 40s + lease_margin);
}

TEST_F(InvocationTest, NoInvocationExceedsTheMaximumDuration) {
    cluster.add_registered(2);
    ASSERT_TRUE(wake(Scheduled{}, 15min));
    EXPECT_EQ(first_lease_ends(), fake_start + longest_invocation + lease_margin);
}

TEST_F(InvocationTest, AnotherPassRunsOnlyIfItCouldStillAct) {
    struct Case {
        Milliseconds time_left;
        std::size_t sleeps;
    };
    // A pass needs time to observe, for the longest call and the release.
    const Case cases[] = {{100s, 9}, {60s, 7}, {40s, 3}, {30s, 1}, {28s, 0}, {5s, 0}};
    for (const auto& each : cases) {
        Cluster fresh;
        fresh.add_registered(2);
        fresh.idle_for_long();
        fresh.not_joined = {fresh.add_instance(1min)};
        ASSERT_TRUE(fresh.wake(Scheduled{}, each.time_left));
        EXPECT_EQ(fresh.clock.sleeps.size(), each.sleeps) << each.time_left.count();
    }
}

TEST_F(InvocationTest, ScheduledInvocationEndsAtOnceIfTheLeaseIsHeld) {
    cluster.add_registered(2);
    hold_lease();
    for (const Trigger& trigger : {Trigger{Scheduled{}}, Trigger{Action::tick}}) {
        const auto outcome = wake(trigger);
        ASSERT_TRUE(outcome);
        EXPECT_TRUE(outcome->held_by_another);
        EXPECT_TRUE(outcome->succeeded);
        EXPECT_TRUE(cluster.clock.sleeps.empty());
    }
}

TEST_F(InvocationTest, EventTriesTheLeaseEveryTwoSeconds) {
    Cluster named;
    named.add_registered(1);
    const std::string id = named.fleet.instances.front().id;
    const Trigger events[] = {Alert{{"KubePodPending"}, true}, SpotWarning{id, ""}, Rebalance{id},
                              StateChange{id, "terminated"}};
    for (const auto& event : events) {
        Cluster fresh;
        fresh.add_registered(2);
        ASSERT_TRUE(fresh.pass());  // so that it is known as a worker
        auto got = acquire(fresh.store, fresh.codec, "prod", fresh.claim());
        fresh.clock.on_sleep = [&] {
            if (fresh.clock.sleeps.size() != 4) return;
            EXPECT_TRUE(release(fresh.store, got->lease, {}));
        };
        const auto outcome = fresh.wake(event);
        ASSERT_TRUE(outcome);
        EXPECT_FALSE(outcome->held_by_another) << name_of(event);
        ASSERT_GE(fresh.clock.sleeps.size(), 4U) << name_of(event);
        fresh.clock.sleeps.resize(4);  // the following ones are passes that wait for its launches
        EXPECT_EQ(fresh.clock.sleeps, std::vector<Milliseconds>(4, 2s)) << name_of(event);
        EXPECT_EQ(outcome->record.trigger, name_of(event));
    }
}

TEST_F(InvocationTest, EventWaitsForTheLeaseForAtMostTwentySeconds) {
    for (const auto time_left : {60s, 100s, 900s}) {
        Cluster fresh;
        fresh.add_registered(2);
        ASSERT_TRUE(acquire(fresh.store, fresh.codec, "prod", fresh.claim()));
        const auto outcome = fresh.wake(Alert{}, time_left);
        ASSERT_TRUE(outcome);
        EXPECT_TRUE(outcome->held_by_another) << "and reports it";
        EXPECT_EQ(fresh.clock.sleeps, std::vector<Milliseconds>(10, 2s)) << time_left.count();
    }
}

TEST_F(InvocationTest, EventWithLittleTimeWaitsForLess) {
    cluster.add_registered(2);
    hold_lease();
    const auto outcome = wake(Alert{}, 30s);
    ASSERT_TRUE(outcome);
    EXPECT_TRUE(outcome->held_by_another);
    EXPECT_EQ(slept(), 6s) << "23 s are reserved for a pass";
}

TEST_F(InvocationTest, EventAcquiresALeaseThatExpiresMeanwhile) {
    cluster.add_registered(2);
    const auto got =
        acquire(cluster.store, cluster.codec, "prod", cluster.claim(3s + lease_margin));
    ASSERT_TRUE(got);
    const auto outcome = wake(Alert{});
    ASSERT_TRUE(outcome);
    EXPECT_FALSE(outcome->held_by_another);
    EXPECT_EQ(slept(), 20s);
}

TEST_F(InvocationTest, AnotherProcessBetweenTwoPassesEndsTheLoop) {
    cluster.add_registered(1);
    cluster.clock.on_sleep = [&] { hold_lease(); };
    const auto outcome = wake();
    ASSERT_TRUE(outcome);
    EXPECT_FALSE(outcome->held_by_another) << "it has decided something";
    EXPECT_EQ(cluster.clock.sleeps.size(), 1U);
}

TEST_F(InvocationTest, FailedFirstPassIsTheResult) {
    cluster.store.away = StoreFault{{ErrorKind::denied, "no right"}, false};
    const auto outcome = wake();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, ErrorKind::denied);
}

TEST_F(InvocationTest, FailedLaterPassIsLoggedAndFailsTheInvocation) {
    cluster.add_registered(1);
    cluster.clock.on_sleep = [&] { cluster.store.away = StoreFault{}; };
    const auto outcome = wake();
    ASSERT_TRUE(outcome);
    EXPECT_FALSE(outcome->succeeded);
    EXPECT_TRUE(cluster.log.has("pass_failed"));
    EXPECT_EQ(outcome->record.plan.decision, DecisionKind::scale_up);
}

TEST_F(InvocationTest, ResultIsTheLastPassThatDidSomething) {
    cluster.add_registered(1);
    cluster.clock.on_sleep = [&] {
        if (cluster.clock.sleeps.size() == 2) cluster.settings.policy.limits.min_nodes = 3;
    };
    const auto outcome = wake();
    ASSERT_TRUE(outcome);
    EXPECT_EQ(cluster.fleet.launches.size(), 2U);
    EXPECT_EQ(outcome->record.epoch, 3);
}

TEST_F(InvocationTest, DuplicateAndConcurrentInvocationsLaunchOnce) {
    cluster.add_registered(1);
    const auto answer = cluster.metrics.answer;
    bool inside = false;
    cluster.metrics.answer = [&](Time now) {
        // While the first one waits for Prometheus the same event is delivered twice more.
        if (!std::exchange(inside, true)) {
            for (int i = 0; i < 2; ++i) {
                const auto other = wake();
                EXPECT_TRUE(other && other->held_by_another);
            }
        }
        return answer(now);
    };
    ASSERT_TRUE(wake());
    cluster.metrics.answer = answer;
    ASSERT_TRUE(wake());
    EXPECT_EQ(cluster.fleet.instances.size(), 2U);
}

}  // namespace
}  // namespace nodenap::test
