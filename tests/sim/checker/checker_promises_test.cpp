// Breaches that a broken program would make one at a time, each seen for what it is.

#include "sim/checker/checker.hpp"

#include "sim/checker_fixture.hpp"

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

TEST(CheckerOfALease, DetectsALeaseLongerThanAnyPass) {
    for (const auto more : {0ms, 1ms}) {
        CheckerFixture fixture;
        auto sender = fixture.holder();
        sender.acquires = true;
        sender.asked_at = fixture.world.timeline.now();
        sender.lease_ends = sender.asked_at + longest_invocation + lease_margin + more;
        fixture.world.checker.state_written(sender, {});
        EXPECT_EQ(fixture.broken(), more == 0ms ? "" : "L3 ");
    }
}

TEST(CheckerOfALaunch, DetectsALaunchThatDiffersFromItsRecord) {
    CheckerFixture fixture;
    auto operation = fixture.announce_launch(fixture.holder(), "one more");
    operation.offering.zone = "zone-b";
    (void)fixture.world.launch(fixture.holder(), operation);
    EXPECT_EQ(fixture.broken(), "I4 ");
}

TEST(CheckerOfALaunch, DetectsTooManyLaunchesPerHour) {
    CheckerFixture fixture;  // two have been launched in it
    fixture.world.settings.policy.limits.max_launches_per_hour = 3;
    ASSERT_TRUE(
        fixture.world.launch(fixture.holder(), fixture.announce_launch(fixture.holder(), "a")));
    EXPECT_EQ(fixture.broken(), "");
    ASSERT_TRUE(
        fixture.world.launch(fixture.holder(), fixture.announce_launch(fixture.holder(), "b")));
    EXPECT_EQ(fixture.broken(), "I7 ");
}

TEST(CheckerOfARemoval, DetectsReadyNodeTerminatedAsUnregistered) {
    CheckerFixture fixture;
    auto& machine = *fixture.world.cloud.find(fixture.first_of_ours());
    machine.seen_registered_at.reset();
    machine.observations = 9;
    auto sender = fixture.holder();
    sender.had_nodes = false;
    fixture.announce(sender, machine.instance.id, "not_joined");
    EXPECT_EQ(fixture.broken(), "I5 ");
}

TEST(CheckerOfARemoval, DetectsPodsOnARemovedNode) {
    CheckerFixture fixture;
    fixture.world.settings.policy.limits.min_nodes = 0;
    fixture.world.cluster.set({"default/web", 30, {{20}, {20}, 1}, {10}});
    fixture.world.timeline.run_until(fixture.world.timeline.now() + 30min);
    fixture.announce(fixture.holder(), fixture.first_of_ours(), "underused");
    EXPECT_EQ(fixture.broken(), "I8 ");
}

/// One of two nodes goes, with pods that ask for so much, and so many cores are busy on each.
std::string broken_by_removal(int millicores_asked, double busy) {
    CheckerFixture fixture;
    fixture.world.settings.policy.limits.min_nodes = 0;
    const auto id = fixture.first_of_ours();
    Signals signals;
    signals.nodes = std::vector<Node>{node_of(id, millicores_asked), node_of("i-another", 500)};
    signals.cpu = Use{50, {{id, busy, 2}, {"i-another", busy, 2}}};
    fixture.announce(fixture.sender_with(std::move(signals)), id, "underused");
    return fixture.broken();
}

TEST(CheckerOfARemoval, DetectsPodsThatFitNowhereElse) {
    EXPECT_EQ(broken_by_removal(900, 0.5), "");
    EXPECT_EQ(broken_by_removal(1900, 0.5), "I8 ");
}

TEST(CheckerOfARemoval, DetectsARemovalThatWouldTriggerScaleUp) {
    EXPECT_EQ(broken_by_removal(100, 0.5), "");
    EXPECT_EQ(broken_by_removal(100, 0.9), "L5 ");
}

