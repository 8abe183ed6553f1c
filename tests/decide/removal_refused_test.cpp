// Blockers of one node that do not block the others.

#include "decide/removal.hpp"

#include "decide/cluster.hpp"

namespace nodenap::test {
namespace {

TEST(Removal, RefusedTerminationBlocksNoOther) {
    Cluster c;
    c.ready(5).idle().policy.scale_down.max_empty_removals_per_pass = 1;
    note_refused_removal(c.memory(), "i-1", start);
    EXPECT_EQ(outcome(c.plan()), "scale_down underused -i-2");
    EXPECT_EQ(c.plan().kept.front().reason, "EC2 refused to terminate it; retry in 30m");
    note_refused_removal(c.memory(), "i-1", start - 30min);
    EXPECT_EQ(outcome(c.plan()), "scale_down underused -i-1") << "tried again";
}

struct AgainRow {
    const char* name;
    std::function<void(Cluster&)> given;
    RemovalCause cause;
    bool allowed;
};

/// A recorded removal is repeated only if the rules would decide it now. i-1 is empty, the oldest,
/// and one of four; the last removal, this one, was just now.
TEST(Removal, IsRepeatedOnlyWhileTheRulesAllowIt) {
    const AgainRow rows[] = {
        {"as it was decided", [](Cluster&) {}, RemovalCause::underused, true},
        {"for an unknown reason", [](Cluster&) {}, RemovalCause::other, true},
        {"it runs pods by now", [](Cluster& c) { c.runs("i-1", resources(10, 10)); },
         RemovalCause::underused, false},
        {"it runs pods, whatever the recorded reason",
         [](Cluster& c) { c.runs("i-1", resources(10, 10)); }, RemovalCause::other, false},
        {"the load is high again", [](Cluster& c) { c.cpu(60); }, RemovalCause::underused, false},
        {"the minimum was raised", [](Cluster& c) { c.policy.limits.min_nodes = 4; },
         RemovalCause::underused, false},
        {"the minimum of its pool", [](Cluster& c) { c.pool().min_nodes = 4; },
         RemovalCause::underused, false},
        {"node data unavailable", [](Cluster& c) { c.snapshot.signals.nodes = Unknown{"away"}; },
         RemovalCause::underused, false},
        {"pod data unavailable", [](Cluster& c) { c.snapshot.signals.pending = Unknown{"away"}; },
         RemovalCause::underused, false},
        {"it is a server", [](Cluster& c) { c.node("i-1").server = true; }, RemovalCause::underused,
         false},
        {"someone else launched it", [](Cluster& c) { c.instance("i-1").foreign = true; },
         RemovalCause::underused, false},
        {"EC2 is about to interrupt it",
         [](Cluster& c) { c.instance("i-1").terminating = c.instance("i-1").interrupted = true; },
         RemovalCause::underused, false},
        {"it has registered", [](Cluster&) {}, RemovalCause::not_joined, false},
        {"it is late",
         [](Cluster& c) {
             c.memory().instances["i-1"].registered_at.reset();
             c.memory().instances["i-1"].first_seen_at = start - 1h;
             c.nodes().erase(c.nodes().begin());
         },
         RemovalCause::not_joined, true},
        {"it is late, and node data unavailable",
         [](Cluster& c) {
             c.memory().instances["i-1"].registered_at.reset();
             c.memory().instances["i-1"].first_seen_at = start - 1h;
             c.snapshot.signals.nodes = Unknown{"away"};
         },
         RemovalCause::not_joined, false},
        {"it is Ready", [](Cluster&) {}, RemovalCause::not_ready, false},
        {"it is dead",
         [](Cluster& c) {
             c.node("i-1").ready = false;
             c.memory().instances["i-1"].notready_since = start - 1h;
             c.cpu_use().hosts.erase(c.cpu_use().hosts.begin());
         },
         RemovalCause::not_ready, true},
        {"its Node looks dead, but its kubelet responds",
         [](Cluster& c) {
             c.node("i-1").ready = false;
             c.memory().instances["i-1"].notready_since = start - 1h;
         },
         RemovalCause::not_ready, false},
        {"there are not too many", [](Cluster&) {}, RemovalCause::above_maximum, false},
        {"there are too many", [](Cluster& c) { c.policy.limits.max_nodes = 3; },
         RemovalCause::above_maximum, true},
        {"there are too many, and it runs pods",
         [](Cluster& c) { c.runs("i-1", resources(9, 9)).policy.limits.max_nodes = 3; },
         RemovalCause::above_maximum, false},
        {"there are too many, and it only seems to boot: cAdvisor reports its usage",
         [](Cluster& c) {
             c.memory().instances["i-1"].registered_at.reset();
             c.nodes().erase(c.nodes().begin());
             c.policy.limits.max_nodes = 3;
         },
         RemovalCause::above_maximum, false},
        {"there are too many, and its Node was Ready between two passes and runs pods",
         [](Cluster& c) {
             c.memory().instances["i-1"].registered_at.reset();
             c.node("i-1").ready = false;
             c.node("i-1").unlisted_pods = 4;
             c.cpu_use().hosts.erase(c.cpu_use().hosts.begin());
             c.policy.limits.max_nodes = 3;
         },
         RemovalCause::above_maximum, false},
        {"there are too many, and it boots",
         [](Cluster& c) {
             c.memory().instances["i-1"].registered_at.reset();
             c.nodes().erase(c.nodes().begin());
             c.cpu_use().hosts.erase(c.cpu_use().hosts.begin());
             c.policy.limits.max_nodes = 3;
         },
         RemovalCause::above_maximum, true},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        Cluster c;
        c.ready(4).idle();
        note_removal(c.memory(), start - 5s);
        row.given(c);
        const auto why = why_not_removed(membership(c.snapshot, c.policy), c.snapshot, c.policy,
                                         {{}, "i-1", row.cause});
        EXPECT_EQ(!why, row.allowed) << (why ? why->text : "allowed");
    }
}

TEST(Removal, SeveralOfOneDecisionCountOnceForTheCooldown) {
    Memory memory;
    note_removal(memory, start - 1h);
    note_shortage(memory, start - 55min);
    ASSERT_EQ(memory.cooldown_doublings, 1);
    note_removal(memory, start);
    note_removal(memory, start);
    EXPECT_EQ(memory.cooldown_doublings, 1) << "the first that is not premature resets it";
    note_removal(memory, start + 1h);
    EXPECT_EQ(memory.cooldown_doublings, 0);
}

TEST(Removal, RefusedOneDoesNotChangeTheCooldown) {
    for (const bool premature : {false, true}) {
        Memory memory;
        note_removal(memory, start - 1h);
        if (premature) note_shortage(memory, start - 55min);
        const auto before = memory;
        note_removal(memory, start);
        note_shortage(memory, start + 1min);
        ASSERT_NE(memory, before);
        forget_removal(memory, before);
        EXPECT_EQ(memory, before);
    }
}

TEST(Removal, UnregisteredAndRefusedOneDoesNotCountForTheMinimum) {
    Cluster c;
    c.ready(3).idle().booting("i-4", 1h);
    note_refused_removal(c.memory(), "i-4", start);
    EXPECT_EQ(outcome(c.plan()), "scale_down underused -i-1") << "it blocks no other";
    c.policy.limits.min_nodes = 3;
    EXPECT_EQ(outcome(c.plan()), "hold at_minimum") << "three nodes, whatever else runs";
}

TEST(Removal, AfterAPrematureOnePodsMustFitOnOneNode) {
    // 700m run on i-1. The others have 500m free each: enough together, but none alone.
    Cluster c;
    c.ready(5).idle().policy.scale_down.without_drain = WithoutDrain::any;
    for (auto& node : c.nodes()) node.requested.cpu = node.allocatable.cpu - Millicores{500};
    c.node("i-1").requested = c.node("i-1").daemonset_requested + resources(700, 100);
    const auto may_go = [&](int premature) {
        c.memory().cooldown_doublings = premature;
        const auto plan = c.plan();
        return !plan.remove.empty() && plan.remove.front().node == "i-1";
    };
    EXPECT_TRUE(may_go(0)) << "the sum fits";
    EXPECT_FALSE(may_go(1));
    c.node("i-3").requested.cpu = c.node("i-3").allocatable.cpu - Millicores{700};
    EXPECT_TRUE(may_go(1)) << "on i-3";
}

TEST(Removal, AfterAPrematureOneATaintedPoolTakesItsOwnPods) {
    // Its taint keeps ordinary pods away, not its own.
    Cluster c;
    c.ready(5).idle().policy.scale_down.without_drain = WithoutDrain::any;
    c.policy.pools[0].taints = {"dedicated=web:NoSchedule"};
    for (auto& node : c.nodes()) {
        if (!node.server) node.schedulable = false;
    }
    c.node("i-1").requested = c.node("i-1").daemonset_requested + resources(100, 100);
    c.memory().cooldown_doublings = 1;
    const auto plan = c.plan();
    ASSERT_FALSE(plan.remove.empty());
    EXPECT_EQ(plan.remove.front().node, "i-1");
}

}  // namespace
}  // namespace nodenap::test
