#include "cluster_fixture.hpp"

#include "controller/error_codes.hpp"

#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

using namespace std::chrono_literals;

class ApplyTest : public ClusterTest {
protected:
    std::vector<Offering> tried() {
        std::vector<Offering> offerings;
        for (const auto& operation : cluster.fleet.launches)
            offerings.push_back(operation.offering);
        return offerings;
    }
};

TEST_F(ApplyTest, OperationIsTheWholeRequest) {
    ask_for(1);
    pass();
    ASSERT_EQ(cluster.fleet.launches.size(), 1U);
    const auto& operation = cluster.fleet.launches.front();
    EXPECT_EQ(operation.offering, small_a);
    EXPECT_EQ(operation.subnet, "subnet-a");
    EXPECT_EQ(operation.launch_template, "lt-0abc");
    EXPECT_EQ(operation.launch_template_version, "3");
    EXPECT_EQ(operation.epoch, 2);
    EXPECT_EQ(operation.id, std::string(32, 'a') + "-2-0");
    EXPECT_LE(operation.id.size(), 64U) << "EC2's longest client token";
}

TEST_F(ApplyTest, RefusedOfferingIsFollowedByTheNextWithItsOwnOperation) {
    ask_for(1);
    cluster.fleet.refused_offerings = {{small_a, no_capacity}, {small_b, no_capacity}};
    const auto outcome = pass();
    EXPECT_EQ(tried(), (std::vector<Offering>{small_a, small_b, medium_a}));
    std::set<std::string> ids;
    for (const auto& operation : cluster.fleet.launches) ids.insert(operation.id);
    EXPECT_EQ(ids.size(), 3U);
    EXPECT_EQ(cluster.fleet.instances.back().offering, medium_a);
    EXPECT_TRUE(outcome.succeeded) << "missing capacity is not a failure";
    EXPECT_EQ(cluster.state().memory.unavailable_offerings.size(), 2U);
    EXPECT_EQ(cluster.state().memory.launches.size(), 1U)
        << "refused ones do not count as launches";
    EXPECT_TRUE(cluster.state().open_operations.empty());
    ASSERT_EQ(cluster.state().launched.size(), 1U);
    EXPECT_EQ(cluster.state().launched.front().offering, medium_a);
}

TEST_F(ApplyTest, RefusalOfEveryOfferingIsReported) {
    ask_for(2);
    for (const auto& offering : all_offerings())
        cluster.fleet.refused_offerings[offering] = no_capacity;
    const auto outcome = pass();
    EXPECT_EQ(cluster.fleet.instances.size(), 2U);
    EXPECT_EQ(cluster.state().memory.unavailable_offerings.size(), 4U);
    EXPECT_TRUE(cluster.state().open_operations.empty());
    EXPECT_TRUE(cluster.state().memory.launches.empty());
    const auto& reasons = outcome.record.plan.reasons;
    EXPECT_TRUE(std::any_of(reasons.begin(), reasons.end(), [](const Reason& each) {
        return each.code == ReasonCode::no_capacity;
    }));
}

TEST_F(ApplyTest, TypeNotAvailableInItsZoneIsInBackoffForADay) {
    ask_for(1);
    cluster.fleet.refused_offerings = {{small_a, {ErrorKind::no_capacity, "no", "Unsupported"}}};
    pass();
    const auto memory = cluster.state().memory;
    EXPECT_TRUE(is_in_backoff(memory, small_a, cluster.clock.now() + 24h - 1ms));
}

TEST_F(ApplyTest, NextPoolIsTriedAfterRefusals) {
    auto spare = cluster.settings.policy.pools.front();
    spare.name = "spare";
    cluster.settings.policy.pools.push_back(spare);
    ask_for(1);
    for (const auto& offering : all_offerings())
        cluster.fleet.refused_offerings[offering] = no_capacity;
    pass();
    ASSERT_EQ(cluster.fleet.instances.size(), 3U);
    EXPECT_EQ(cluster.fleet.instances.back().offering.pool, "spare");
}

