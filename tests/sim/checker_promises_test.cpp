// Breaches that a broken program would make one at a time, each seen for what it is.

#include "sim/checker.hpp"

#include "court.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

namespace nodenap::sim {
namespace {

/// A holder that was told these signals, and no others.
Sender told(const Court& court, Signals signals) {
    auto sender = court.holder();
    sender.told = std::make_shared<const Signals>(std::move(signals));
    return sender;
}

Node node_of(const std::string& id, int millicores_asked) {
    Node node;
    node.name = node.instance_id = id;
    node.ready = true;
    node.allocatable = {Millicores{1900}, Mebibytes{1500}, 110};
    node.requested = {Millicores{millicores_asked}, Mebibytes{100}, 5};
    return node;
}

TEST(CheckerOfALease, SeesOneThatIsLongerThanAnyPass) {
    for (const auto more : {0ms, 1ms}) {
        Court court;
        auto sender = court.holder();
        sender.acquires = true;
        sender.asked_at = court.world.timeline.now();
        sender.lease_ends = sender.asked_at + longest_invocation + lease_margin + more;
        court.world.checker.state_written(sender, {});
        EXPECT_EQ(court.broken(), more == 0ms ? "" : "L3 ");
    }
}

TEST(CheckerOfALaunch, SeesOneInOtherWordsThanItsAnnouncement) {
    Court court;
    auto intent = court.announce_launch(court.holder(), "one more");
    intent.offer.zone = "zone-b";
    (void)court.world.launch(court.holder(), intent);
    EXPECT_EQ(court.broken(), "I4 ");
}

TEST(CheckerOfALaunch, SeesMoreThanAnHourMayHave) {
    Court court;  // two have been launched in it
    court.world.settings.policy.limits.max_launches_per_hour = 3;
    ASSERT_TRUE(court.world.launch(court.holder(), court.announce_launch(court.holder(), "a")));
    EXPECT_EQ(court.broken(), "");
    ASSERT_TRUE(court.world.launch(court.holder(), court.announce_launch(court.holder(), "b")));
    EXPECT_EQ(court.broken(), "I7 ");
}

TEST(CheckerOfARemoval, SeesAReadyNodeGivenUpWhileMostAreHidden) {
    Court court;
    auto& machine = *court.world.cloud.find(court.first_of_ours());
    machine.seen_joined_at.reset();
    machine.sights = 9;
    auto sender = court.holder();
    sender.saw_nodes = false;
    court.announce(sender, machine.instance.id, not_joined);
    EXPECT_EQ(court.broken(), "I5 ");
}

TEST(CheckerOfARemoval, SeesPodsOnWhatGoes) {
    Court court;
    court.world.settings.policy.limits.min_nodes = 0;
    court.world.cluster.set({"default/web", 30, {{20}, {20}, 1}, {10}});
    court.world.timeline.run_until(court.world.timeline.now() + 30min);
    court.announce(court.holder(), court.first_of_ours(), "underused");
    EXPECT_EQ(court.broken(), "I8 ");
}

TEST(CheckerOfARemoval, SeesPodsThatFitNowhereElse) {
    for (const int asked : {900, 1900}) {
        Court court;
        court.world.settings.policy.limits.min_nodes = 0;
        const auto id = court.first_of_ours();
        Signals signals;
        signals.nodes = std::vector<Node>{node_of(id, asked), node_of("i-another", 500)};
        court.announce(told(court, std::move(signals)), id, "underused");
        EXPECT_EQ(court.broken(), asked == 900 ? "" : "I8 ");
    }
}

TEST(CheckerOfARemoval, SeesThatANodeWouldBeAddedAgain) {
    for (const double busy : {0.5, 0.9}) {
        Court court;
        court.world.settings.policy.limits.min_nodes = 0;
        const auto id = court.first_of_ours();
        Signals signals;
        signals.nodes = std::vector<Node>{node_of(id, 100), node_of("i-another", 100)};
        signals.cpu = Use{50, {{id, busy, 2}, {"i-another", busy, 2}}};
        court.announce(told(court, std::move(signals)), id, "underused");
        EXPECT_EQ(court.broken(), busy == 0.5 ? "" : "L5 ");
    }
}

TEST(CheckerAtRest, SeesWhatNeverJoinedAndRuns) {
    Court court;
    court.world.timeline.run_until(court.world.timeline.now() + 1h);
    court.world.cloud.find(court.first_of_ours())->joined = false;
    court.world.checker.at_rest(world_begins);
    EXPECT_EQ(court.broken(), "L4 ");
}

TEST(CheckerAtRest, SeesANoticeThatIsKept) {
    Court court;
    Change change;
    change.set.push_back({{"notices", court.first_of_ours()}, {AttributeMap{}}});
    ASSERT_TRUE(court.world.write({}, {{"sim", "state"}, change, {}}));
    court.world.checker.at_rest(world_begins);
    EXPECT_EQ(court.broken(), "L6 ");
}

TEST(CheckerAtRest, SeesThatNodesComeAndGoForNothing) {
    Court court;
    court.world.settings.policy.limits.min_nodes = 0;
    court.world.timeline.run_until(world_begins + 4h);
    ASSERT_TRUE(court.world.launch(court.holder(), court.announce_launch(court.holder(), "more")));
    court.announce(court.holder(), court.first_of_ours(), "underused");
    court.world.checker.at_rest(world_begins);
    EXPECT_NE(court.broken().find("L5"), std::string::npos) << court.broken();
}

}  // namespace
}  // namespace nodenap::sim
