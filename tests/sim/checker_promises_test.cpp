// Breaches that a broken program would make one at a time, each seen for what it is.

#include "sim/checker.hpp"

#include "court.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace nodenap::sim {
namespace {

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

/// One of two nodes goes, with pods that ask for so much, and so many cores are busy on each.
std::string broken_by_removal(int millicores_asked, double busy) {
    Court court;
    court.world.settings.policy.limits.min_nodes = 0;
    const auto id = court.first_of_ours();
    Signals signals;
    signals.nodes = std::vector<Node>{node_of(id, millicores_asked), node_of("i-another", 500)};
    signals.cpu = Use{50, {{id, busy, 2}, {"i-another", busy, 2}}};
    court.announce(court.told(std::move(signals)), id, "underused");
    return court.broken();
}

TEST(CheckerOfARemoval, SeesPodsThatFitNowhereElse) {
    EXPECT_EQ(broken_by_removal(900, 0.5), "");
    EXPECT_EQ(broken_by_removal(1900, 0.5), "I8 ");
}

TEST(CheckerOfARemoval, SeesThatANodeWouldBeAddedAgain) {
    EXPECT_EQ(broken_by_removal(100, 0.5), "");
    EXPECT_EQ(broken_by_removal(100, 0.9), "L5 ");
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
    const auto change = notice_of(court.first_of_ours());
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
