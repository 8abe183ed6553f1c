// Breaches that a broken program would make one at a time, each seen for what it is.

#include "sim/checker/checker.hpp"

#include "sim/court.hpp"

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

/// Both nodes go by one decision; each is told with so many pods.
std::string broken_by_two(std::int64_t pods, int most) {
    Court court;
    court.world.settings.policy.limits.min_nodes = 0;
    court.world.settings.policy.scale_down.max_empty_removals_per_pass = most;
    Signals signals;
    std::vector<Node> nodes{node_of("i-another", 100)};
    std::vector<std::string> ids;
    for (const auto& machine : court.world.cloud.machines()) {
        if (!machine.ours) continue;
        ids.push_back(machine.instance.id);
        nodes.push_back(node_of(ids.back(), 50));
        nodes.back().only_daemonset_pods = pods == 0;
    }
    signals.nodes = nodes;
    signals.cpu = Use{5, {{"i-another", 0.1, 2}}};
    const auto sender = court.told(std::move(signals));
    for (const auto& id : ids) court.announce(sender, id, "underused");
    return court.broken();
}

TEST(CheckerOfARemoval, LetsEmptyNodesGoTogether) {
    EXPECT_EQ(broken_by_two(0, 2), "");
    EXPECT_EQ(broken_by_two(1, 2), "I8 ") << "what runs pods goes alone";
    EXPECT_EQ(broken_by_two(0, 1), "I8 ") << "and no more than the policy says";
}

TEST(CheckerOfARemoval, SeesWhatIsNotDead) {
    const auto broken = [](Milliseconds notready, bool pods_deleting) {
        Court court;
        court.world.cluster.set({"default/web", 2, {{500}, {200}, 1}, {10}});
        court.world.timeline.run_until(court.world.timeline.now() + 5min);
        const auto id = court.first_of_ours();
        auto& machine = *court.world.cloud.find(id);
        if (pods_deleting) court.world.cluster.set_ready(id, false);
        court.world.timeline.run_until(court.world.timeline.now() + 6min);
        machine.asked_to_go = false;
        machine.not_told_ready_since = court.world.timeline.now() - notready;
        court.announce(court.holder(), id, not_ready);
        return court.broken();
    };
    EXPECT_EQ(broken(10min, true), "");
    EXPECT_EQ(broken(8min, true), "I8 ") << "a moment ago";
    EXPECT_EQ(broken(10min, false), "I8 ") << "its pods run";
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
    const auto id = court.first_of_ours();
    ASSERT_TRUE(court.world.write({}, {{"sim", "state"}, notice_of(id), {}}));
    court.world.checker.at_rest(world_begins);
    EXPECT_EQ(court.broken(), "") << "a forged one stays while its instance runs";
    court.world.settings.policy.limits.min_nodes = 1;
    court.world.cloud.find(id)->warned_at = world_begins;
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
