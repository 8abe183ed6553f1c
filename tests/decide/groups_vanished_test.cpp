// Groups whose pods are deleted before any node helped them: a CronJob whose pod fits nowhere and
// has a deadline, a tool that gives up after a minute.

#include "decide/cluster.hpp"
#include "decide/groups.hpp"

namespace nodenap::test {
namespace {

const auto half = resources(450, 512);
const std::string report_group = "batch/report/450m/512Mi";

/// A pod of the run that began at `since`.
void run_waits(Cluster& c, Time since) {
    const auto minute = std::to_string(29'000'000 + (since - start) / 1min);
    c.waiting().pods.push_back(
        {"batch/report-" + minute + "-x7k2p", {}, half, std::optional(since)});
    c.waiting().count = static_cast<std::int64_t>(c.waiting().pods.size());
}

/// Two busy workers, and a node that was launched in epoch 7 for the report and has been Ready
/// `since`.
Cluster launched_for_the_report(Time since) {
    Cluster c;
    c.ready(2).ready("i-3").instance("i-3").epoch = 7;
    for (const auto* id : {"i-1", "i-2"}) c.runs(id, resources(800, 1500));
    c.memory().instances["i-3"].registered_at = since;
    c.memory().groups = {{report_group, {7}, std::nullopt, 0}};
    return c;
}

const PodGroupMemory* after_a_pass(Cluster& c, std::int64_t epoch = 9) {
    c.pass(epoch);
    return c.memory().groups.empty() ? nullptr : &c.memory().groups.front();
}

/// Passes every two minutes for six hours. A run begins every ten minutes and is deleted 70 seconds
/// later; a launched node is Ready in the next pass; empty nodes are removed.
int launches_for_runs() {
    Cluster c;
    c.ready(2).policy.limits.max_nodes = c.pool().max_nodes = 100;
    for (const auto* id : {"i-1", "i-2"}) c.runs(id, resources(800, 1500));
    int launches = 0;
    std::int64_t epoch = 1;
    for (Milliseconds passed{0}; passed < 6h; passed += 2min) {
        const Time run{start + passed / 10min * 10min};
        c.waiting() = {};
        if (c.snapshot.now - run < 70s) run_waits(c, run);
        c.memory().low_since = start - 1h;
        c.memory().low_seen_at = c.snapshot.now;
        launches += c.cpu(10).pass(epoch++).totals.new_nodes;
        c.all_join().pass_time(2min);
        std::erase_if(c.nodes(), [&](const Node& node) {
            return c.instance(node.name).state == InstanceState::shutting_down;
        });
    }
    return launches;
}

TEST(GroupsThatVanish, CauseAsFewLaunchesAsPendingOnes) {
    const int launches = launches_for_runs();
    EXPECT_LE(launches, 7);
    EXPECT_GE(launches, 3) << "it is tried again, each time later";
}

TEST(GroupsThatVanish, DoNotAffectTheCooldown) {
    auto c = launched_for_the_report(start - 2min);
    c.memory().last_removal_at = start - 8min;
    ASSERT_EQ(after_a_pass(c)->failures, 1);
    for (const bool was_tried : {true, false}) {
        auto next = c;
        if (!was_tried) next.memory().groups.clear();
        next.instance("i-3").state = InstanceState::terminated;
        next.pass_time(11min);
        next.memory().last_removal_at = next.snapshot.now - 1min;
        run_waits(next, next.snapshot.now - 30s);
        EXPECT_EQ(outcome(next.pass(10)), "scale_up pending_pods +1 t2.small");
        EXPECT_EQ(next.memory().cooldown_doublings, was_tried ? 0 : 1);
    }
}

TEST(GroupsThatVanish, AreJudgedByTheirNodes) {
    struct Row {
        const char* name;
        std::function<void(Cluster&)> given;
        int failures;  // -1: the group was served, and is forgotten
    };
    const std::vector<Row> rows{
        {"the node is empty", [](Cluster&) {}, 1},
        {"a pod runs there", [](Cluster& c) { c.runs("i-3", half); }, -1},
        {"a pod runs there already, before the node has settled",
         [](Cluster& c) {
             c.runs("i-3", half).memory().instances["i-3"].registered_at = start - 10s;
         },
         -1},
        {"kube-state-metrics does not list the pod that cAdvisor reports there",
         [](Cluster& c) { c.node("i-3").unlisted_pods = 1; }, -1},
        {"the node has just become Ready",
         [](Cluster& c) { c.memory().instances["i-3"].registered_at.reset(); }, 1},
        {"no pod at all is listed there yet",
         [](Cluster& c) {
             c.node("i-3").only_daemonset_pods = false;
             c.memory().instances["i-3"].registered_at = start - 10s;
         },
         0},
        {"no pod at all is listed there for two minutes: it counts as full",
         [](Cluster& c) { c.node("i-3").only_daemonset_pods = false; }, -1},
        {"one of two nodes is in use",
         [](Cluster& c) { c.ready("i-4").runs("i-4", half).instance("i-4").epoch = 7; }, -1},
        {"another node still boots", [](Cluster& c) { c.booting("i-4").instance("i-4").epoch = 7; },
         1},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        auto c = launched_for_the_report(start - 2min);
        row.given(c);
        const auto* group = after_a_pass(c);
        EXPECT_EQ(group == nullptr ? -1 : group->failures, row.failures);
    }
}

TEST(GroupsThatVanish, FailOncePerNodeAndAreServedOnceItIsUsed) {
    auto c = launched_for_the_report(start - 2min);
    c.policy.scale_down.unneeded_for = 1000h;
    const auto refused = *after_a_pass(c);
    EXPECT_EQ(refused.unplaceable_until, start + 10min);
    EXPECT_EQ(refused.launched_epochs, std::vector<std::int64_t>{7});
    c.pass_time(5min);
    EXPECT_EQ(*after_a_pass(c), refused) << "no new observation";
    run_waits(c, c.snapshot.now);
    EXPECT_EQ(*after_a_pass(c), refused) << "the next run is pending, with a reason";
    EXPECT_EQ(c.plan().unplaceable.front().reason,
              "a node was launched for it, but the scheduler does not place it there; retry in 5m");

    auto served = c;
    served.waiting() = {};
    served.runs("i-3", half);
    EXPECT_EQ(after_a_pass(served), nullptr);

    c.pass_time(6min);
    const auto again = *after_a_pass(c);
    EXPECT_EQ(again.failures, 2) << "the node still exists, and does not help";
    EXPECT_EQ(again.unplaceable_until, c.snapshot.now + 20min);
    EXPECT_TRUE(again.launched_epochs.empty());
}

TEST(GroupsThatVanish, AreJudgedByTheNewNodeIfThereIsOne) {
    auto c = launched_for_the_report(start - 2min);
    c.policy.scale_down.unneeded_for = 1000h;
    ASSERT_EQ(after_a_pass(c)->failures, 1);
    note_launched_groups(c.memory(), {report_group}, 11);
    EXPECT_EQ(c.memory().groups.front().launched_epochs, std::vector<std::int64_t>{11});
    EXPECT_FALSE(c.memory().groups.front().pods_vanished);
}

TEST(GroupsThatVanish, DoNotDelayTheBrake) {
    auto c = launched_for_the_report(start - 2min);
    c.policy.scale_down.unneeded_for = 1000h;
    c.memory().groups.push_back({"b", {}, start + 5min, 1});
    c.memory().groups.push_back({"c", {}, start + 5min, 1});
    c.pass(9);
    c.pass_time(9min);
    const auto brake_now = [&] {
        return brake_of(groups_of(membership(c.snapshot, c.policy), c.snapshot), c.snapshot.now);
    };
    EXPECT_TRUE(brake_now().is_on());
    EXPECT_FALSE(brake_now().awaits_outcome);
    EXPECT_EQ(brake_now().rests_for, 1min);
}

}  // namespace
}  // namespace nodenap::test
