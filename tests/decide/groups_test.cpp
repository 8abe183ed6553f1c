#include "decide/groups.hpp"

#include "decide/cluster.hpp"

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
        c.memory().instances[id].registered_at = start - 2min;
    }
    c.memory().groups = {{web_group, {7}, std::nullopt, 0}};
    return c;
}

std::string verdict(const Cluster& c) {
    const auto groups = groups_of(membership(c.snapshot, c.policy), c.snapshot);
    if (groups.refused.contains(web_group)) return "refused";
    return groups.judged.contains(web_group) ? "served" : "open";
}

TEST(Groups, AreJudgedOnceTheirNodesAreReadyForLong) {
    const std::vector<Case> cases{
        {"no pod of it is pending any more, and a node is in use",
         [](Cluster& c) { c.runs("i-1", half); }, "served"},
        {"its nodes are empty", [](Cluster& c) { c.pending("web", 1, half); }, "refused"},
        {"a node runs a pod, and has resources for one more",
         [](Cluster& c) { c.pending("web", 1, half).runs("i-1", half).runs("i-2", half); },
         "refused"},
        {"its nodes are full: it needs more of them",
         [](Cluster& c) {
             c.pending("web", 1, half).runs("i-1", half + half).runs("i-2", half + half);
         },
         "served"},
        {"one of its nodes became Ready 59 seconds ago",
         [](Cluster& c) {
             c.pending("web", 1, half).memory().instances["i-2"].registered_at = start - 59s;
         },
         "refused"},
        {"one of its nodes boots",
         [](Cluster& c) { c.pending("web", 1, half).booting("i-3").instance("i-3").epoch = 7; },
         "refused"},
        {"its nodes have terminated",
         [](Cluster& c) {
             c.pending("web", 1, half);
             for (auto& each : c.fleet()) each.state = InstanceState::terminated;
         },
         "open"},
        {"pending pods are unknown: it is unknown whether it was served",
         [](Cluster& c) { c.snapshot.signals.pending = Unknown{"x"}; }, "open"},
        {"the nodes are unknown",
         [](Cluster& c) { c.pending("web", 1, half).snapshot.signals.nodes = Unknown{"x"}; },
         "open"},
        {"two Nodes claim to be each of them, so it is unknown what runs there",
         [](Cluster& c) {
             c.pending("web", 1, half);
             for (const std::string id : {"i-1", "i-2"}) {
                 c.node(id).name = "worker-of-" + id;
                 c.node("rogue-of-" + id).instance_id = id;
             }
         },
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

TEST(Groups, UnnamedPodsAreRefusedByAnEmptyNode) {
    auto c = launched_for_web(1);
    c.memory().groups[0].group = unnamed_group;
    c.waiting().count = 3;
    const auto refused = [&] {
        return groups_of(membership(c.snapshot, c.policy), c.snapshot).refused.contains("*");
    };
    EXPECT_TRUE(refused());
    c.runs("i-1", resources(10, 10));  // it may run one of them
    EXPECT_FALSE(refused());
}

TEST(Groups, BackoffStartsAtTenMinutesAndDoublesToTwoHours) {
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
        {"nodes have terminated", {6}, std::nullopt, 0},
        {"served", {}, std::nullopt, 0},
        {"in backoff", {}, start + 1min, 1},
        {"backoff ended an hour ago", {}, start - 1h, 1},
        {"backoff ended two hours ago", {}, start - 2h, 4},
    };
    c.ready("i-untagged");  // its epoch is 0, which is no epoch
    forget_groups(c.memory(), membership(c.snapshot, c.policy), start, 9);
    std::string kept;
    for (const auto& group : c.memory().groups) kept += group.group + "; ";
    EXPECT_EQ(kept, "by their nodes; launched just now; at rest; rested an hour ago; ");
    EXPECT_EQ(c.memory().groups[0].launched_epochs, std::vector<std::int64_t>{7});
}

TEST(Groups, OneUnusedNodeRefusesWhileAnotherBoots) {
    // Two were launched for six pods, the second again after it had failed: the first is unused.
    Cluster c;
    c.ready(2).pending("web", 6, half).policy.scale_down.unneeded_for = 1000h;
    c.ready("i-3").booting("i-4");
    c.instance("i-3").epoch = 7;
    c.instance("i-4").epoch = 8;
    c.memory().instances["i-3"].registered_at = start - 2min;
    c.memory().groups = {{web_group, {7, 8}, std::nullopt, 0}};
    EXPECT_EQ(outcome(c.pass(9)), "hold unplaceable booting");
}

/// After a node did not help a group, the next try is a larger one, if there is one.
TEST(Groups, RefusedOnesTryALargerTypeNext) {
    Cluster c;
    c.ready(2).pending("web", 1, half).policy.scale_down.unneeded_for = 1000h;
    c.pool().instance_types = {"t2.small", "c5.large", "c5.xlarge"};
    std::string launched;
    std::int64_t epoch = 1;
    for (int look = 0; look < 200; ++look) {
        for (const auto& group : c.pass(epoch++).launch)
            launched += group.offering.instance_type + " ";
        c.all_join().pass_time(1min);
    }
    EXPECT_EQ(launched, "t2.small c5.large c5.xlarge t2.small t2.small ");
}

/// A CNI's taint remains for a minute or two after the Node is Ready.
TEST(Groups, AreNotRefusedByAnUnschedulableNode) {
    auto c = launched_for_web(1);
    c.pending("web", 1, half).policy.limits.min_nodes = 1;
    c.memory().instances["i-1"].registered_at.reset();
    c.node("i-1").schedulable = false;
    c.node("i-1").taints = {"node.cilium.io/agent-not-ready:NoSchedule"};
    EXPECT_EQ(verdict(c), "open");
    for (int look = 0; look < 4; ++look) {
        EXPECT_EQ(outcome(c.pass(8)), "hold booting");
        c.pass_time(2min);
    }
    c.node("i-1").schedulable = true;
    c.node("i-1").taints.clear();
    EXPECT_EQ(outcome(c.pass(9)), "hold booting") << "it has just become schedulable";
    c.pass_time(59s);
    EXPECT_EQ(verdict(c), "open");
    c.pass_time(1s);
    EXPECT_EQ(verdict(c), "refused");
}

TEST(Groups, AreRefusedByANodeThatStaysUnschedulable) {
    auto c = launched_for_web(1);
    c.pending("web", 1, half).memory().instances["i-1"].registered_at.reset();
    c.node("i-1").schedulable = false;
    c.pass(8);
    c.pass_time(11min);
    EXPECT_EQ(verdict(c), "refused");
    c.pool().taints = {"team=a:NoSchedule"};
    auto own = launched_for_web(1);
    own.pending("web", 1, half).node("i-1").schedulable = false;
    own.pool().taints = own.node("i-1").taints = {"team=a:NoSchedule"};
    EXPECT_EQ(verdict(own), "refused") << "the pool's own taint is permanent";
}

/// The number of launches caused by a pod that no node fits (for example because of its node
/// selector).
int launches_for_a_pod_that_never_fits(Cluster& c, Milliseconds span) {
    int launches = 0;
    std::int64_t epoch = 1;
    for (Milliseconds passed{0}; passed <= span; passed += 30s) {
        launches += c.pass(epoch++).totals.new_nodes;
        c.all_join().pass_time(30s);
    }
    return launches;
}

TEST(Groups, PodThatNeverFitsCausesAtMostOneLaunchInTenMinutes) {
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

TEST(Groups, OneTryIsOneNodeForAnyNumberOfPods) {
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

TEST(Groups, EpochIsRememberedOnce) {
    Memory memory;
    memory.groups = {{"a", {}, start + 5min, 1}, {"b", {6}, std::nullopt, 0}};
    note_launched_groups(memory, {"a", "b"}, 7);
    note_launched_groups(memory, {"a", "b"}, 7);
    EXPECT_EQ(memory.groups[0].launched_epochs, (std::vector<std::int64_t>{7}));
    EXPECT_EQ(memory.groups[1].launched_epochs, (std::vector<std::int64_t>{6, 7}));
}

/// Launches for pods that no node fits, each with its own owner: a new one every two minutes, each
/// deleted soon.
int launches_for_owners_that_never_fit(Cluster& c, Milliseconds span) {
    int launches = 0;
    auto epoch = 1 + (c.snapshot.now - start) / 2min;
    for (Milliseconds passed{0}; passed < span; passed += 2min) {
        c.waiting() = {};
        for (int age = 0; age < 8; ++age) {
            const auto name = "run-" + std::string(static_cast<std::size_t>(epoch + age), 'a');
            c.pending(name, 1, half).waiting().pods.back().unschedulable_since =
                c.snapshot.now - (8 - age) * 2min;
        }
        launches += c.pass(epoch++).totals.new_nodes;
        c.all_join().pass_time(2min);
    }
    return launches;
}

TEST(Groups, OfManyOwnersShareABrake) {
    Cluster c;
    c.ready(2).policy.scale_down.unneeded_for = 1000h;
    c.policy.limits.max_nodes = c.pool().max_nodes = 100;
    const int first_hour = launches_for_owners_that_never_fit(c, 1h);
    EXPECT_LE(first_hour, 9) << "eight at once, before any was refused, and then one in 12 minutes";
    const int second_hour = launches_for_owners_that_never_fit(c, 1h);
    EXPECT_LE(second_hour, 5);
    EXPECT_GE(second_hour, 3) << "they are still tried";
}

/// Three groups that were refused, the last of them `ago`.
Cluster braked(Milliseconds ago) {
    Cluster c;
    c.ready(2).policy.scale_down.unneeded_for = 1000h;
    c.memory().groups = {{"a", {}, start - ago + 10min, 1},
                         {"b", {}, start - 30min, 1},
                         {"c", {}, start - 15min + 10min, 1}};
    return c;
}

TEST(Groups, BrakeAllowsOnePodToRequestANode) {
    const std::vector<std::pair<std::string, std::function<void(Cluster&)>>> rows{
        {"scale_up pending_pods unplaceable +1 t2.small", [](Cluster&) {}},
        {"hold unplaceable at_minimum",  // less than ten minutes after the last refusal
         [](Cluster& c) { c.memory().groups[0].unplaceable_until = start + 1s; }},
        {"hold unplaceable nothing_to_do",  // the outcome of a node for some group is still open
         [](Cluster& c) {
             c.ready("i-9", "c5.large").instance("i-9").epoch = 7;
             c.memory().instances["i-9"].registered_at = start - 59s;
             c.memory().groups.push_back({"d", {7}, std::nullopt, 0});
         }},
        {"scale_up pending_pods +3 t2.small",  // only two were refused in the last hour
         [](Cluster& c) { c.memory().groups[1].unplaceable_until = start - 50min; }},
        {"scale_up pending_pods unplaceable +2 t2.small",  // one group was served meanwhile
         [](Cluster& c) {
             c.memory().groups.push_back({web_group, {}, start - 1min, 0});
         }},
    };
    for (const auto& [wanted, given] : rows) {
        auto c = braked(10min);
        c.pending("web", 2, half).pending("db", 3, half);
        given(c);
        EXPECT_EQ(outcome(c.plan()), wanted);
    }
}

TEST(Groups, BrakeTriesTheLeastRefusedAndLongestPendingPod) {
    auto c = braked(10min);
    c.memory().groups[0].group = web_group;
    c.pending("web", 1, half).pending("db", 1, half).pending("new", 1, half);
    c.waiting().pods[0].unschedulable_since = start - 3h;
    c.waiting().pods[1].unschedulable_since = start - 1h;
    c.waiting().pods[2].unschedulable_since = start - 2h;
    const auto plan = c.plan();
    ASSERT_EQ(plan.launch.size(), 1U);
    EXPECT_EQ(plan.launch[0].pods, (std::vector<std::vector<std::string>>{{"default/new-1"}}));
    EXPECT_EQ(plan.unplaceable[0].reason,
              "3 groups of pods got nodes within an hour that the scheduler does not use, so the "
              "others share one new node at a time; another pod is tried first");
}

TEST(Groups, BrakePrefersNamespacesWithoutRefusals) {
    auto c = braked(10min);
    for (auto& group : c.memory().groups) group.group = "noisy/" + group.group;
    c.pending("web", 2, half);
    c.waiting().pods[0].name = "noisy/fresh-1";
    c.waiting().pods[0].unschedulable_since = start - 3h;
    c.waiting().pods[1].unschedulable_since = start - 1min;
    const auto plan = c.plan();
    ASSERT_EQ(plan.launch.size(), 1U);
    EXPECT_EQ(plan.launch[0].pods, (std::vector<std::vector<std::string>>{{"default/web-2"}}));
}

TEST(Groups, ServedGroupsAreExemptFromTheBrake) {
    auto c = braked(10min);
    c.pending("web", 6, half);
    ASSERT_EQ(outcome(c.pass(7)), "scale_up pending_pods unplaceable +1 t2.small");
    c.all_join().pass_time(5s);
    c.runs(c.nodes().back().name, half + half).waiting() = {};
    c.pending("web", 4, half);
    EXPECT_EQ(outcome(c.pass(8)), "hold unplaceable nothing_to_do");
    c.pass_time(60s);
    EXPECT_EQ(outcome(c.pass(9)), "scale_up pending_pods +2 t2.small");
    c.all_join().pass_time(70s).pending("web", 4, half);
    EXPECT_TRUE(groups_of(membership(c.snapshot, c.policy), c.snapshot).find(web_group));
}

TEST(Groups, BrakeAppliesToUnnamedPodsToo) {
    Cluster c;
    c.ready(2).waiting().count = 5;
    c.policy.scale_down.unneeded_for = 1000h;
    EXPECT_EQ(launches_for_a_pod_that_never_fits(c, 10min), 1);
}

}  // namespace
}  // namespace nodenap::test
