#include "engine/groups.hpp"

#include "engine/cluster.hpp"

namespace nodenap::test {
namespace {

const auto half = resources(450, 512);
const std::string web_group = "default/ReplicaSet/web/450m/512Mi";

/// Nodes launched in epoch 7 for the group of "web", Ready for two minutes.
Cluster launched_for_web(int nodes) {
    Cluster c;
    for (int i = 1; i <= nodes; ++i) {
        const auto id = "i-" + std::to_string(i);
        c.ready(id).instance(id).epoch = 7;
        c.memory().instances[id].joined_at = start - 2min;
    }
    c.memory().groups = {{web_group, {7}, std::nullopt, 0}};
    return c;
}

std::string verdict(const Cluster& c) {
    const auto groups = groups_of(membership(c.snapshot, c.policy), c.snapshot);
    if (groups.refused.contains(web_group)) return "refused";
    return groups.judged.contains(web_group) ? "served" : "open";
}

TEST(Groups, AreJudgedOnceTheirNodesHadTheirChance) {
    const std::vector<Case> cases{
        {"no pod of it waits any more", [](Cluster&) {}, "served"},
        {"its nodes stand empty", [](Cluster& c) { c.pending("web", 1, half); }, "refused"},
        {"a node took something, and there is room for one more",
         [](Cluster& c) { c.pending("web", 1, half).runs("i-1", half).runs("i-2", half); },
         "refused"},
        {"its nodes are full: it needs more of them",
         [](Cluster& c) {
             c.pending("web", 1, half).runs("i-1", half + half).runs("i-2", half + half);
         },
         "served"},
        {"one of its nodes became Ready 59 seconds ago",
         [](Cluster& c) {
             c.pending("web", 1, half).memory().instances["i-2"].joined_at = start - 59s;
         },
         "refused"},
        {"one of its nodes boots",
         [](Cluster& c) { c.pending("web", 1, half).booting("i-3").instance("i-3").epoch = 7; },
         "refused"},
        {"its nodes are gone",
         [](Cluster& c) {
             c.pending("web", 1, half);
             for (auto& each : c.fleet()) each.state = InstanceState::terminated;
         },
         "open"},
        {"the waiting pods are unknown: nobody can say that it was served",
         [](Cluster& c) { c.snapshot.signals.pending = Unknown{"x"}; }, "open"},
        {"the nodes are unknown",
         [](Cluster& c) { c.pending("web", 1, half).snapshot.signals.nodes = Unknown{"x"}; },
         "open"},
        {"nothing was launched for it",
         [](Cluster& c) { c.pending("web", 1, half).memory().groups[0].launched_epochs.clear(); },
         "open"},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.name);
        auto c = launched_for_web(2);
        each.given(c);
        EXPECT_EQ(verdict(c), each.wanted);
    }
}

TEST(Groups, OfPodsWithoutNamesAreRefusedByAnEmptyNode) {
    auto c = launched_for_web(1);
    c.memory().groups[0].group = unnamed_group;
    c.waiting().count = 3;
    const auto refused = [&] {
        return groups_of(membership(c.snapshot, c.policy), c.snapshot).refused.contains("*");
    };
    EXPECT_TRUE(refused());
    c.runs("i-1", resources(10, 10));  // it took one of them, perhaps
    EXPECT_FALSE(refused());
}

TEST(Groups, RestTenMinutesDoublingToTwoHours) {
    Memory memory;
    memory.groups = {{web_group, {7}, std::nullopt, 0}};
    auto now = start;
    for (const auto rest : {10min, 20min, 40min, 80min, 120min, 120min}) {
        Groups groups;
        groups.judged = groups.refused = {web_group};
        note_judged_groups(memory, groups, now);
        EXPECT_EQ(memory.groups[0].unplaceable_until, now + rest);
        EXPECT_TRUE(memory.groups[0].launched_epochs.empty());
        now += rest;
    }
    Groups served;
    served.judged = {web_group};
    note_judged_groups(memory, served, now);
    EXPECT_EQ(memory.groups[0], (PodGroupMemory{web_group, {}, std::nullopt, 0}));
}

TEST(Groups, AreKeptInOrder) {
    Memory memory;
    note_launched_groups(memory, {"b", "a"}, 3);
    note_launched_groups(memory, {"c", "b"}, 4);
    EXPECT_EQ(memory.groups, (std::vector<PodGroupMemory>{{"a", {3}, std::nullopt, 0},
                                                          {"b", {3, 4}, std::nullopt, 0},
                                                          {"c", {4}, std::nullopt, 0}}));
}

TEST(Groups, AreForgottenWithTheirNodes) {
    auto c = launched_for_web(1);
    c.memory().groups = {
        {"by their nodes", {6, 7}, std::nullopt, 0},
        {"launched just now", {9}, std::nullopt, 0},
        {"nodes are gone", {6}, std::nullopt, 0},
        {"served", {}, std::nullopt, 0},
        {"at rest", {}, start + 1min, 1},
        {"rested an hour ago", {}, start - 1h, 1},
        {"rested two hours ago", {}, start - 2h, 4},
    };
    c.ready("i-untagged");  // its epoch is 0, which is no epoch
    forget_groups(c.memory(), membership(c.snapshot, c.policy), start, 9);
    std::string kept;
    for (const auto& group : c.memory().groups) kept += group.group + "; ";
    EXPECT_EQ(kept, "by their nodes; launched just now; at rest; rested an hour ago; ");
    EXPECT_EQ(c.memory().groups[0].launched_epochs, std::vector<std::int64_t>{7});
}

TEST(Groups, OneUnusedNodeIsEnoughWhileAnotherBoots) {
    // Two were launched for six pods, the second anew after it had died: the first stands unused.
    Cluster c;
    c.ready(2).pending("web", 6, half).policy.scale_down.unneeded_for = 1000h;
    c.ready("i-3").booting("i-4");
    c.instance("i-3").epoch = 7;
    c.instance("i-4").epoch = 8;
    c.memory().instances["i-3"].joined_at = start - 2min;
    c.memory().groups = {{web_group, {7, 8}, std::nullopt, 0}};
    EXPECT_EQ(outcome(c.pass(9)), "hold unplaceable booting");
}

/// Launches that a pod nobody can place (its node selector matches nothing, say) has cost.
int launches_for_a_pod_that_never_fits(Cluster& c, Milliseconds span) {
    int launches = 0;
    std::int64_t epoch = 1;
    for (Milliseconds passed{0}; passed <= span; passed += 30s) {
        launches += c.pass(epoch++).totals.new_nodes;
        c.all_join().pass_time(30s);
    }
    return launches;
}

TEST(Groups, APodThatNeverFitsCostsOneLaunchInTenMinutesAtMost) {
    const std::vector<std::pair<Milliseconds, int>> wanted{{10min, 1}, {13min, 2}, {30min, 2},
                                                           {35min, 3}, {70min, 3}, {80min, 4}};
    for (const auto& [span, launches] : wanted) {
        SCOPED_TRACE(duration_text(span));
        Cluster c;
        c.ready(2).pending("web", 1, half).policy.scale_down.without_drain = WithoutDrain::empty;
        c.policy.scale_down.unneeded_for = 1000h;
        EXPECT_EQ(launches_for_a_pod_that_never_fits(c, span), launches);
    }
}

TEST(Groups, ATryIsOneNodeHoweverManyPodsWait) {
    Cluster c;
    c.ready(2).pending("web", 6, half).policy.scale_down.unneeded_for = 1000h;
    ASSERT_EQ(outcome(c.pass(1)), "scale_up pending_pods +3 t2.small");
    c.all_join().pass_time(5s);
    EXPECT_EQ(outcome(c.pass(2)), "hold booting");  // the scheduler has a minute
    c.pass_time(60s);
    EXPECT_EQ(outcome(c.pass(3)), "hold unplaceable cooldown");
    c.pass_time(10min - 1s);
    EXPECT_EQ(outcome(c.pass(4)), "hold unplaceable nothing_to_do");
    c.pass_time(1s);
    EXPECT_EQ(outcome(c.pass(5)), "scale_up pending_pods unplaceable +1 t2.small");
}

TEST(Groups, AnEpochIsNotedOnce) {
    Memory memory;
    memory.groups = {{"a", {}, start + 5min, 1}, {"b", {6}, std::nullopt, 0}};
    note_launched_groups(memory, {"a", "b"}, 7);
    note_launched_groups(memory, {"a", "b"}, 7);
    EXPECT_EQ(memory.groups[0].launched_epochs, (std::vector<std::int64_t>{7}));
    EXPECT_EQ(memory.groups[1].launched_epochs, (std::vector<std::int64_t>{6, 7}));
}

TEST(Groups, ANumberWithoutNamesIsHeldBackToo) {
    Cluster c;
    c.ready(2).waiting().count = 5;
    c.policy.scale_down.unneeded_for = 1000h;
    EXPECT_EQ(launches_for_a_pod_that_never_fits(c, 10min), 1);
}

}  // namespace
}  // namespace nodenap::test