/// Both nodes go by one decision; each is told with so many pods.
std::string broken_by_two(std::int64_t pods, int most) {
    CheckerFixture fixture;
    fixture.world.settings.policy.limits.min_nodes = 0;
    fixture.world.settings.policy.scale_down.max_empty_removals_per_pass = most;
    Signals signals;
    std::vector<Node> nodes{node_of("i-another", 100)};
    std::vector<std::string> ids;
    for (const auto& machine : fixture.world.cloud.machines()) {
        if (!machine.ours) continue;
        ids.push_back(machine.instance.id);
        nodes.push_back(node_of(ids.back(), 50));
        nodes.back().only_daemonset_pods = pods == 0;
    }
    signals.nodes = nodes;
    signals.cpu = Use{5, {{"i-another", 0.1, 2}}};
    const auto sender = fixture.sender_with(std::move(signals));
    for (const auto& id : ids) fixture.announce(sender, id, "underused");
    return fixture.broken();
}

TEST(CheckerOfARemoval, AllowsEmptyNodesToBeRemovedTogether) {
    EXPECT_EQ(broken_by_two(0, 2), "");
    EXPECT_EQ(broken_by_two(1, 2), "I8 ") << "what runs pods goes alone";
    EXPECT_EQ(broken_by_two(0, 1), "I8 ") << "and no more than the policy says";
}

TEST(CheckerOfARemoval, DetectsARemovalOfALiveNode) {
    const auto broken = [](Milliseconds notready, bool pods_deleting) {
        CheckerFixture fixture;
        fixture.world.cluster.set({"default/web", 2, {{500}, {200}, 1}, {10}});
        fixture.world.timeline.run_until(fixture.world.timeline.now() + 5min);
        const auto id = fixture.first_of_ours();
        auto& machine = *fixture.world.cloud.find(id);
        if (pods_deleting) fixture.world.cluster.set_ready(id, false);
        fixture.world.timeline.run_until(fixture.world.timeline.now() + 6min);
        machine.being_removed = false;
        machine.not_ready_since = fixture.world.timeline.now() - notready;
        fixture.announce(fixture.holder(), id, "not_ready");
        return fixture.broken();
    };
    EXPECT_EQ(broken(10min, true), "");
    EXPECT_EQ(broken(8min, true), "I8 ") << "a moment ago";
    EXPECT_EQ(broken(10min, false), "I8 ") << "its pods run";
}

TEST(CheckerSteadyState, DetectsAnUnregisteredInstanceThatStillRuns) {
    CheckerFixture fixture;
    fixture.world.timeline.run_until(fixture.world.timeline.now() + 1h);
    fixture.world.cloud.find(fixture.first_of_ours())->joined = false;
    fixture.world.checker.in_steady_state(world_begins);
    EXPECT_EQ(fixture.broken(), "L4 ");
}

TEST(CheckerSteadyState, DetectsASavedInterruption) {
    CheckerFixture fixture;
    const auto id = fixture.first_of_ours();
    ASSERT_TRUE(fixture.world.write({}, {{"sim", "state"}, interruption_of(id), {}}));
    fixture.world.checker.in_steady_state(world_begins);
    EXPECT_EQ(fixture.broken(), "") << "a forged one stays while its instance runs";
    fixture.world.settings.policy.limits.min_nodes = 1;
    fixture.world.cloud.find(id)->warned_at = world_begins;
    fixture.world.checker.in_steady_state(world_begins);
    EXPECT_EQ(fixture.broken(), "L6 ");
}

TEST(CheckerSteadyState, DetectsFlapping) {
    CheckerFixture fixture;
    fixture.world.settings.policy.limits.min_nodes = 0;
    fixture.world.timeline.run_until(world_begins + 4h);
    ASSERT_TRUE(
        fixture.world.launch(fixture.holder(), fixture.announce_launch(fixture.holder(), "more")));
    fixture.announce(fixture.holder(), fixture.first_of_ours(), "underused");
    fixture.world.checker.in_steady_state(world_begins);
    EXPECT_NE(fixture.broken().find("L5"), std::string::npos) << fixture.broken();
}

}  // namespace
}  // namespace nodenap::sim
