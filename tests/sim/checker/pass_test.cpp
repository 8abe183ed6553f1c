// What the checker says of a pass that has ended, and of a world at rest.

#include "sim/checker/checker.hpp"

#include "sim/checker_fixture.hpp"

#include <gtest/gtest.h>

namespace nodenap::sim {
namespace {

PendingPod pod(const char* name, int cpu = 100, int memory = 100) {
    return {name, "ReplicaSet/x", {{cpu}, {memory}, 1}, world_begins};
}

/// A plan of one launch, in which these pods have their place.
Record launching(const CheckerFixture& fixture, std::vector<std::string> pods) {
    Record record;
    record.plan.now = fixture.world.timeline.now();
    record.plan.launch.push_back({plain_offering, 1, 0.023, {std::move(pods)}});
    return record;
}

TEST(CheckerOfAPass, DetectsAPodWithoutPlaceOrReason) {
    CheckerFixture fixture;
    auto record = launching(fixture, {"default/a"});
    const auto sender = fixture.told_of({pod("default/a"), pod("default/b"), pod("default/c")});
    record.plan.placed["i-1"] = {"default/b"};
    record.plan.unplaceable = {{"default/c", "why"}};
    fixture.world.checker.passed(sender, record);
    EXPECT_EQ(fixture.broken(), "");
    record.plan.unplaceable.clear();
    fixture.world.checker.passed(sender, record);
    EXPECT_EQ(fixture.broken(), "L1 ");
}

TEST(CheckerOfAPass, AcceptsALimitAsReasonUnlessNoTypeFits) {
    CheckerFixture fixture;
    auto record = launching(fixture, {});
    record.plan.reasons = {{ReasonCode::at_maximum, "full"}};
    fixture.world.checker.passed(fixture.told_of({pod("default/a")}), record);
    EXPECT_EQ(fixture.broken(), "");
    fixture.world.checker.passed(fixture.told_of({pod("default/giant", 100, 100'000)}), record);
    EXPECT_EQ(fixture.broken(), "L1 ");
}

TEST(CheckerOfAPass, DetectsANodeForPodsThatFitOnABootingOne) {
    CheckerFixture fixture;
    ASSERT_TRUE(
        fixture.world.launch(fixture.holder(), fixture.announce_launch(fixture.holder(), "more")));
    fixture.world.timeline.run_until(fixture.world.timeline.now() + 1s);
    const auto record = launching(fixture, {"default/a"});
    fixture.world.checker.passed(fixture.told_of({pod("default/a", 5000)}), record);
    EXPECT_EQ(fixture.broken(), "");
    fixture.world.checker.passed(fixture.told_of({pod("default/a")}), record);
    EXPECT_EQ(fixture.broken(), "I7 ");
}

TEST(CheckerOfAPass, DetectsTooManyLaunchesInAPass) {
    CheckerFixture fixture;
    auto record = launching(fixture, {});
    record.plan.launch.front().count = fixture.world.settings.policy.limits.max_launches_per_pass;
    fixture.world.checker.passed(fixture.holder(), record);
    EXPECT_EQ(fixture.broken(), "");
    ++record.plan.launch.front().count;
    fixture.world.checker.passed(fixture.holder(), record);
    EXPECT_EQ(fixture.broken(), "I7 ");
}

/// A pass that launches a node for a new owner's pod, which fits nowhere; then, where `it_is_seen`,
/// one that is told that the node stands empty while the pod waits.
void try_another_owner(CheckerFixture& fixture, int number, bool it_is_seen) {
    auto& world = fixture.world;
    Deployment run;
    run.name = "ci/run" + std::to_string(number);
    run.replicas = 1;
    run.fits_nowhere = true;
    world.cluster.set(run);
    const auto pod_of_it = world.cluster.pods().back().name;
    auto record = launching(fixture, {pod_of_it});
    record.done = {{"launch", fixture.first_of_ours(), {}}};
    world.checker.passed(fixture.holder(), record);
    world.timeline.run_until(world.timeline.now() + 3min);
    if (!it_is_seen) return;
    Signals signals;
    signals.pending = Pending{1, {pod(pod_of_it.c_str())}};
    signals.nodes = std::vector<Node>{};
    world.checker.memory_saved(fixture.sender_with(std::move(signals)));
}

TEST(CheckerOfAPass, DetectsRepeatedLaunchesForUnschedulableOwners) {
    CheckerFixture fixture;
    for (int i = 1; i <= 5; ++i) try_another_owner(fixture, i, true);
    EXPECT_EQ(fixture.broken(), "");
    try_another_owner(fixture, 6, true);
    EXPECT_EQ(fixture.broken(), "") << "one may come early";
    try_another_owner(fixture, 7, true);
    EXPECT_EQ(fixture.broken(), "I7 ");
    fixture.world.timeline.run_until(fixture.world.timeline.now() + 10min);
    try_another_owner(fixture, 8, true);
    EXPECT_EQ(fixture.broken(), "I7 ");

    CheckerFixture unseen;
    for (int i = 1; i <= 9; ++i) try_another_owner(unseen, i, false);
    EXPECT_EQ(unseen.broken(), "") << "nobody could know";
}

/// A pass that launches a node for a pod of one owner, which fits nowhere; then, after the pod was
/// given up, one that is told of the node: without pods, or with one.
void try_again(CheckerFixture& fixture, std::int64_t pods_there) {
    auto& world = fixture.world;
    Deployment run;
    run.name = "batch/report-" + std::to_string(29'000'000 + ++fixture.decisions);
    run.replicas = 1;
    run.fits_nowhere = true;
    world.cluster.set(run);
    auto record = launching(fixture, {world.cluster.pods().back().name});
    record.done = {{"launch", fixture.first_of_ours(), {}}};
    world.checker.passed(fixture.holder(), record);
    run.replicas = 0;
    world.cluster.set(run);
    world.timeline.run_until(world.timeline.now() + 3min);
    Node node;
    node.name = node.instance_id = fixture.first_of_ours();
    node.ready = true;
    node.daemonset_requested = daemon_requests;
    node.requested = {{50}, {64}, 1 + pods_there};
    node.only_daemonset_pods = pods_there == 0;
    Signals signals;
    signals.pending = Pending{};
    signals.nodes = std::vector{node};
    world.checker.memory_saved(fixture.sender_with(std::move(signals)));
}

TEST(CheckerOfAPass, DetectsRepeatedLaunchesForDeletedPods) {
    CheckerFixture fixture;
    for (int i = 1; i <= 2; ++i) try_again(fixture, 0);
    EXPECT_EQ(fixture.broken(), "") << "one may come early";
    try_again(fixture, 0);
    EXPECT_EQ(fixture.broken(), "I7 ");

    CheckerFixture used;
    for (int i = 1; i <= 20; ++i) try_again(used, 1);
    EXPECT_EQ(used.broken(), "") << "another pod took the node: it has shown nothing";

    CheckerFixture often;
    for (int i = 1; i <= 8; ++i) {
        try_again(often, 0);
        often.world.timeline.run_until(often.world.timeline.now() + 10min);
    }
    EXPECT_EQ(often.broken(), "");
    try_again(often, 0);
    EXPECT_EQ(often.broken(), "I7 ") << "a ninth in three hours";
}

TEST(CheckerSteadyState, DetectsTooFewNodes) {
    CheckerFixture fixture;
    fixture.world.settings.policy.limits.min_nodes = 3;
    fixture.world.checker.in_steady_state(world_begins);
    EXPECT_EQ(fixture.broken(), "L7 ");
}

TEST(CheckerSteadyState, DetectsUnansweredHighLoad) {
    CheckerFixture fixture;
    Record record;
    record.plan.signals.cpu_percent = 99;
    fixture.world.checker.passed(fixture.holder(), record);
    fixture.world.checker.in_steady_state(world_begins);
    EXPECT_EQ(fixture.broken(), "L1 ");
}

TEST(CheckerSteadyState, AllowsSurplusDuringACooldown) {
    for (const bool gives_up : {false, true}) {
        CheckerFixture fixture;
        fixture.world.settings.policy.limits.min_nodes = 0;
        fixture.world.timeline.run_until(fixture.world.timeline.now() + 2h);
        auto sender = fixture.holder();
        sender.now = sender.asked_at = fixture.world.timeline.now();
        fixture.announce(sender, fixture.first_of_ours(), "underused");
        Record record;
        record.plan.now = fixture.world.timeline.now();
        record.plan.signals.cpu_percent = 1;
        record.plan.reasons = {{ReasonCode::cooldown, "cooling down for 7s more"}};
        fixture.world.checker.passed(sender, record);
        record.plan.reasons = {{ReasonCode::not_joined, "another is given up"}};
        if (gives_up) fixture.world.checker.passed(sender, record);
        fixture.world.checker.in_steady_state(world_begins);
        EXPECT_EQ(fixture.broken(), "L4 ") << "the removal is open";
        fixture.world.timeline.run_until(fixture.world.timeline.now() + 75min);
        fixture.world.checker.in_steady_state(world_begins);
        EXPECT_EQ(fixture.broken(), "L4 L2 L4 ");
    }
}

TEST(CheckerSteadyState, DetectsAnOfferingThatWasNeverRequested) {
    CheckerFixture fixture;
    Deployment large;
    large.name = "default/large";
    large.requests = {{600}, {600}, 1};
    large.replicas = 9;
    fixture.world.cluster.set(large);
    fixture.world.timeline.run_until(fixture.world.timeline.now() + 20min);
    Record record;
    record.plan.reasons = {{ReasonCode::no_capacity, "every offer rests"}};
    fixture.world.checker.passed(fixture.holder(), record);
    fixture.world.checker.in_steady_state(world_begins);
    EXPECT_EQ(fixture.broken(), "");
    fixture.world.settings.policy.pools.front().subnets.push_back({"subnet-c", "zone-c"});
    fixture.world.checker.in_steady_state(world_begins);
    EXPECT_EQ(fixture.broken(), "L1 ");
    for (const auto& pod : fixture.world.cluster.pods()) {
        record.plan.unplaceable.push_back({pod.name, "waits for the node tried for its group"});
    }
    fixture.world.checker.passed(fixture.holder(), record);
    fixture.world.checker.in_steady_state(world_begins);
    EXPECT_EQ(fixture.broken(), "L1 ") << "each has its own reason";
}

}  // namespace
}  // namespace nodenap::sim
