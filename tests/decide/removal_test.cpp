#include "decide/removal.hpp"

#include "decide/cluster.hpp"

#include <limits>

namespace nodenap::test {
namespace {

const auto small_pod = resources(100, 100);

TEST(Removal, EveryConditionBlocksByItself) {
    // Each row changes one thing of five idle, empty nodes, of which i-1 would be removed.
    const auto idle = [](Cluster& c) -> Cluster& {
        c.policy.scale_down.max_empty_removals_per_pass = 1;
        return c.ready(5).idle();
    };
    expect_outcomes({
        {"nothing is missing", [&](Cluster& c) { idle(c); }, "scale_down underused -i-1"},
        {"node data unavailable",
         [&](Cluster& c) { idle(c).snapshot.signals.nodes = Unknown{"x"}; },
         "hold metrics_unknown"},
        {"pod data unavailable",
         [&](Cluster& c) { idle(c).snapshot.signals.pending = Unknown{"x"}; },
         "hold metrics_unknown"},
        {"CPU is unknown", [&](Cluster& c) { idle(c).snapshot.signals.cpu = Unknown{"x"}; },
         "hold metrics_unknown"},
        {"memory unknown, and not configured",
         [&](Cluster& c) { idle(c).snapshot.signals.memory = Unknown{"x"}; },
         "scale_down underused -i-1"},
        {"memory unknown, and configured",
         [&](Cluster& c) {
             idle(c).snapshot.signals.memory = Unknown{"x"};
             c.policy.scale_up.memory_above_percent = 80;
         },
         "hold metrics_unknown"},
        {"a pod is pending for a booting node",
         [&](Cluster& c) { idle(c).booting("i-6").pending("web", 1, small_pod); }, "hold booting"},
        {"a pod has just become pending",
         [&](Cluster& c) {
             idle(c).pending("web", 1, small_pod).policy.scale_up.pending_for = 30s;
             c.waiting().pods[0].unschedulable_since = start;
         },
         "hold unneeded_too_short"},
        {"a pod that no node helps does not block it",
         [&](Cluster& c) { idle(c).pending("db", 1, resources(9000, 1)); },
         "scale_down underused unplaceable -i-1"},
        {"a node is booting", [&](Cluster& c) { idle(c).booting("i-6"); }, "hold booting"},
        {"a node is not Ready for 9 minutes", [&](Cluster& c) { idle(c).notready("i-6", 9min); },
         "hold booting"},
        {"a node is not Ready for 10 minutes: it blocks no longer",
         [&](Cluster& c) { idle(c).notready("i-6", 10min); }, "scale_down underused -i-1"},
        {"a node is observed not Ready for the first time",
         [&](Cluster& c) {
             idle(c).notready("i-6", 0min).memory().instances["i-6"].notready_since.reset();
         },
         "hold booting"},
        {"a node has just become Ready",
         [&](Cluster& c) { idle(c).memory().last_ready_at = start - 4min; }, "hold cooldown"},
        {"a node was removed", [&](Cluster& c) { idle(c).memory().last_removal_at = start - 4min; },
         "hold cooldown"},
        {"the later of the two counts",
         [&](Cluster& c) {
             idle(c).memory().last_removal_at = start - 1h;
             c.memory().last_ready_at = start - 4min;
         },
         "hold cooldown"},
        {"the later of the two counts, the other way",
         [&](Cluster& c) {
             idle(c).memory().last_ready_at = start - 1h;
             c.memory().last_removal_at = start - 4min;
         },
         "hold cooldown"},
        {"there is no cooldown, and the state's seconds are rounded up",
         [&](Cluster& c) {
             idle(c).memory().last_ready_at = start + 1s;
             c.policy.scale_down.cooldown = 0s;
         },
         "scale_down underused -i-1"},
        {"the cooldown is over", [&](Cluster& c) { idle(c).memory().last_ready_at = start - 5min; },
         "scale_down underused -i-1"},
        {"a premature removal doubled it",
         [&](Cluster& c) {
             idle(c).memory().last_removal_at = start - 9min;
             c.memory().cooldown_doublings = 1;
         },
         "hold cooldown"},
        {"the minimum is reached", [&](Cluster& c) { idle(c).policy.limits.min_nodes = 5; },
         "hold at_minimum"},
        {"the pool's minimum is reached", [&](Cluster& c) { idle(c).pool().min_nodes = 5; },
         "hold at_minimum"},
        {"CPU is at the line", [&](Cluster& c) { idle(c).cpu(30); }, "hold nothing_to_do"},
        {"CPU has been low for less than unneeded_for",
         [&](Cluster& c) { idle(c).memory().low_since = start - 4min; }, "hold unneeded_too_short"},
        {"CPU is low for the first time", [&](Cluster& c) { idle(c).memory().low_since.reset(); },
         "hold unneeded_too_short"},
        {"CPU has been low for unneeded_for",
         [&](Cluster& c) { idle(c).memory().low_since = start - 5min; },
         "scale_down underused -i-1"},
        {"every burstable node is at its baseline", [&](Cluster& c) { idle(c).cpu(20); },
         "hold burst_baseline"},
        {"every node runs pods",
         [&](Cluster& c) {
             idle(c);
             for (int i = 1; i <= 5; ++i) c.runs("i-" + std::to_string(i), small_pod);
         },
         "hold not_drainable"},
    });
}

TEST(Removal, OfEqualPricePrefersTheOldestRemovable) {
    expect_outcomes({
        {"the oldest", [](Cluster& c) { c.ready(3).idle(); }, "scale_down underused -i-1"},
        {"the oldest by launch, not by the order of the list",
         [](Cluster& c) { c.ready(3).idle().instance("i-3").launched_at = start - 3h; },
         "scale_down underused -i-3"},
        {"the oldest that is empty",
         [](Cluster& c) { c.ready(4).idle().runs("i-1", small_pod).runs("i-2", small_pod); },
         "scale_down underused -i-3 -i-4"},
        {"the oldest, busy or not, if without_drain is any",
         [](Cluster& c) {
             c.ready(4).idle().runs("i-1", small_pod).policy.scale_down.victim = Victim::oldest;
             c.policy.scale_down.without_drain = WithoutDrain::any;
         },
         "scale_down underused -i-1"},
        {"one that is not Ready may be removed too, if many are not",
         [](Cluster& c) { c.notready("i-0", 1h).notready("i-1", 1h).ready("i-2").idle(); },
         "scale_down underused -i-0"},
        {"… but not while kube-state-metrics does not list all pods",
         [](Cluster& c) {
             c.notready("i-0", 1h).notready("i-1", 1h).ready("i-2").ready("i-3").idle();
             c.node("i-3").hidden_pods = 1;
         },
         "scale_down underused -i-2"},
        {"one without a Node object is kept",
         [](Cluster& c) {
             c.ready(3).idle().nodes().erase(c.nodes().begin());
             c.memory().instances["i-1"].notready_since = start - 1h;
             c.cpu_use().hosts.erase(c.cpu_use().hosts.begin());
         },
         "scale_down underused -i-2"},
        {"one cordoned by someone else is kept",
         [](Cluster& c) { c.ready(3).idle().node("i-1").schedulable = false; },
         "scale_down underused -i-2"},
        {"one whose pool has taints of its own is not cordoned by them",
         [](Cluster& c) {
             c.ready(3).idle().pool().taints = {"dedicated=web:NoSchedule"};
             for (auto& node : c.nodes()) node.schedulable = false;
         },
         "scale_down underused -i-1"},
        {"a PreferNoSchedule taint does not matter",
         [](Cluster& c) {
             c.ready(3).idle().pool().taints = {"dedicated=web:PreferNoSchedule"};
             c.node("i-1").schedulable = false;
         },
         "scale_down underused -i-2"},
        {"one of a pool that is no longer configured may be removed",
         [](Cluster& c) { c.ready(3).idle().instance("i-1").offering.pool = "old"; },
         "scale_down underused -i-1"},
        {"the server is never chosen, even if it has the cluster's tags and is the oldest",
         [](Cluster& c) { c.ready(4).idle().node("i-1").server = true; },
         "scale_down underused -i-2"},
        {"… and counts for no minimum",
         [](Cluster& c) { c.ready(3).idle().node("i-1").server = true; }, "hold at_minimum"},
        {"a terminating one is not chosen again",
         [](Cluster& c) { c.ready(4).idle().instance("i-1").terminating = true; },
         "scale_down underused -i-2"},
        {"only servers and nodes of others",
         [](Cluster& c) { c.server().idle().policy.limits.min_nodes = 0; }, "hold at_minimum"},
    });
}

TEST(Removal, RemainingNodesHoldAllPodsAtNinetyPercent) {
    // Three t2.small of 900m, 1748 MiB and 110 pods; two remain: 1620m, 3146 MiB and 198 pods.
    const auto any = [](Cluster& c) -> Cluster& {
        c.ready(3).idle().policy.scale_down.without_drain = WithoutDrain::any;
        return c;
    };
    expect_outcomes({
        {"1620m of the 1800m that would remain are 90%: it goes",
         [&](Cluster& c) {
             any(c).runs("i-1", resources(220, 0)).runs("i-2", resources(800, 0));
             c.runs("i-3", resources(600, 0));
         },
         "scale_down underused -i-1"},
        {"1621m are more: it stays",
         [&](Cluster& c) {
             any(c).runs("i-1", resources(221, 0)).runs("i-2", resources(800, 0));
             c.runs("i-3", resources(600, 0));
         },
         "hold requests_too_high"},
        {"3147 MiB of 3496 are more: it stays",
         [&](Cluster& c) {
             any(c).runs("i-1", resources(0, 147)).runs("i-2", resources(0, 1500));
             c.runs("i-3", resources(0, 1500));
         },
         "hold requests_too_high"},
        {"199 pods of 220 are more: it stays",
         [&](Cluster& c) {
             any(c).runs("i-1", resources(0, 0, 50)).runs("i-2", resources(0, 0, 75));
             c.runs("i-3", resources(0, 0, 74));
         },
         "hold requests_too_high"},
        {"requests that would overflow are too many: it is kept",
         [&](Cluster& c) {
             constexpr auto absurd = std::numeric_limits<std::int64_t>::max() / 51;
             any(c).runs("i-1", resources(absurd, 0)).runs("i-2", resources(absurd, 0));
         },
         "hold requests_too_high"},
        {"DaemonSet pods of the node that goes do not move",
         [&](Cluster& c) {
             any(c).runs("i-1", resources(400, 0)).runs("i-2", resources(800, 0));
             c.runs("i-3", resources(600, 0)).node("i-1").daemonset_requested = resources(200, 0);
         },
         "scale_down underused -i-1"},
        {"the server's free resources count",
         [&](Cluster& c) {
             any(c).server().cpu(10);
             for (const auto* id : {"i-1", "i-2", "i-3"}) c.runs(id, resources(800, 0));
         },
         "scale_down underused -i-1"},
        {"… unless it keeps ordinary pods away",
         [&](Cluster& c) {
             any(c).server().cpu(10).node("server").schedulable = false;
             for (const auto* id : {"i-1", "i-2", "i-3"}) c.runs(id, resources(800, 0));
         },
         "hold requests_too_high"},
        {"a node that is not Ready has no free resources",
         [&](Cluster& c) {
             any(c).notready("i-4", 1h);
             for (const auto* id : {"i-1", "i-2", "i-3"}) c.runs(id, resources(600, 0));
             c.runs("i-4", resources(700, 0));  // with it: 2500m of 2700m
         },
         "hold requests_too_high"},
        {"pods of a terminating node need resources too",
         [&](Cluster& c) {
             any(c).ready("i-4").idle().runs("i-4", resources(900, 0));
             c.runs("i-1", resources(400, 0)).runs("i-2", resources(400, 0));
             c.instance("i-4").terminating = true;
         },
         "hold requests_too_high"},
        {"a terminating instance without a Node needs nothing",
         [&](Cluster& c) {
             any(c).booting("i-4").runs("i-1", resources(400, 0)).instance("i-4").terminating =
                 true;
         },
         "scale_down underused -i-2"},
        {"pods of a tainted pool can only move to its own nodes",
         [&](Cluster& c) {
             any(c).server().cpu(10).pool().taints = {"dedicated=web:NoExecute"};
             for (const auto* id : {"i-1", "i-2", "i-3"}) {
                 c.runs(id, resources(800, 0)).node(id).schedulable = false;
             }
         },
         "hold requests_too_high"},
        {"nodes of other pools cannot take pods of a tainted pool",
         [&](Cluster& c) {
             any(c).pool().taints = {"dedicated=web:NoSchedule"};
             c.policy.pools.push_back(c.pool());
             c.pool(1).name = "other";
             c.instance("i-2").offering.pool = c.instance("i-3").offering.pool = "other";
             for (auto& node : c.nodes()) node.schedulable = false;
             c.runs("i-1", small_pod).runs("i-2", resources(0, 0, 100));
             c.policy.pools[1].min_nodes = 2;
             c.policy.scale_down.victim = Victim::oldest;
         },
         "hold requests_too_high"},
    });
}

TEST(Removal, IsNotMadeIfItWouldTriggerScaleUp) {
    expect_outcomes({
        {"3 nodes at 25%: two would be at 37.5%", [](Cluster& c) { c.ready(3).idle().cpu(25); },
         "scale_down underused -i-1"},
        {"3 nodes at 25% and a line of 37.4%: it would fire again",
         [](Cluster& c) { c.ready(3).idle().cpu(25).policy.scale_up.cpu_above_percent = 37.4; },
         "hold would_fire_again"},
        {"at the threshold it would not trigger scale-up",
         [](Cluster& c) { c.ready(3).idle().cpu(25).policy.scale_up.cpu_above_percent = 37.5; },
         "scale_down underused -i-1"},
        {"a larger node removes more capacity",
         [](Cluster& c) { c.ready("i-1", "c5.xlarge").ready("i-2").ready("i-3").idle().cpu(25); },
         "scale_down underused -i-2"},
        {"memory, if configured",
         [](Cluster& c) {
             c.ready(3).idle().policy.scale_up.memory_above_percent = 80;
             c.snapshot.signals.memory = Use{60, {}};
         },
         "hold would_fire_again"},
        {"memory that fits",
         [](Cluster& c) {
             c.ready(3).idle().policy.scale_up.memory_above_percent = 80;
             c.snapshot.signals.memory = Use{50, {}};
         },
         "scale_down underused -i-1"},
        {"a percentage only",
         [](Cluster& c) {
             c.ready(3).idle().policy.scale_up.cpu_above_percent = 31;
             c.cpu_use() = {25, {}};
         },
         "hold would_fire_again"},
        {"a node without usage data removes no capacity",
         [](Cluster& c) {
             c.notready("i-0", 10min).ready(2).idle().cpu(29);
             c.policy.scale_up.cpu_above_percent = 31;
         },
         "scale_down underused -i-0"},
        {"the last idle node may be removed",
         [](Cluster& c) { c.ready(1).idle().cpu(0).policy.limits.min_nodes = 0; },
         "scale_down underused -i-1"},
        {"the last busy node may not",
         [](Cluster& c) { c.ready(1).idle().policy.limits.min_nodes = 0; },
         "hold would_fire_again"},
    });
}

TEST(Removal, ReportsKeptNodesWithReasons) {
    Cluster c;
    c.ready(4).idle().runs("i-1", small_pod).pool().min_nodes = 1;
    c.node("i-2").schedulable = false;
    c.policy.scale_down.victim = Victim::oldest;
    const auto plan = c.plan();
    EXPECT_EQ(plan.remove, (std::vector<Removal>{{"i-3", "i-3", RemovalCause::underused},
                                                 {"i-4", "i-4", RemovalCause::underused}}));
    EXPECT_EQ(plan.kept,
              (std::vector<KeptNode>{
                  {"i-1", "runs pods, and this version cannot drain nodes (see without_drain)"},
                  {"i-2", "cordoned or tainted by someone else"}}));
    EXPECT_EQ(plan.reasons[0].text,
              "CPU has been low for 1h (10% now), and the other nodes can hold all pods");
}

TEST(Removal, ReportsTheBestReason) {
    // One node runs pods, removing another would raise the load: the second is the best reason.
    Cluster c;
    c.ready(3).idle().cpu(25).runs("i-1", small_pod);
    c.policy.scale_up.cpu_above_percent = 31;
    EXPECT_EQ(outcome(c.plan()), "hold would_fire_again");
    EXPECT_EQ(c.plan().reasons[0].text,
              "after the removal CPU would be at 37.5%, above the scale-up threshold (31%)");
    EXPECT_EQ(c.plan().kept.size(), 3u);
}

TEST(Removal, ReportsTheRemainingTime) {
    const std::vector<Case> cases{
        {"cooldown", [](Cluster& c) { c.memory().last_removal_at = start - 2min; },
         "cooling down for 3m more"},
        {"unneeded", [](Cluster& c) { c.memory().low_since = start - 90s; },
         "CPU is at 10%; if it stays low for 3m30s more, nodes will be removed"},
        {"booting", [](Cluster& c) { c.booting("i-9"); }, "waiting for 1 booting node"},
        {"not Ready", [](Cluster& c) { c.notready("i-9", 1min); },
         "i-9 is not Ready; no removal for up to 10m"},
        {"at the minimum", [](Cluster& c) { c.policy.limits.min_nodes = 4; },
         "4 workers, the minimum (min_nodes = 4)"},
        {"busy", [](Cluster& c) { c.cpu(45.55); },
         "CPU is at 45.6%, not below 30%, and no pods are pending"},
        {"unknown", [](Cluster& c) { c.snapshot.signals.cpu = Unknown{"no data"}; },
         "CPU data unavailable (no data); no node will be removed"},
        {"burst", [](Cluster& c) { c.cpu(20); },
         "i-1 is at its baseline (20%) and may be out of CPU credits, so its low CPU does not "
         "count as idle"},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.name);
        Cluster c;
        c.ready(4).idle();
        each.given(c);
        EXPECT_EQ(c.decide().reasons.at(0).text, each.wanted);
    }
}

}  // namespace
}  // namespace nodenap::test