TEST_F(ApplyTest, RepeatedPlanningStaysWithinTheLimits) {
    struct Ceiling {
        const char* name;
        void (*set)(Limits&);
        int pods;
        std::size_t instances;  // after the pass, of two at first
    };
    const Ceiling ceilings[] = {
        {"none", [](Limits&) {}, 3, 5},
        // Two t3.small at 0.026 each; a third fits, a t3.medium at 0.046 does not.
        {"price", [](Limits& limits) { limits.max_price_per_hour_usd = 0.08; }, 1, 2},
        {"nodes", [](Limits& limits) { limits.max_nodes = 4; }, 5, 4},
        {"per pass", [](Limits& limits) { limits.max_launches_per_pass = 2; }, 5, 4},
        {"per hour", [](Limits& limits) { limits.max_launches_per_hour = 1; }, 5, 3}};
    for (const auto& ceiling : ceilings) {
        Cluster fresh;
        fresh.add_registered(2);
        fresh.idle_for_long();
        ceiling.set(fresh.settings.policy.limits);
        fresh.pending = large_pods(ceiling.pods);
        fresh.fleet.refused_offerings = {{small_a, no_capacity}, {small_b, no_capacity}};
        ASSERT_TRUE(fresh.pass());
        EXPECT_EQ(fresh.fleet.instances.size(), ceiling.instances) << ceiling.name;
    }
}

TEST_F(ApplyTest, ReasonsOfThePlanAreNotRepeated) {
    auto spare = cluster.settings.policy.pools.front();
    spare.name = "spare";
    spare.min_nodes = 1;
    cluster.settings.policy.pools.push_back(spare);
    for (auto offering : all_offerings()) {
        cluster.fleet.refused_offerings[offering] = no_capacity;
        offering.pool = "spare";
        cluster.fleet.refused_offerings[offering] = no_capacity;
    }
    cluster.add_registered(2);
    pass();
    ASSERT_EQ(cluster.state().memory.unavailable_offerings.size(), 4U) << "the spare pool's";
    cluster.clock.advance(1min);
    cluster.pending = large_pods(1);
    const auto outcome = pass();
    EXPECT_EQ(cluster.state().memory.unavailable_offerings.size(), 8U);
    const auto& reasons = outcome.record.plan.reasons;
    EXPECT_EQ(
        std::count_if(reasons.begin(), reasons.end(),
                      [](const Reason& each) { return each.code == ReasonCode::no_capacity; }),
        1);
}

/// Both tries of the write get no response: the launch is not made, but counts.
TEST_F(ApplyTest, OperationsOfUnknownOutcomeAreCountedAndLeftToTheNextPass) {
    for (const bool landed : {false, true}) {
        Cluster fresh;
        fresh.add_registered(1);
        const StoreFault lost{{ErrorKind::unknown_outcome, "no answer"}, landed};
        std::size_t calls = 0;
        fresh.store.before_update = [&](const Key&) {
            if (++calls == 2) fresh.store.faults = {lost, lost};
        };
        const auto outcome = fresh.pass();
        ASSERT_TRUE(outcome);
        EXPECT_FALSE(outcome->succeeded);
        EXPECT_TRUE(outcome->in_flight);
        EXPECT_TRUE(fresh.fleet.launches.empty());
        ASSERT_NE(effect(outcome->record, "announce"), nullptr);
        EXPECT_EQ(effect(outcome->record, "announce")->error, "no answer");
        EXPECT_EQ(fresh.state().memory.launches.size(), 1U);
        EXPECT_EQ(fresh.state().open_operations.size(), landed ? 1U : 0U);
        fresh.clock.advance(5s);
        ASSERT_TRUE(fresh.pass());
        EXPECT_EQ(fresh.fleet.instances.size(), 2U) << landed;
    }
}

TEST_F(ApplyTest, NothingIsRecordedShortlyBeforeTheLeaseExpires) {
    ask_for(2);
    const auto answer = cluster.metrics.answer;
    cluster.metrics.answer = [&](Time now) {
        cluster.clock.advance(90s);
        return answer(now);
    };
    pass();
    EXPECT_TRUE(cluster.fleet.launches.empty());
    EXPECT_TRUE(cluster.state().open_operations.empty());
    EXPECT_TRUE(cluster.state().memory.launches.empty());
}

TEST_F(ApplyTest, LeaseLostBetweenTwoStepsStopsLaunches) {
    ask_for(1);
    cluster.fleet.refused_offerings = {{small_a, no_capacity}};
    cluster.fleet.on_launch = [&](const Operation&) {
        cluster.store.items.at({"prod", "state"})["epoch"] = {std::int64_t{99}};
    };
    const auto outcome = pass();
    EXPECT_EQ(cluster.fleet.launches.size(), 1U);
    EXPECT_FALSE(outcome.succeeded);
    EXPECT_TRUE(cluster.log.has("lease_lost"));
    EXPECT_EQ(cluster.state().epoch, 99);
    EXPECT_EQ(cluster.state().open_operations.size(), 1U) << "left for the newer epoch to recover";
}

