// The bugs of the baseline, one test for each.

#include "decide/cluster.hpp"

namespace nodenap::test {
namespace {

const auto half_a_core = resources(500, 512);

TEST(Origin, MissingMetricNeverRemoves) {
    const std::vector<std::pair<std::string, std::function<void(Signals&)>>> missing{
        {"cpu", [](Signals& s) { s.cpu = Unknown{"no data"}; }},
        {"pending", [](Signals& s) { s.pending = Unknown{"no data"}; }},
        {"nodes", [](Signals& s) { s.nodes = Unknown{"no data"}; }},
        {"all", [](Signals& s) { s = {}; }},
    };
    for (const auto& [name, take_away] : missing) {
        SCOPED_TRACE(name);
        Cluster c;
        c.ready(5).idle();
        ASSERT_EQ(outcome(c.plan()), "scale_down underused -i-1 -i-2 -i-3");
        take_away(c.snapshot.signals);
        EXPECT_EQ(outcome(c.plan()), "hold metrics_unknown");
    }
}

TEST(Origin, SlowImagePullNeedsNoNode) {
    Cluster c;
    c.ready(3).runs("i-1", half_a_core);  // bound, though its phase is Pending
    EXPECT_EQ(outcome(c.plan()), "hold nothing_to_do");
}

TEST(Origin, CpuIsCorrectAfterANodeWasRemoved) {
    Cluster c;
    c.ready(4).cpu(60);
    // One node has left EC2 and the response, which counts both sides of the fraction over the same
    // hosts: 3 × 0.6 of 3 cores, never 4 × 0.6 of 3.
    c.instance("i-4").state = InstanceState::terminated;
    c.cpu_use().hosts.pop_back();
    EXPECT_EQ(outcome(c.plan()), "hold nothing_to_do");
    c.cpu(80);  // 2.4 busy / 0.7 − 3 = 0.43 of a core
    EXPECT_EQ(outcome(c.plan()), "scale_up high_cpu +1 t2.small");
}

TEST(Origin, OnePassAddsAllNeededNodes) {
    Cluster c;
    c.ready(2).pending("nginx", 50, resources(100, 128));
    EXPECT_EQ(outcome(c.plan()), "scale_up pending_pods +6 t2.small");
}

TEST(Origin, CooldownNeverBlocksPendingPods) {
    Cluster c;
    c.ready(2).pending("nginx", 1, half_a_core);
    c.memory().last_ready_at = start - 1s;
    c.memory().last_removal_at = start - 1s;
    c.memory().cooldown_doublings = 9;
    EXPECT_EQ(outcome(c.plan()), "scale_up pending_pods +1 t2.small");
}

TEST(Origin, BootingNodesAreCounted) {
    Cluster c;
    c.ready(2).pending("nginx", 50, resources(100, 128));
    ASSERT_EQ(outcome(c.pass(1)), "scale_up pending_pods +6 t2.small");
    for (std::int64_t epoch = 2; epoch < 20; ++epoch) {
        c.pass_time(5s);
        EXPECT_EQ(outcome(c.pass(epoch)), "hold booting");
    }
}

TEST(Origin, InstanceThatNeverRegistersIsTerminated) {
    Cluster c;
    c.ready(2).pending("nginx", 1, half_a_core);
    ASSERT_EQ(outcome(c.pass(1)), "scale_up pending_pods +1 t2.small");
    for (std::int64_t epoch = 2; epoch < 7; ++epoch) {
        c.pass_time(2min);
        ASSERT_EQ(outcome(c.pass(epoch)), "hold booting");
    }
    c.pass_time(5s);
    const auto plan = c.pass(7);
    ASSERT_EQ(plan.remove.size(), 1u);
    EXPECT_EQ(plan.remove[0], (Removal{"", "i-new2", RemovalCause::not_joined}));
}

TEST(Origin, NodesOfTerminatedInstancesAreNeverCounted) {
    // Node objects of terminated instances, Ready or not, are neither capacity nor workers; without
    // its instance a Node is never chosen.
    Cluster c;
    c.ready(3).idle();
    c.instance("i-3").state = InstanceState::terminated;
    c.node("i-3").allocatable = resources(64000, 64000, 110);
    c.runs("i-1", resources(700, 100)).runs("i-2", resources(700, 100));
    c.policy.limits.min_nodes = 1;
    c.policy.scale_down.without_drain = WithoutDrain::any;
    EXPECT_EQ(outcome(c.plan()), "hold requests_too_high");
    EXPECT_EQ(c.plan().signals.nodes_ready, 2);
    EXPECT_EQ(c.plan().signals.nodes_other, 0);
}

TEST(Origin, CandidateIsNotChosenByAgeAlone) {
    Cluster c;
    c.ready(3).idle().runs("i-1", half_a_core);
    EXPECT_EQ(outcome(c.plan()), "scale_down underused -i-2");
}

TEST(Origin, MissingCapacityIsHandled) {
    Cluster c;
    c.ready(2).pending("nginx", 1, half_a_core).unavailable("t2.small", "us-east-1a");
    auto plan = c.plan();
    ASSERT_EQ(outcome(plan), "scale_up pending_pods +1 t2.small");
    EXPECT_EQ(plan.launch[0].offering.zone, "us-east-1b");
    c.unavailable("t2.small", "us-east-1b");
    EXPECT_EQ(outcome(c.plan()), "hold no_capacity pending_pods");
}

}  // namespace
}  // namespace nodenap::test
