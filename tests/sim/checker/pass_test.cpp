// What the checker says of a pass that has ended, and of a world at rest.

#include "sim/checker/checker.hpp"

#include "sim/court.hpp"

#include <gtest/gtest.h>

namespace nodenap::sim {
namespace {

PendingPod pod(const char* name, int cpu = 100, int memory = 100) {
    return {name, "ReplicaSet/x", {{cpu}, {memory}, 1}, world_begins};
}

/// A plan of one launch, in which these pods have their place.
Record launching(const Court& court, std::vector<std::string> pods) {
    Record record;
    record.plan.now = court.world.timeline.now();
    record.plan.launch.push_back({plain_offer, 1, 0.023, {std::move(pods)}});
    return record;
}

TEST(CheckerOfAPass, SeesAPodWithoutAPlaceOrAReason) {
    Court court;
    auto record = launching(court, {"default/a"});
    const auto sender = court.told_of({pod("default/a"), pod("default/b"), pod("default/c")});
    record.plan.placed["i-1"] = {"default/b"};
    record.plan.unplaceable = {{"default/c", "why"}};
    court.world.checker.passed(sender, record);
    EXPECT_EQ(court.broken(), "");
    record.plan.unplaceable.clear();
    court.world.checker.passed(sender, record);
    EXPECT_EQ(court.broken(), "L1 ");
}

TEST(CheckerOfAPass, TakesALimitForAReasonUnlessNoTypeHoldsThePod) {
    Court court;
    auto record = launching(court, {});
    record.plan.reasons = {{ReasonCode::at_maximum, "full"}};
    court.world.checker.passed(court.told_of({pod("default/a")}), record);
    EXPECT_EQ(court.broken(), "");
    court.world.checker.passed(court.told_of({pod("default/giant", 100, 100'000)}), record);
    EXPECT_EQ(court.broken(), "L1 ");
}

TEST(CheckerOfAPass, SeesANodeForPodsThatOneOnItsWayHolds) {
    Court court;
    ASSERT_TRUE(court.world.launch(court.holder(), court.announce_launch(court.holder(), "more")));
    court.world.timeline.run_until(court.world.timeline.now() + 1s);
    const auto record = launching(court, {"default/a"});
    court.world.checker.passed(court.told_of({pod("default/a", 5000)}), record);
    EXPECT_EQ(court.broken(), "");
    court.world.checker.passed(court.told_of({pod("default/a")}), record);
    EXPECT_EQ(court.broken(), "I7 ");
}

TEST(CheckerOfAPass, SeesMoreLaunchesThanAPassMayMake) {
    Court court;
    auto record = launching(court, {});
    record.plan.launch.front().count = court.world.settings.policy.limits.max_launches_per_pass;
    court.world.checker.passed(court.holder(), record);
    EXPECT_EQ(court.broken(), "");
    ++record.plan.launch.front().count;
    court.world.checker.passed(court.holder(), record);
    EXPECT_EQ(court.broken(), "I7 ");
}

/// A pass that launches a node for a new owner's pod, which fits nowhere; then, where `it_is_seen`,
/// one that is told that the node stands empty while the pod waits.
void try_another_owner(Court& court, int number, bool it_is_seen) {
    auto& world = court.world;
    Deployment run;
    run.name = "ci/run" + std::to_string(number);
    run.replicas = 1;
    run.fits_nowhere = true;
    world.cluster.set(run);
    const auto pod_of_it = world.cluster.pods().back().name;
    auto record = launching(court, {pod_of_it});
    record.done = {{"launch", court.first_of_ours(), {}}};
    world.checker.passed(court.holder(), record);
    world.timeline.run_until(world.timeline.now() + 3min);
    if (!it_is_seen) return;
    Signals signals;
    signals.pending = Pending{1, {pod(pod_of_it.c_str())}};
    signals.nodes = std::vector<Node>{};
    world.checker.memory_saved(court.told(std::move(signals)));
}

TEST(CheckerOfAPass, SeesNodesForOneOwnerAfterAnotherWhosePodsFitNowhere) {
    Court court;
    for (int i = 1; i <= 5; ++i) try_another_owner(court, i, true);
    EXPECT_EQ(court.broken(), "");
    try_another_owner(court, 6, true);
    EXPECT_EQ(court.broken(), "") << "one may come early";
    try_another_owner(court, 7, true);
    EXPECT_EQ(court.broken(), "I7 ");
    court.world.timeline.run_until(court.world.timeline.now() + 10min);
    try_another_owner(court, 8, true);
    EXPECT_EQ(court.broken(), "I7 ");

    Court unseen;
    for (int i = 1; i <= 9; ++i) try_another_owner(unseen, i, false);
    EXPECT_EQ(unseen.broken(), "") << "nobody could know";
}

/// A pass that launches a node for a pod of one owner, which fits nowhere; then, after the pod was
/// given up, one that is told of the node: without pods, or with one.
void try_again(Court& court, std::int64_t pods_there) {
    auto& world = court.world;
    Deployment run;
    run.name = "batch/report-" + std::to_string(29'000'000 + ++court.decisions);
    run.replicas = 1;
    run.fits_nowhere = true;
    world.cluster.set(run);
    auto record = launching(court, {world.cluster.pods().back().name});
    record.done = {{"launch", court.first_of_ours(), {}}};
    world.checker.passed(court.holder(), record);
    run.replicas = 0;
    world.cluster.set(run);
    world.timeline.run_until(world.timeline.now() + 3min);
    Node node;
    node.name = node.instance_id = court.first_of_ours();
    node.ready = true;
    node.daemonset_requested = daemon_requests;
    node.requested = {{50}, {64}, 1 + pods_there};
    node.only_daemonset_pods = pods_there == 0;
    Signals signals;
    signals.pending = Pending{};
    signals.nodes = std::vector{node};
    world.checker.memory_saved(court.told(std::move(signals)));
}

TEST(CheckerOfAPass, SeesNodesForPodsThatAreGivenUpEachTime) {
    Court court;
    for (int i = 1; i <= 2; ++i) try_again(court, 0);
    EXPECT_EQ(court.broken(), "") << "one may come early";
    try_again(court, 0);
    EXPECT_EQ(court.broken(), "I7 ");

    Court used;
    for (int i = 1; i <= 20; ++i) try_again(used, 1);
    EXPECT_EQ(used.broken(), "") << "another pod took the node: it has shown nothing";

    Court often;
    for (int i = 1; i <= 8; ++i) {
        try_again(often, 0);
        often.world.timeline.run_until(often.world.timeline.now() + 10min);
    }
    EXPECT_EQ(often.broken(), "");
    try_again(often, 0);
    EXPECT_EQ(often.broken(), "I7 ") << "a ninth in three hours";
}

TEST(CheckerAtRest, SeesTooFewNodes) {
    Court court;
    court.world.settings.policy.limits.min_nodes = 3;
    court.world.checker.at_rest(world_begins);
    EXPECT_EQ(court.broken(), "L7 ");
}

TEST(CheckerAtRest, SeesALoadThatNobodyAnswers) {
    Court court;
    Record record;
    record.plan.signals.cpu_percent = 99;
    court.world.checker.passed(court.holder(), record);
    court.world.checker.at_rest(world_begins);
    EXPECT_EQ(court.broken(), "L1 ");
}

TEST(CheckerAtRest, LetsTheSurplusWaitForTheCooldownOfARemoval) {
    for (const bool gives_up : {false, true}) {
        Court court;
        court.world.settings.policy.limits.min_nodes = 0;
        court.world.timeline.run_until(court.world.timeline.now() + 2h);
        auto sender = court.holder();
        sender.now = sender.asked_at = court.world.timeline.now();
        court.announce(sender, court.first_of_ours(), "underused");
        Record record;
        record.plan.now = court.world.timeline.now();
        record.plan.signals.cpu_percent = 1;
        record.plan.reasons = {{ReasonCode::cooldown, "the cooldown lasts 7s more"}};
        court.world.checker.passed(sender, record);
        record.plan.reasons = {{ReasonCode::not_joined, "another is given up"}};
        if (gives_up) court.world.checker.passed(sender, record);
        court.world.checker.at_rest(world_begins);
        EXPECT_EQ(court.broken(), "L4 ") << "the removal is open";
        court.world.timeline.run_until(court.world.timeline.now() + 75min);
        court.world.checker.at_rest(world_begins);
        EXPECT_EQ(court.broken(), "L4 L2 L4 ");
    }
}

TEST(CheckerAtRest, SeesThatEC2WasNotAskedForEveryOffer) {
    Court court;
    Deployment large;
    large.name = "default/large";
    large.requests = {{600}, {600}, 1};
    large.replicas = 9;
    court.world.cluster.set(large);
    court.world.timeline.run_until(court.world.timeline.now() + 20min);
    Record record;
    record.plan.reasons = {{ReasonCode::no_capacity, "every offer rests"}};
    court.world.checker.passed(court.holder(), record);
    court.world.checker.at_rest(world_begins);
    EXPECT_EQ(court.broken(), "");
    court.world.settings.policy.pools.front().subnets.push_back({"subnet-c", "zone-c"});
    court.world.checker.at_rest(world_begins);
    EXPECT_EQ(court.broken(), "L1 ");
    for (const auto& pod : court.world.cluster.pods()) {
        record.plan.unplaceable.push_back({pod.name, "waits for the node tried for its group"});
    }
    court.world.checker.passed(court.holder(), record);
    court.world.checker.at_rest(world_begins);
    EXPECT_EQ(court.broken(), "L1 ") << "each has its own reason";
}

}  // namespace
}  // namespace nodenap::sim
