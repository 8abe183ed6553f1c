// Events about one instance, which EC2 sends for all instances of the account.

#include "cluster_fixture.hpp"
#include "controller/invocation.hpp"

#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

using namespace std::chrono_literals;

std::vector<Trigger> events_about(const std::string& id) {
    return {SpotWarning{id, "2026-11-23T20:02:00Z"}, Rebalance{id}, StateChange{id, "terminated"}};
}

std::string field_of(const LogEvent& event, const std::string& name) {
    for (const auto& [key, value] : event.fields) {
        if (key == name) return std::get<std::string>(value);
    }
    return {};
}

class InvocationEventsTest : public ClusterTest {
protected:
    /// Two workers, known from a pass.
    std::string known_instance() {
        cluster.add_registered(2);
        cluster.all_on_spot();
        cluster.idle_for_long();
        return cluster.fleet.instances.front().id;
    }
};

TEST_F(InvocationEventsTest, EventOfAForeignInstanceIsOneRead) {
    for (const auto& event : events_about("i-stranger")) {
        Cluster fresh;
        fresh.add_registered(2);
        ASSERT_TRUE(fresh.pass());
        const auto before = fresh.store.items;
        const auto writes = fresh.store.writes.size();
        const auto passes = fresh.log.passes.size();
        fresh.store.gets = fresh.fleet.lists = 0;
        const auto outcome = fresh.wake(event);
        ASSERT_TRUE(outcome) << name_of(event);
        EXPECT_EQ(reason(*outcome), ReasonCode::not_ours);
        EXPECT_EQ(outcome->record.plan.reasons.front().text,
                  "i-stranger does not belong to this cluster; event ignored");
        EXPECT_EQ(outcome->record.plan.decision, DecisionKind::hold);
        EXPECT_EQ(outcome->record.trigger, name_of(event));
        EXPECT_EQ(outcome->record.epoch, 1) << "as read: no lease was acquired";
        EXPECT_TRUE(outcome->succeeded);
        EXPECT_FALSE(outcome->in_flight);
        EXPECT_EQ(fresh.store.gets, 1);
        EXPECT_EQ(fresh.store.writes.size(), writes);
        EXPECT_EQ(fresh.store.items, before);
        EXPECT_EQ(fresh.fleet.lists, 0);
        EXPECT_EQ(fresh.log.passes.size(), passes) << "no pass";
        const auto* said = fresh.log.find("not_ours");
        ASSERT_NE(said, nullptr);
        EXPECT_EQ(field_of(*said, "trigger"), name_of(event));
        EXPECT_EQ(field_of(*said, "instance_id"), "i-stranger");
    }
}

TEST_F(InvocationEventsTest, NewClusterHasNoWorkers) {
    const auto outcome = cluster.wake(SpotWarning{"i-1", ""});
    ASSERT_TRUE(outcome);
    EXPECT_EQ(reason(*outcome), ReasonCode::not_ours);
    EXPECT_TRUE(cluster.store.items.empty()) << "reading creates nothing";
}

TEST_F(InvocationEventsTest, SpotNoticeLaunchesAReplacement) {
    const auto id = known_instance();
    const auto outcome = cluster.wake(SpotWarning{id, ""});
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->record.trigger, "spot_warning");
    EXPECT_EQ(cluster.fleet.launches.size(), 1U);
    EXPECT_FALSE(cluster.log.has("not_ours"));
    ASSERT_TRUE(cluster.state().interruptions.contains(id));
    EXPECT_EQ(cluster.state().interruptions.at(id).kind, "spot_warning");
}

TEST_F(InvocationEventsTest, OnlyFutureInterruptionsAreSaved) {
    const auto id = known_instance();
    for (const auto& event : events_about(id)) {
        Cluster fresh;
        fresh.add_registered(2);
        fresh.all_on_spot();
        fresh.idle_for_long();
        const auto outcome = fresh.wake(event);
        ASSERT_TRUE(outcome);
        EXPECT_NE(reason(*outcome), ReasonCode::not_ours) << name_of(event);
        const bool is_over = std::holds_alternative<StateChange>(event);
        EXPECT_EQ(fresh.state().interruptions.contains(id), !is_over) << name_of(event);
        if (is_over) continue;
        EXPECT_EQ(fresh.state().interruptions.at(id).kind, name_of(event));
        EXPECT_EQ(fresh.state().interruptions.at(id).at, fake_start + 10min);
    }
}

