#include "sim/checker/checker.hpp"

#include "sim/checker_fixture.hpp"

#include <gtest/gtest.h>

namespace nodenap::sim {
namespace {

TEST(Checker, DetectsATerminatedServer) {
    CheckerFixture fixture;
    (void)fixture.world.terminate("i-server");
    EXPECT_EQ(fixture.broken(), "I1 I1 I10 ");
}

TEST(Checker, DetectsUnrecordedOperations) {
    CheckerFixture fixture;
    Operation operation;
    operation.id = "never announced";
    operation.offering = {"workers", "t2.small", "zone-a", Capacity::on_demand};
    ASSERT_TRUE(fixture.world.launch(fixture.holder(), operation));
    (void)fixture.world.terminate(fixture.first_of_ours());
    EXPECT_EQ(fixture.broken(), "I10 I10 ");
}

TEST(Checker, DetectsARemovalBelowTheMinimum) {
    CheckerFixture fixture;
    fixture.announce(fixture.holder(), fixture.first_of_ours(), "underused");
    EXPECT_EQ(fixture.broken(), "I3 ");
}

TEST(Checker, AllowsRemovingABootingNode) {
    CheckerFixture fixture;
    const auto id = fixture.first_of_ours();
    fixture.world.cloud.find(id)->seen_registered_at.reset();
    fixture.announce(fixture.holder(), id, "above_maximum");
    EXPECT_EQ(fixture.broken(), "");
}

TEST(Checker, DetectsARemovalWithoutSignals) {
    CheckerFixture fixture;
    auto blind = fixture.holder();
    blind.had_all_signals = false;
    fixture.world.settings.policy.limits.min_nodes = 0;
    fixture.announce(blind, fixture.first_of_ours(), "underused");
    EXPECT_EQ(fixture.broken(), "I5 ");
}

TEST(Checker, DetectsAWriteOfAnOlderEpoch) {
    CheckerFixture fixture;
    auto old = fixture.holder();
    --old.epoch;
    Change change;
    change.set = {{{"memory"}, {std::string("old")}}};
    ASSERT_TRUE(fixture.world.write(old, {{"sim", "state"}, change, {}}));
    EXPECT_EQ(fixture.broken(), "I6 ");
}

TEST(Checker, DetectsMoreThanTheMaximum) {
    CheckerFixture fixture;
    fixture.world.settings.policy.limits.max_nodes = 2;
    Operation operation;
    operation.id = "one more";
    operation.offering = {"workers", "t2.small", "zone-a", Capacity::on_demand};
    ASSERT_TRUE(fixture.world.launch(fixture.holder(), operation));
    EXPECT_EQ(fixture.broken(), "I10 I2 ");
}

TEST(Checker, DetectsALeaseAndAnOperationLeftBehind) {
    CheckerFixture fixture;
    Change change;
    change.set = {{{"lease_owner"}, {std::string("a dead one")}}};
    ASSERT_TRUE(fixture.world.write(fixture.holder(), {{"sim", "state"}, change, {}}));
    fixture.world.settings.policy.limits.min_nodes = 0;
    fixture.announce(fixture.holder(), fixture.first_of_ours(), "underused");
    fixture.world.checker.in_steady_state(world_begins);
    EXPECT_EQ(fixture.broken(), "L3 L4 ");
}

TEST(Checker, AllowsTheNextPassToRecoverOperations) {
    for (const auto age : {Milliseconds{5min}, 5min + 1ms}) {
        CheckerFixture fixture;
        Operation operation;
        operation.id = "of the last pass";
        operation.kind = OperationKind::remove;
        operation.since = fixture.world.timeline.now() - age;
        operation.reason = "not_joined";
        Change change;
        nodenap::announce(change, operation);
        ASSERT_TRUE(fixture.world.write(fixture.holder(), {{"sim", "state"}, change, {}}));
        fixture.world.checker.in_steady_state(world_begins);
        EXPECT_EQ(fixture.broken(), age > 5min ? "L4 " : "");
    }
}

/// One of two nodes goes, `later` after the other was warned, where one must stay.
std::string broken_by_removal_after_warning(Milliseconds later, bool written_down = true) {
    CheckerFixture fixture;
    fixture.world.settings.policy.limits.min_nodes = 1;
    const auto going = fixture.first_of_ours();
    for (auto& machine : fixture.world.cloud.machines()) {
        if (machine.ours && machine.instance.id != going) fixture.world.cloud.warn(machine);
        if (!written_down || !machine.warned_at) continue;
        const auto interruption = interruption_of(machine.instance.id);
        EXPECT_TRUE(fixture.world.write(fixture.holder(), {{"sim", "state"}, interruption, {}}));
    }
    auto sender = fixture.holder();
    sender.asked_at = fixture.world.timeline.now() + later;
    fixture.announce(sender, going, "underused");
    return fixture.broken();
}

TEST(Checker, RefusedRemovalIsCancelledOnceSaved) {
    CheckerFixture fixture;
    fixture.world.settings.policy.limits.min_nodes = 0;
    const auto id = fixture.first_of_ours();
    fixture.announce(fixture.holder(), id, "underused");
    fixture.world.checker.termination_refused(id);
    EXPECT_TRUE(fixture.world.cloud.find(id)->being_removed) << "its pass may die";
    Change saves;
    saves.set = {{{"memory"}, {std::string("0")}}};
    ASSERT_TRUE(fixture.world.write(fixture.holder(), {{"sim", "state"}, saves, {}}));
    EXPECT_FALSE(fixture.world.cloud.find(id)->being_removed);
    EXPECT_EQ(fixture.broken(), "");
}

TEST(Checker, RefusedRemovalStartsNoCooldown) {
    for (const bool refused : {false, true}) {
        CheckerFixture fixture;
        fixture.world.settings.policy.limits.min_nodes = 0;
        for (const auto& machine : fixture.world.cloud.machines()) {
            if (!machine.ours) continue;
            fixture.announce(fixture.next_holder(), machine.instance.id, "underused");
            if (refused) fixture.world.checker.termination_refused(machine.instance.id);
        }
        EXPECT_EQ(fixture.broken(), refused ? "" : "I11 ");
    }
}

TEST(Checker, DetectsPodsOnAnInstanceTerminatedAsUnregistered) {
    for (const bool holds_pods : {false, true}) {
        CheckerFixture fixture;
        const auto id = fixture.first_of_ours();
        auto& machine = *fixture.world.cloud.find(id);
        machine.seen_registered_at.reset();
        machine.observations = 9;
        Signals signals;
        Node node;
        node.name = node.instance_id = id;
        node.requested.pods = holds_pods ? 2 : 1;
        node.daemonset_requested.pods = 1;
        signals.nodes = std::vector<Node>{node};
        fixture.announce(fixture.sender_with(std::move(signals)), id, "not_joined");
        EXPECT_EQ(fixture.broken(), holds_pods ? "I8 " : "");
    }
}

TEST(Checker, AllowsTimeForDeliveryOfASpotNotice) {
    EXPECT_EQ(broken_by_removal_after_warning(15s), "");
    EXPECT_EQ(broken_by_removal_after_warning(15s + 1ms), "I3 ");
    EXPECT_EQ(broken_by_removal_after_warning(1min, false), "") << "its pass died";
}

TEST(Checker, DetectsADelayedCopyOfAWrite) {
    CheckerFixture fixture;
    const Change change{{{{"last_pass_at"}, {std::int64_t{1}}}}, {}, {}, {}};
    auto sender = fixture.holder();
    ASSERT_TRUE(fixture.world.write(sender, {{"sim", "state"}, change, {}}));
    --sender.sent;
    ASSERT_TRUE(fixture.world.write(sender, {{"sim", "state"}, change, {}}));
    EXPECT_EQ(fixture.broken(), "I6 ");
}

TEST(Checker, DetectsACallAfterTheLease) {
    CheckerFixture fixture;
    auto sender = fixture.holder();
    sender.lease_ends = fixture.world.timeline.now() + 1ms;
    fixture.world.checker.acting(sender);
    EXPECT_EQ(fixture.broken(), "");
    sender.lease_ends = fixture.world.timeline.now();
    fixture.world.checker.acting(sender);
    EXPECT_EQ(fixture.broken(), "I6 ");
}

TEST(Checker, DetectsAnInterruptionOfAForeignInstance) {
    CheckerFixture fixture;
    const auto change = interruption_of("i-server");
    ASSERT_TRUE(fixture.world.write({}, {{"sim", "state"}, change, {}}));
    EXPECT_EQ(fixture.broken(), "L6 ");
}

TEST(Checker, DetectsAnInterruptionDeletedTooEarly) {
    CheckerFixture fixture;
    const auto id = fixture.first_of_ours();
    fixture.world.cloud.find(id)->instance.offering.capacity = Capacity::spot;
    ASSERT_TRUE(fixture.world.write({}, {{"sim", "state"}, interruption_of(id), {}}));
    auto sender = fixture.holder();
    sender.asked_at = fixture.world.timeline.now();
    Change change;
    change.remove.push_back({"notices", id});
    ASSERT_TRUE(fixture.world.write(sender, {{"sim", "state"}, change, {}}));
    EXPECT_EQ(fixture.broken(), "L6 ");
}

TEST(Checker, DetectsANoticeThatIsNotSaved) {
    CheckerFixture fixture;
    const auto id = fixture.first_of_ours();
    fixture.world.checker.warning_handled(id);
    EXPECT_EQ(fixture.broken(), "L6 ");
    ASSERT_TRUE(fixture.world.write({}, {{"sim", "state"}, interruption_of(id), {}}));
    fixture.world.checker.warning_handled(id);
    EXPECT_EQ(fixture.broken(), "L6 ");
}

TEST(Checker, DetectsARefusedOfferingThatIsRetried) {
    CheckerFixture fixture;
    const auto sender = fixture.holder();
    auto earlier = sender;
    --earlier.epoch;
    fixture.world.checker.offering_refused(earlier, plain_offering);
    fixture.announce_launch(sender, "another pass");
    EXPECT_EQ(fixture.broken(), "");
    fixture.world.checker.offering_refused(sender, plain_offering);
    fixture.announce_launch(sender, "the same pass");
    EXPECT_EQ(fixture.broken(), "I7 ");
}

TEST(Checker, DetectsARemovalDuringTheCooldown) {
    CheckerFixture fixture;
    fixture.world.settings.policy.limits.min_nodes = 0;
    auto sender = fixture.holder();
    sender.now = world_begins + 1h;
    fixture.announce(sender, fixture.first_of_ours(), "underused");
    (void)fixture.world.terminate(fixture.first_of_ours());
    sender.now += fixture.world.settings.policy.scale_down.cooldown - 1ms;
    ++sender.sent;
    fixture.announce(sender, fixture.first_of_ours(), "underused");
    EXPECT_EQ(fixture.broken(), "I11 ");
}

TEST(Checker, DetectsAReadyNodeTerminatedAsUnregistered) {
    CheckerFixture fixture;
    fixture.world.wake(Scheduled{});
    fixture.world.timeline.run_until(fixture.world.timeline.now() + 2min);
    fixture.announce(fixture.holder(), fixture.first_of_ours(), "not_joined");
    EXPECT_EQ(fixture.broken(), "I5 ");
}

TEST(Checker, DetectsTerminationByTheFirstPassWithNodeData) {
    CheckerFixture fixture;
    const auto operation = fixture.announce_launch(fixture.holder(), "one more");
    const auto made = fixture.world.launch(fixture.holder(), operation);
    ASSERT_TRUE(made);
    fixture.announce(fixture.holder(), made->id, "not_joined");
    EXPECT_EQ(fixture.broken(), "I5 ");
}

TEST(Checker, DetectsAPriceAboveTheLimit) {
    CheckerFixture fixture;
    fixture.world.settings.policy.limits.max_price_per_hour_usd = 0.05;
    ASSERT_TRUE(
        fixture.world.launch(fixture.holder(), fixture.announce_launch(fixture.holder(), "more")));
    EXPECT_EQ(fixture.broken(), "I7 ");
}

TEST(Checker, AllowsOneMoreWhileEc2InterruptsOne) {
    CheckerFixture fixture;
    fixture.world.settings.policy.pools.front().max_nodes = 2;
    auto& warned = *fixture.world.cloud.find(fixture.first_of_ours());
    warned.instance.offering.capacity = Capacity::spot;
    warned.warned_at = fixture.world.timeline.now();
    ASSERT_TRUE(
        fixture.world.launch(fixture.holder(), fixture.announce_launch(fixture.holder(), "a")));
    EXPECT_EQ(fixture.broken(), "");
    ASSERT_TRUE(
        fixture.world.launch(fixture.holder(), fixture.announce_launch(fixture.holder(), "b")));
    EXPECT_EQ(fixture.broken(), "I2 ");
}

TEST(Checker, CountsTaggedInstancesForTheMaximum) {
    CheckerFixture fixture;
    auto& limits = fixture.world.settings.policy.limits;
    limits.min_nodes = 0;
    limits.max_nodes = 4;
    fixture.announce(fixture.holder(), fixture.first_of_ours(),
                     "underused");  // it leaves, and runs
    Machine tagged;
    tagged.ours = tagged.tagged_by_hand = true;
    fixture.world.cloud.place(std::move(tagged));
    ASSERT_TRUE(
        fixture.world.launch(fixture.holder(), fixture.announce_launch(fixture.holder(), "a")));
    EXPECT_EQ(fixture.broken(), "") << "two, one that was tagged by hand, and the new one";
    ASSERT_TRUE(
        fixture.world.launch(fixture.holder(), fixture.announce_launch(fixture.holder(), "b")));
    EXPECT_EQ(fixture.broken(), "I2 ");
}

TEST(Checker, DetectsMoreThanAPoolsMaximum) {
    CheckerFixture fixture;
    fixture.world.settings.policy.pools.front().max_nodes = 2;
    ASSERT_TRUE(
        fixture.world.launch(fixture.holder(), fixture.announce_launch(fixture.holder(), "more")));
    EXPECT_EQ(fixture.broken(), "I2 ");
}

}  // namespace
}  // namespace nodenap::sim
