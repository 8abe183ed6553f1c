#include "cluster_fixture.hpp"

#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

using namespace std::chrono_literals;

class EffectsTest : public ClusterTest {
protected:
    int writes_of_operations() {
        int count = 0;
        for (const auto& write : cluster.store.writes) {
            const auto& set = write.change.set;
            count += std::any_of(set.begin(), set.end(), [](const auto& each) {
                return each.first.attribute == "open_intents";
            });
        }
        return count;
    }
};

TEST_F(EffectsTest, AtMostFiveCallsAreInFlightAtOnce) {
    ask_for(8);
    std::vector<std::size_t> batches;
    struct Counting final : Fleet {
        Counting(FakeFleet& below, std::vector<std::size_t>& sizes)
            : fleet(below), batches_seen(sizes) {}
        Result<std::vector<Instance>> list() override { return fleet.list(); }
        std::vector<Result<Instance>> launch(const std::vector<Operation>& operations) override {
            batches_seen.push_back(operations.size());
            return fleet.launch(operations);
        }
        std::vector<Status> terminate(const std::vector<std::string>& ids) override {
            return fleet.terminate(ids);
        }
        FakeFleet& fleet;
        std::vector<std::size_t>& batches_seen;
    };
    Counting fleet(cluster.fleet, batches);
    const Ports ports{cluster.clock, cluster.metrics, fleet,
                      cluster.store, cluster.codec,   cluster.log};
    ASSERT_TRUE(reconcile(ports, cluster.settings, Scheduled{}, cluster.claim()));
    EXPECT_EQ(batches, (std::vector<std::size_t>{5, 3}));
}

TEST_F(EffectsTest, BatchIsRecordedInOneWriteAndMayHaveMixedResults) {
    ask_for(3);
    cluster.store.writes.clear();
    cluster.fleet.launch_errors = {{ErrorKind::unknown_outcome, "no answer"},
                                   {ErrorKind::denied, "no right"}};
    const auto outcome = pass();
    EXPECT_EQ(effects(outcome.record, "launch"), 3U);
    EXPECT_FALSE(outcome.succeeded);
    const auto open = cluster.state().open_operations;
    ASSERT_EQ(open.size(), 1U) << "the unknown one";
    EXPECT_EQ(open.front(), cluster.fleet.launches.front());
    EXPECT_EQ(cluster.state().launched.size(), 1U);
    EXPECT_EQ(cluster.state().memory.launches.size(), 2U);
    EXPECT_EQ(writes_of_operations(), 1);
}

struct ErrorCase {
    const char* name;
    Error error;
    std::size_t tries;  // of this pass
    bool open;          // the first operation, afterwards
    bool rests;         // whether the first offering is in backoff
    bool succeeded;
    bool in_flight;
};

TEST_F(EffectsTest, EachErrorKindOfALaunchIsHandled) {
    const ErrorCase cases[] = {
        {"unavailable", {ErrorKind::unavailable, "away"}, 1, true, false, false, true},
        {"throttled", {ErrorKind::throttled, "slow"}, 1, true, false, false, true},
        {"unknown", lost_answer, 1, true, false, false, true},
        {"conflict", {ErrorKind::conflict, "other"}, 1, true, false, false, true},
        {"no capacity", no_capacity, 2, false, true, true, true},
        {"denied", {ErrorKind::denied, "no right"}, 1, false, true, false, false},
        {"invalid", {ErrorKind::invalid, "no template"}, 1, false, true, false, false}};
    for (const auto& each : cases) {
        Cluster fresh;
        fresh.add_registered(2);
        fresh.idle_for_long();
        fresh.pending = large_pods(1);
        fresh.fleet.launch_errors = {each.error};
        const auto outcome = fresh.pass();
        ASSERT_TRUE(outcome) << each.name;
        EXPECT_EQ(fresh.fleet.launches.size(), each.tries) << each.name;
        const auto first = fresh.fleet.launches.front();
        const auto open = fresh.state().open_operations;
        const bool is_open = std::find(open.begin(), open.end(), first) != open.end();
        EXPECT_EQ(is_open, each.open) << each.name;
        EXPECT_EQ(is_in_backoff(fresh.state().memory, first.offering, fresh.clock.now()),
                  each.rests)
            << each.name;
        EXPECT_EQ(outcome->succeeded, each.succeeded) << each.name;
        EXPECT_EQ(outcome->in_flight, each.in_flight) << each.name;
        EXPECT_NE(effect(outcome->record, "launch"), nullptr) << each.name;
    }
}

TEST_F(EffectsTest, DeniedLaunchIsTriedOncePerInvocation) {
    ask_for(1);
    const Error denied{ErrorKind::denied, "no right", "UnauthorizedOperation"};
    for (const auto& offering : all_offerings()) cluster.fleet.refused_offerings[offering] = denied;
    ASSERT_TRUE(cluster.wake());
    EXPECT_EQ(cluster.fleet.launches.size(), 1U);
}

TEST_F(EffectsTest, NothingIsSentShortlyBeforeTheLeaseExpires) {
    ask_for(8);
    cluster.fleet.on_launch = [&](const Operation&) {
        if (cluster.fleet.launches.size() == 5) cluster.clock.advance(90s);
    };
    const auto outcome = pass();
    EXPECT_EQ(cluster.fleet.launches.size(), 5U) << "the second batch was not started";
    EXPECT_FALSE(outcome.succeeded);
    EXPECT_TRUE(cluster.log.has("lease_ending"));
    EXPECT_TRUE(cluster.state().lease_owner.empty()) << "but released";
    EXPECT_EQ(cluster.state().launched.size(), 5U);
    EXPECT_EQ(cluster.state().open_operations.size(), 3U);
    pass();
    EXPECT_EQ(cluster.fleet.instances.size(), 10U) << "the next pass sends the recorded operations";
}

TEST_F(EffectsTest, LaunchesAndRemovalsStopShortlyBeforeTheLeaseExpires) {
    ask_for(7);
    const auto late = cluster.add_late();
    cluster.fleet.refused_offerings = {{small_a, no_capacity}, {small_b, no_capacity}};
    cluster.fleet.on_launch = [&](const Operation&) {
        if (cluster.fleet.launches.size() == 5) cluster.clock.advance(90s);
    };
    pass();
    EXPECT_EQ(cluster.fleet.launches.size(), 5U) << "no other offering was tried";
    EXPECT_TRUE(cluster.fleet.terminations.empty());
    const auto& events = cluster.log.events;
    EXPECT_EQ(std::count_if(events.begin(), events.end(),
                            [](const LogEvent& event) { return event.name == "lease_ending"; }),
              1)
        << "logged once";
    EXPECT_EQ(cluster.state().open_operations.size(), 3U) << "two launches and the removal";
    pass();
    EXPECT_EQ(cluster.fleet.terminations, (std::vector<std::string>{late}));
}

}  // namespace
}  // namespace nodenap::test