TEST_F(ApplyTest, RemovalsAreRecordedWithLaunchesAndCountAtOnce) {
    ask_for(3);
    const auto late = cluster.add_late();
    const auto outcome = pass();
    EXPECT_EQ(cluster.fleet.terminations, (std::vector<std::string>{late}));
    EXPECT_EQ(cluster.fleet.launches.size(), 3U);
    ASSERT_NE(effect(outcome.record, "terminate"), nullptr);
    EXPECT_EQ(effect(outcome.record, "terminate")->result, "not_joined");
    EXPECT_TRUE(is_in_backoff(cluster.state().memory, small_a, cluster.clock.now()));
    EXPECT_FALSE(cluster.state().memory.last_removal_at)
        << "terminating an unregistered instance is no scale-down";
    EXPECT_EQ(cluster.state().launched.size(), 3U);
    EXPECT_EQ(cluster.state().open_operations.size(), 1U) << "until it is listed as terminating";
}

/// An account that never used spot launches on-demand instances; the history says why, also later.
TEST_F(ApplyTest, OnDemandInsteadOfSpotIsExplained) {
    ask_for(1);
    cluster.settings.policy.pools.front().capacity = CapacityChoice::spot_then_on_demand;
    const Error no_role{ErrorKind::no_capacity, "no role (create the role: aws iam …)",
                        no_spot_role};
    cluster.fleet.launch_errors.assign(2, no_role);
    const auto explained = [](const Outcome& outcome) {
        for (const auto& reason : outcome.record.plan.reasons) {
            if (reason.code == ReasonCode::spot_unavailable) return reason.text;
        }
        return std::string();
    };
    const auto first = pass();
    EXPECT_EQ(effects(first.record, "launch"), 3U) << "spot in each zone, and one on demand";
    EXPECT_NE(explained(first).find("bought on demand: spot t3.small"), std::string::npos);
    EXPECT_NE(explained(first).find("create the role"), std::string::npos) << explained(first);
    cluster.clock.advance(5s);
    cluster.settings.policy.limits.min_nodes = 5;
    const auto later = pass();
    EXPECT_NE(explained(later).find("create the role"), std::string::npos) << explained(later);
}

TEST_F(ApplyTest, InstanceThatCannotBeTerminatedCausesOneBackoff) {
    ask_for(0);
    const auto late = cluster.add_late();
    const auto offering = cluster.fleet.find(late)->offering;
    cluster.fleet.terminate_errors.emplace(late, Error{ErrorKind::denied, "protected"});
    pass();
    EXPECT_TRUE(is_in_backoff(cluster.state().memory, offering, cluster.clock.now()));
    cluster.clock.advance(4min);
    pass();
    EXPECT_EQ(cluster.fleet.terminations.size(), 1U) << "not tried again for half an hour";
    cluster.clock.advance(26min);
    pass();
    EXPECT_EQ(cluster.fleet.terminations.size(), 2U);
    EXPECT_FALSE(is_in_backoff(cluster.state().memory, offering, cluster.clock.now()));
}

TEST_F(ApplyTest, CooldownIsSavedWithTheRemovalsOperation) {
    cluster.add_registered(4);
    cluster.idle_for_long();
    cluster.settings.policy.limits.min_nodes = 2;
    // The process crashes in the call: nothing is written after the operation.
    std::size_t writes = 0;
    cluster.store.before_update = [&](const Key&) {
        if (++writes > 2) cluster.store.away = StoreFault{};
    };
    EXPECT_FALSE(pass().succeeded);
    cluster.store.before_update = nullptr;
    cluster.store.away.reset();
    cluster.outlive_the_lease();
    pass();
    EXPECT_EQ(cluster.fleet.terminations.size(), 2U) << "the two recorded ones, and no other";
    EXPECT_TRUE(cluster.state().memory.last_removal_at);
}

TEST_F(ApplyTest, MemorySavedWithAnOperationDoesNotHideItsRecord) {
    cluster.add_registered(1);
    std::size_t writes = 0;
    cluster.store.before_update = [&](const Key&) {
        if (++writes > 2) cluster.store.away = StoreFault{};
    };
    EXPECT_FALSE(pass().succeeded);
    cluster.store.away.reset();
    EXPECT_EQ(cluster.state().memory.last_reason, "");
    EXPECT_EQ(cluster.state().memory.launches.size(), 1U);
}

}  // namespace
}  // namespace nodenap::test
