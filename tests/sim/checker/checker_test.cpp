#include "sim/checker/checker.hpp"

#include "sim/court.hpp"

#include <gtest/gtest.h>

namespace nodenap::sim {
namespace {

TEST(Checker, SeesAServerTerminated) {
    Court court;
    (void)court.world.terminate("i-server");
    EXPECT_EQ(court.broken(), "I1 I1 I10 ");
}

TEST(Checker, SeesWhatWasNotWrittenDown) {
    Court court;
    Intent intent;
    intent.id = "never announced";
    intent.offer = {"workers", "t2.small", "zone-a", Capacity::on_demand};
    ASSERT_TRUE(court.world.launch(court.holder(), intent));
    (void)court.world.terminate(court.first_of_ours());
    EXPECT_EQ(court.broken(), "I10 I10 ");
}

TEST(Checker, SeesARemovalBelowTheMinimum) {
    Court court;
    court.announce(court.holder(), court.first_of_ours(), "underused");
    EXPECT_EQ(court.broken(), "I3 ");
}

TEST(Checker, LetsWhatBootsGoWhereFewHaveJoined) {
    Court court;
    const auto id = court.first_of_ours();
    court.world.cloud.find(id)->seen_joined_at.reset();
    court.announce(court.holder(), id, "above_maximum");
    EXPECT_EQ(court.broken(), "");
}

TEST(Checker, SeesARemovalWithoutSight) {
    Court court;
    auto blind = court.holder();
    blind.saw_all = false;
    court.world.settings.policy.limits.min_nodes = 0;
    court.announce(blind, court.first_of_ours(), "underused");
    EXPECT_EQ(court.broken(), "I5 ");
}

TEST(Checker, SeesAWriteOfAnOlderEpoch) {
    Court court;
    auto old = court.holder();
    --old.epoch;
    Change change;
    change.set = {{{"memory"}, {std::string("old")}}};
    ASSERT_TRUE(court.world.write(old, {{"sim", "state"}, change, {}}));
    EXPECT_EQ(court.broken(), "I6 ");
}

TEST(Checker, SeesMoreThanTheMaximum) {
    Court court;
    court.world.settings.policy.limits.max_nodes = 2;
    Intent intent;
    intent.id = "one more";
    intent.offer = {"workers", "t2.small", "zone-a", Capacity::on_demand};
    ASSERT_TRUE(court.world.launch(court.holder(), intent));
    EXPECT_EQ(court.broken(), "I10 I2 ");
}

TEST(Checker, SeesALeaseThatStaysHeldAndAnIntentThatStaysOpen) {
    Court court;
    Change change;
    change.set = {{{"lease_owner"}, {std::string("a dead one")}}};
    ASSERT_TRUE(court.world.write(court.holder(), {{"sim", "state"}, change, {}}));
    court.world.settings.policy.limits.min_nodes = 0;
    court.announce(court.holder(), court.first_of_ours(), "underused");
    court.world.checker.at_rest(world_begins);
    EXPECT_EQ(court.broken(), "L3 L4 ");
}

TEST(Checker, LetsTheNextPassSettleWhatTheLastHasJustWrittenDown) {
    for (const auto age : {Milliseconds{5min}, 5min + 1ms}) {
        Court court;
        Intent intent;
        intent.id = "of the last pass";
        intent.kind = IntentKind::remove;
        intent.since = court.world.timeline.now() - age;
        intent.reason = not_joined;
        Change change;
        nodenap::announce(change, intent);
        ASSERT_TRUE(court.world.write(court.holder(), {{"sim", "state"}, change, {}}));
        court.world.checker.at_rest(world_begins);
        EXPECT_EQ(court.broken(), age > 5min ? "L4 " : "");
    }
}

/// One of two nodes goes, `later` after the other was warned, where one must stay.
std::string broken_by_removal_after_warning(Milliseconds later, bool written_down = true) {
    Court court;
    court.world.settings.policy.limits.min_nodes = 1;
    const auto going = court.first_of_ours();
    for (auto& machine : court.world.cloud.machines()) {
        if (machine.ours && machine.instance.id != going) court.world.cloud.warn(machine);
        if (!written_down || !machine.warned_at) continue;
        const auto notice = notice_of(machine.instance.id);
        EXPECT_TRUE(court.world.write(court.holder(), {{"sim", "state"}, notice, {}}));
    }
    auto sender = court.holder();
    sender.asked_at = court.world.timeline.now() + later;
    court.announce(sender, going, "underused");
    return court.broken();
}

TEST(Checker, TakesARefusedRemovalBackOnceItIsSaved) {
    Court court;
    court.world.settings.policy.limits.min_nodes = 0;
    const auto id = court.first_of_ours();
    court.announce(court.holder(), id, "underused");
    court.world.checker.termination_refused(id);
    EXPECT_TRUE(court.world.cloud.find(id)->asked_to_go) << "its pass may die";
    Change saves;
    saves.set = {{{"memory"}, {std::string("0")}}};
    ASSERT_TRUE(court.world.write(court.holder(), {{"sim", "state"}, saves, {}}));
    EXPECT_FALSE(court.world.cloud.find(id)->asked_to_go);
    EXPECT_EQ(court.broken(), "");
}

TEST(Checker, ExpectsNoCooldownAfterARefusedRemoval) {
    for (const bool refused : {false, true}) {
        Court court;
        court.world.settings.policy.limits.min_nodes = 0;
        for (const auto& machine : court.world.cloud.machines()) {
            if (!machine.ours) continue;
            court.announce(court.next_holder(), machine.instance.id, "underused");
            if (refused) court.world.checker.termination_refused(machine.instance.id);
        }
        EXPECT_EQ(court.broken(), refused ? "" : "I11 ");
    }
}

TEST(Checker, SeesThatWhatIsGivenUpHoldsPods) {
    for (const bool holds_pods : {false, true}) {
        Court court;
        const auto id = court.first_of_ours();
        auto& machine = *court.world.cloud.find(id);
        machine.seen_joined_at.reset();
        machine.sights = 9;
        Signals signals;
        Node node;
        node.name = node.instance_id = id;
        node.requested.pods = holds_pods ? 2 : 1;
        node.daemonset_requested.pods = 1;
        signals.nodes = std::vector<Node>{node};
        court.announce(court.told(std::move(signals)), id, "not_joined");
        EXPECT_EQ(court.broken(), holds_pods ? "I8 " : "");
    }
}

TEST(Checker, KnowsThatASpotWarningTravels) {
    EXPECT_EQ(broken_by_removal_after_warning(15s), "");
    EXPECT_EQ(broken_by_removal_after_warning(15s + 1ms), "I3 ");
    EXPECT_EQ(broken_by_removal_after_warning(1min, false), "") << "its pass died";
}

TEST(Checker, SeesALateCopyOfAWrite) {
    Court court;
    const Change change{{{{"last_pass_at"}, {std::int64_t{1}}}}, {}, {}, {}};
    auto sender = court.holder();
    ASSERT_TRUE(court.world.write(sender, {{"sim", "state"}, change, {}}));
    --sender.sent;
    ASSERT_TRUE(court.world.write(sender, {{"sim", "state"}, change, {}}));
    EXPECT_EQ(court.broken(), "I6 ");
}

TEST(Checker, SeesACallThatBeginsAfterTheLease) {
    Court court;
    auto sender = court.holder();
    sender.lease_ends = court.world.timeline.now() + 1ms;
    court.world.checker.acting(sender);
    EXPECT_EQ(court.broken(), "");
    sender.lease_ends = court.world.timeline.now();
    court.world.checker.acting(sender);
    EXPECT_EQ(court.broken(), "I6 ");
}

TEST(Checker, SeesANoticeOfWhatIsNotOurs) {
    Court court;
    const auto change = notice_of("i-server");
    ASSERT_TRUE(court.world.write({}, {{"sim", "state"}, change, {}}));
    EXPECT_EQ(court.broken(), "L6 ");
}

TEST(Checker, SeesANoticeThatIsTakenAwayTooSoon) {
    Court court;
    const auto id = court.first_of_ours();
    court.world.cloud.find(id)->instance.offer.capacity = Capacity::spot;
    ASSERT_TRUE(court.world.write({}, {{"sim", "state"}, notice_of(id), {}}));
    auto sender = court.holder();
    sender.asked_at = court.world.timeline.now();
    Change change;
    change.remove.push_back({"notices", id});
    ASSERT_TRUE(court.world.write(sender, {{"sim", "state"}, change, {}}));
    EXPECT_EQ(court.broken(), "L6 ");
}

TEST(Checker, SeesAWarningThatIsNotKept) {
    Court court;
    const auto id = court.first_of_ours();
    court.world.checker.warning_handled(id);
    EXPECT_EQ(court.broken(), "L6 ");
    ASSERT_TRUE(court.world.write({}, {{"sim", "state"}, notice_of(id), {}}));
    court.world.checker.warning_handled(id);
    EXPECT_EQ(court.broken(), "L6 ");
}

TEST(Checker, SeesARefusedOfferThatIsAskedForAgain) {
    Court court;
    const auto sender = court.holder();
    auto earlier = sender;
    --earlier.epoch;
    court.world.checker.offer_refused(earlier, plain_offer);
    court.announce_launch(sender, "another pass");
    EXPECT_EQ(court.broken(), "");
    court.world.checker.offer_refused(sender, plain_offer);
    court.announce_launch(sender, "the same pass");
    EXPECT_EQ(court.broken(), "I7 ");
}

TEST(Checker, SeesARemovalWithinTheCooldown) {
    Court court;
    court.world.settings.policy.limits.min_nodes = 0;
    auto sender = court.holder();
    sender.now = world_begins + 1h;
    court.announce(sender, court.first_of_ours(), "underused");
    (void)court.world.terminate(court.first_of_ours());
    sender.now += court.world.settings.policy.scale_down.cooldown - 1ms;
    ++sender.sent;
    court.announce(sender, court.first_of_ours(), "underused");
    EXPECT_EQ(court.broken(), "I11 ");
}

TEST(Checker, SeesThatWhatWasReadyIsGivenUp) {
    Court court;
    court.world.wake(Scheduled{});
    court.world.timeline.run_until(court.world.timeline.now() + 2min);
    court.announce(court.holder(), court.first_of_ours(), not_joined);
    EXPECT_EQ(court.broken(), "I5 ");
}

TEST(Checker, SeesAnInstanceGivenUpByTheFirstWhoWasToldOfNodes) {
    Court court;
    const auto intent = court.announce_launch(court.holder(), "one more");
    const auto made = court.world.launch(court.holder(), intent);
    ASSERT_TRUE(made);
    court.announce(court.holder(), made->id, not_joined);
    EXPECT_EQ(court.broken(), "I5 ");
}

TEST(Checker, SeesAPriceAboveTheLimit) {
    Court court;
    court.world.settings.policy.limits.max_price_per_hour_usd = 0.05;
    ASSERT_TRUE(court.world.launch(court.holder(), court.announce_launch(court.holder(), "more")));
    EXPECT_EQ(court.broken(), "I7 ");
}

TEST(Checker, LetsOneStandAboveTheMaximumBesideOneThatEc2Interrupts) {
    Court court;
    court.world.settings.policy.pools.front().max_nodes = 2;
    auto& warned = *court.world.cloud.find(court.first_of_ours());
    warned.instance.offer.capacity = Capacity::spot;
    warned.warned_at = court.world.timeline.now();
    ASSERT_TRUE(court.world.launch(court.holder(), court.announce_launch(court.holder(), "a")));
    EXPECT_EQ(court.broken(), "");
    ASSERT_TRUE(court.world.launch(court.holder(), court.announce_launch(court.holder(), "b")));
    EXPECT_EQ(court.broken(), "I2 ");
}

TEST(Checker, CountsWhatBearsOurTagsForTheMaximum) {
    Court court;
    auto& limits = court.world.settings.policy.limits;
    limits.min_nodes = 0;
    limits.max_nodes = 4;
    court.announce(court.holder(), court.first_of_ours(), "underused");  // it leaves, and runs
    Machine tagged;
    tagged.ours = tagged.tagged_by_hand = true;
    court.world.cloud.place(std::move(tagged));
    ASSERT_TRUE(court.world.launch(court.holder(), court.announce_launch(court.holder(), "a")));
    EXPECT_EQ(court.broken(), "") << "two, one that was tagged by hand, and the new one";
    ASSERT_TRUE(court.world.launch(court.holder(), court.announce_launch(court.holder(), "b")));
    EXPECT_EQ(court.broken(), "I2 ");
}

TEST(Checker, SeesMoreThanAPoolsMaximum) {
    Court court;
    court.world.settings.policy.pools.front().max_nodes = 2;
    ASSERT_TRUE(court.world.launch(court.holder(), court.announce_launch(court.holder(), "more")));
    EXPECT_EQ(court.broken(), "I2 ");
}

}  // namespace
}  // namespace nodenap::sim