TEST_F(InvocationEventsTest, NoticeIsSavedWhileTheLeaseIsHeld) {
    const auto id = known_instance();
    ASSERT_TRUE(acquire(cluster.store, cluster.codec, "prod", cluster.claim()));
    const auto outcome = cluster.wake(SpotWarning{id, ""});
    ASSERT_TRUE(outcome);
    EXPECT_TRUE(outcome->held_by_another);
    EXPECT_TRUE(cluster.state().interruptions.contains(id)) << "for the next pass";
    cluster.outlive_the_lease();
    pass();
    EXPECT_EQ(cluster.fleet.launches.size(), 1U) << "its replacement";
}

TEST_F(InvocationEventsTest, InstanceOfAnInFlightOperationIsAWorkerWithoutMemory) {
    remove_with(cluster, lost_answer);
    const auto terminating = cluster.fleet.terminations.front();
    cluster.store.items.at({"prod", "state"})["memory"] = {std::string("{broken")};
    const auto stranger = cluster.wake(StateChange{"i-stranger", "terminated"});
    ASSERT_TRUE(stranger);
    EXPECT_EQ(reason(*stranger), ReasonCode::not_ours) << "others are not workers";
    const auto outcome = cluster.wake(StateChange{terminating, "shutting-down"});
    ASSERT_TRUE(outcome);
    EXPECT_NE(reason(*outcome), ReasonCode::not_ours);
    EXPECT_EQ(cluster.fleet.terminations.size(), 2U) << "a pass, which repeats the removal";
}

TEST_F(InvocationEventsTest, UnreadableStateIsTheResult) {
    const auto id = known_instance();
    for (const auto& event : events_about(id)) {
        cluster.store.faults = {{{ErrorKind::throttled, "slow down"}, false}};
        const auto outcome = cluster.wake(event);
        ASSERT_FALSE(outcome) << name_of(event);
        EXPECT_EQ(outcome.error().kind, ErrorKind::throttled);
    }
    EXPECT_FALSE(cluster.log.has("not_ours")) << "it is unknown whether it is a worker";
}

TEST_F(InvocationEventsTest, NoticeThatCannotBeSavedIsReportedAndThePassRuns) {
    const auto id = known_instance();
    const auto passes = cluster.log.passes.size();
    cluster.store.before_update = [&](const Key&) {
        cluster.store.before_update = nullptr;
        cluster.store.faults = {StoreFault{}};
    };
    const auto outcome = cluster.wake(SpotWarning{id, ""});
    ASSERT_TRUE(outcome);
    EXPECT_EQ(cluster.log.passes.size(), passes + 1);
    EXPECT_TRUE(cluster.state().interruptions.empty());
    const auto* said = cluster.log.find("notice_lost");
    ASSERT_NE(said, nullptr);
    EXPECT_EQ(field_of(*said, "trigger"), "spot_warning");
    EXPECT_EQ(field_of(*said, "instance_id"), id);
    EXPECT_EQ(field_of(*said, "error"), "the store is away");
}

/// The alarm is about the whole invocation: a later successful pass does not make up for a failed
/// one.
TEST_F(InvocationEventsTest, OneFailedPassFailsItsInvocation) {
    struct Case {
        const char* name;
        std::size_t fails;  // the pass without CPU data
        bool succeeded;
    };
    const Case cases[] = {{"none", 99, true}, {"the first", 1, false}, {"a later one", 2, false}};
    for (const auto& each : cases) {
        Cluster fresh;
        fresh.add_registered(2);
        fresh.idle_for_long();
        fresh.not_joined = {fresh.add_instance(1min)};
        std::size_t reads = 0;
        const auto seen = fresh.metrics.answer;
        fresh.metrics.answer = [&](Time now) {
            auto signals = seen(now);
            if (++reads == each.fails) signals.cpu = Unknown{"no answer"};
            return signals;
        };
        const auto outcome = fresh.wake(Scheduled{});
        ASSERT_TRUE(outcome) << each.name;
        EXPECT_GT(reads, 2U) << each.name;
        EXPECT_EQ(outcome->succeeded, each.succeeded) << each.name;
    }
}

}  // namespace
}  // namespace nodenap::test
