#include "decide/scaler.hpp"

#include "decide/cluster.hpp"

#include <gmock/gmock.h>

namespace nodenap::test {
namespace {

using testing::HasSubstr;

TEST(Minimum, IsAlwaysKept) {
    expect_outcomes({
        {"an empty cluster gets its minimum", [](Cluster&) {},
         "scale_up below_minimum +2 t2.small"},
        {"one node of two", [](Cluster& c) { c.ready(1); }, "scale_up below_minimum +1 t2.small"},
        {"a booting node counts", [](Cluster& c) { c.ready(1).booting("i-2"); }, "hold booting"},
        {"a node that is not Ready counts: it is running",
         [](Cluster& c) { c.ready(1).notready("i-2", 9min); }, "hold booting"},
        {"… until it is dead: then it is replaced",
         [](Cluster& c) { c.ready(1).notready("i-2", 20min); },
         "scale_up below_minimum not_ready +1 t2.small -i-2"},
        {"a pool replaces dead nodes too",
         [](Cluster& c) { c.ready(2).notready("i-3", 20min).pool().min_nodes = 3; },
         "scale_up below_minimum not_ready +1 t2.small -i-3"},
        {"a terminating node does not count",
         [](Cluster& c) { c.ready(2).instance("i-2").terminating = true; },
         "scale_up below_minimum +1 t2.small"},
        {"an instance that shuts down does not count",
         [](Cluster& c) { c.ready(2).instance("i-2").state = InstanceState::shutting_down; },
         "scale_up below_minimum +1 t2.small"},
        {"the cooldown does not block it",
         [](Cluster& c) { c.ready(1).memory().last_removal_at = start - 1s; },
         "scale_up below_minimum +1 t2.small"},
        {"unknown metrics do not block it", [](Cluster& c) { c.ready(1).snapshot.signals = {}; },
         "scale_up below_minimum +1 t2.small"},
        {"a pool below its own minimum", [](Cluster& c) { c.ready(2).pool().min_nodes = 3; },
         "scale_up below_minimum +1 t2.small"},
        {"a pool's nodes count for the cluster's minimum too",
         [](Cluster& c) { c.pool().min_nodes = 2; }, "scale_up below_minimum +2 t2.small"},
        {"the cluster's minimum is reached with any pool",
         [](Cluster& c) {
             c.policy.limits.min_nodes = 3;
             c.pool().min_nodes = 1;
         },
         "scale_up below_minimum +3 t2.small"},
        {"no minimum, no nodes", [](Cluster& c) { c.policy.limits.min_nodes = 0; },
         "hold at_minimum"},
    });
}

TEST(PendingPods, AreServedAtOnce) {
    const auto half = resources(500, 512);
    expect_outcomes({
        {"one pod, one node", [&](Cluster& c) { c.ready(2).pending("web", 1, half); },
         "scale_up pending_pods +1 t2.small"},
        {"all nodes in one pass", [&](Cluster& c) { c.ready(2).pending("web", 5, half); },
         "scale_up pending_pods +5 t2.small"},
        {"no pending pods, nothing is added", [](Cluster& c) { c.ready(3); }, "hold nothing_to_do"},
        {"no cooldown",
         [&](Cluster& c) {
             c.ready(2).pending("web", 1, half).memory().last_removal_at = start - 1s;
         },
         "scale_up pending_pods +1 t2.small"},
        {"with CPU unknown",
         [&](Cluster& c) {
             c.ready(2).pending("web", 1, half).snapshot.signals.cpu = Unknown{"stale"};
         },
         "scale_up pending_pods +1 t2.small"},
        {"with the nodes unknown",
         [&](Cluster& c) {
             c.ready(2).pending("web", 1, half).snapshot.signals.nodes = Unknown{"stale"};
         },
         "scale_up pending_pods +1 t2.small"},
        {"a booting node holds it",
         [&](Cluster& c) { c.ready(2).booting("i-3").pending("web", 1, half); }, "hold booting"},
        {"not yet pending for pending_for",
         [&](Cluster& c) {
             c.ready(2).pending("web", 1, half);
             c.policy.scale_up.pending_for = 30s;
             c.waiting().pods[0].unschedulable_since = start - 29s;
         },
         "hold unneeded_too_short"},
        {"pending for pending_for",
         [&](Cluster& c) {
             c.ready(2).pending("web", 1, half);
             c.policy.scale_up.pending_for = 30s;
             c.waiting().pods[0].unschedulable_since = start - 30s;
         },
         "scale_up pending_pods +1 t2.small"},
        {"unknown since when: long enough",
         [&](Cluster& c) {
             c.ready(2).pending("web", 1, half);
             c.policy.scale_up.pending_for = 30s;
         },
         "scale_up pending_pods +1 t2.small"},
        {"the cluster's clock is 60 seconds ahead",
         [&](Cluster& c) {
             c.ready(2).pending("web", 1, half).waiting().pods[0].unschedulable_since = start + 60s;
         },
         "scale_up pending_pods +1 t2.small"},
        {"below the minimum too: one new node serves both",
         [&](Cluster& c) { c.ready(1).pending("web", 1, half); },
         "scale_up below_minimum pending_pods +1 t2.small"},
        {"a pod that no type can hold needs no node",
         [](Cluster& c) { c.ready(2).pending("db", 1, resources(901, 64)); },
         "hold unplaceable at_minimum"},
        {"… and is no obstacle to the others",
         [&](Cluster& c) {
             c.ready(2).pending("db", 1, resources(100, 1749)).pending("web", 1, half);
         },
         "scale_up pending_pods unplaceable +1 t2.small"},
        {"unnamed pods need one node", [](Cluster& c) { c.ready(2).waiting().count = 12; },
         "scale_up pending_pods +1 t2.small"},
        {"… and waits for it", [](Cluster& c) { c.ready(2).booting("i-3").waiting().count = 12; },
         "hold booting"},
        {"… which the minimum may bring already",
         [](Cluster& c) { c.ready(1).waiting().count = 12; },
         "scale_up below_minimum pending_pods +1 t2.small"},
    });
}

TEST(HighCpu, AddsNodesDownToTheThreshold) {
    expect_outcomes({
        {"at the threshold nothing happens", [](Cluster& c) { c.ready(4).cpu(70); },
         "hold nothing_to_do"},
        {"CPU at 81% of 4 cores adds one t2.small", [](Cluster& c) { c.ready(4).cpu(81); },
         "scale_up high_cpu +1 t2.small"},
        {"CPU at 100% of 4 cores adds two t2.small", [](Cluster& c) { c.ready(4).cpu(100); },
         "scale_up high_cpu +2 t2.small"},
        {"CPU at 100% of 4 cores adds one t3.small",
         [](Cluster& c) { c.ready(4).cpu(100).pool().instance_types = {"t3.small"}; },
         "scale_up high_cpu +1 t3.small"},
        {"a booting core counts: 100% of 4 cores adds one more t2.small",
         [](Cluster& c) { c.ready(4).cpu(100).booting("i-5"); }, "scale_up high_cpu +1 t2.small"},
        {"two booting cores suffice",
         [](Cluster& c) { c.ready(4).cpu(100).booting("i-5").booting("i-6"); }, "hold booting"},
        {"at most doubled: 2 cores at 100% and a line of 20% add two, not eight",
         [](Cluster& c) { c.ready(2).cpu(100).policy.scale_up.cpu_above_percent = 20; },
         "scale_up high_cpu +2 t2.small"},
        {"one node is always allowed, even if it more than doubles",
         [](Cluster& c) {
             c.policy.limits.min_nodes = 1;
             c.ready(1).cpu(100).pool().instance_types = {"c5.xlarge"};
         },
         "scale_up high_cpu +1 c5.xlarge"},
        {"no cooldown",
         [](Cluster& c) { c.ready(4).cpu(81).memory().last_removal_at = start - 1s; },
         "scale_up high_cpu +1 t2.small"},
        {"the server's cores count", [](Cluster& c) { c.ready(2).server().cpu(100); },
         "scale_up high_cpu +2 t2.small"},
        {"pending pods unknown",
         [](Cluster& c) { c.ready(4).cpu(81).snapshot.signals.pending = Unknown{"stale"}; },
         "scale_up high_cpu +1 t2.small"},
        {"nodes launched for pods count",
         [](Cluster& c) { c.ready(4).cpu(100).pending("web", 2, resources(500, 512)); },
         "scale_up pending_pods high_cpu +2 t2.small"},
        {"only a percentage: the Ready nodes count as observed",
         [](Cluster& c) {
             c.ready(4);
             c.cpu_use() = {100, {}};
         },
         "scale_up high_cpu +2 t2.small"},
        {"CPU unknown adds nothing",
         [](Cluster& c) { c.ready(4).snapshot.signals.cpu = Unknown{"NaN"}; },
         "hold metrics_unknown"},
    });
}

TEST(HighMemory, IsOffByDefault) {
    const auto use = [](Cluster& c, double percent) {
        Use memory{percent, {}};
        for (const auto& host : c.cpu_use().hosts) {
            memory.hosts.push_back({host.host, 2000 * percent / 100, 2000});
        }
        c.snapshot.signals.memory = memory;
    };
    const auto line = [](Cluster& c) { c.policy.scale_up.memory_above_percent = 80; };
    expect_outcomes({
        {"off", [&](Cluster& c) { use(c.ready(4), 99); }, "hold nothing_to_do"},
        {"at the threshold",
         [&](Cluster& c) {
             line(c);
             use(c.ready(4), 80);
         },
         "hold nothing_to_do"},
        {"memory at 90% of 4 × 2000 MiB adds one t2.small",
         [&](Cluster& c) {
             line(c);
             use(c.ready(4), 90);
         },
         "scale_up high_memory +1 t2.small"},
        {"a booting node counts",
         [&](Cluster& c) {
             line(c);
             use(c.ready(4), 90);
             c.booting("i-5");
         },
         "hold booting"},
        {"both: nodes added for CPU count for memory",
         [&](Cluster& c) {
             line(c);
             use(c.ready(4), 90);
             c.cpu(100);
         },
         "scale_up high_cpu high_memory +2 t2.small"},
        {"unknown adds nothing, and blocks removals",
         [&](Cluster& c) {
             line(c);
             c.ready(4).idle().snapshot.signals.memory = Unknown{"stale"};
         },
         "hold metrics_unknown"},
    });
}

TEST(AboveMaximum, SurplusIsRemovedFirst) {
    const auto two = [](Cluster& c) { c.policy.limits.max_nodes = 2; };
    expect_outcomes({
        {"booting ones, the youngest",
         [&](Cluster& c) {
             two(c);
             c.ready(2).booting("i-3", 2min).booting("i-4", 1min);
         },
         "scale_down above_maximum -i-4"},
        {"then the oldest that is empty",
         [&](Cluster& c) {
             two(c);
             c.ready(3).cpu(40);
         },
         "scale_down above_maximum -i-1"},
        {"one that runs pods is kept",
         [&](Cluster& c) {
             two(c);
             c.ready(3).cpu(40).runs("i-1", resources(100, 100));
         },
         "scale_down above_maximum -i-2"},
        {"all run pods",
         [&](Cluster& c) {
             two(c);
             c.ready(3);
             for (const auto* id : {"i-1", "i-2", "i-3"}) c.runs(id, resources(100, 100));
         },
         "hold not_drainable"},
        {"neither cooldown nor idleness is required",
         [&](Cluster& c) {
             two(c);
             c.ready(3).cpu(40).memory().last_removal_at = start - 1s;
         },
         "scale_down above_maximum -i-1"},
        {"pending pods do not block it, since no node could be launched for them",
         [&](Cluster& c) {
             two(c);
             c.ready(2).booting("i-3").pending("web", 9, resources(500, 512));
         },
         "scale_down above_maximum -i-3"},
        {"… and are explained where nothing can go",
         [&](Cluster& c) {
             two(c);
             c.ready(3).pending("web", 1, resources(500, 512));
             for (const auto* id : {"i-1", "i-2", "i-3"}) c.runs(id, resources(100, 100));
         },
         "hold at_maximum pending_pods"},
        {"unknown metrics block it",
         [&](Cluster& c) {
             two(c);
             c.ready(3).snapshot.signals.pending = Unknown{"stale"};
         },
         "hold metrics_unknown"},
        {"load that would trigger scale-up blocks it",
         [&](Cluster& c) {
             two(c);
             c.ready(3).cpu(69);
         },
         "hold would_fire_again"},
        {"a pool keeps its minimum, booting nodes too",
         [&](Cluster& c) {
             two(c);
             c.pool().min_nodes = 1;
             c.policy.pools.push_back(c.pool());
             c.pool(1).name = "other";
             c.ready(2).cpu(30).booting("i-3").instance("i-3").offering.pool = "other";
         },
         "scale_down above_maximum -i-1"},
    });
}

TEST(NeverJoined, IsTerminated) {
    const auto half = resources(500, 512);
    expect_outcomes({
        {"at the join timeout it still boots", [](Cluster& c) { c.ready(2).booting("i-3", 10min); },
         "hold booting"},
        {"after it, it is terminated", [](Cluster& c) { c.ready(2).booting("i-3", 10min + 1s); },
         "scale_down not_joined -i-3"},
        {"never while node data is unavailable",
         [](Cluster& c) {
             c.ready(2).booting("i-3", 1h).snapshot.signals.nodes = Unknown{"unreachable"};
         },
         "hold metrics_unknown"},
        {"it holds no pods, but counts for the maximum until it has terminated",
         [&](Cluster& c) {
             c.policy.limits.max_nodes = 4;
             c.ready(2).booting("i-3", 1h).pending("web", 2, half);
             c.pool().instance_types = {"t3.small"};
         },
         "scale_up pending_pods not_joined +1 t3.small -i-3"},
        {"its offering is in backoff: another is used",
         [&](Cluster& c) {
             c.ready(2).booting("i-3", 1h).pending("web", 1, half);
             c.pool().subnets.pop_back();
             c.instance("i-3").offering.zone = "us-east-1a";
             c.pool().instance_types = {"t2.small", "t3.small"};
         },
         "scale_up pending_pods not_joined +1 t3.small -i-3"},
        {"… and where there is no other, nothing is launched",
         [&](Cluster& c) {
             c.ready(2).booting("i-3", 1h).pending("web", 1, half);
             c.pool().subnets.pop_back();
             c.instance("i-3").offering.zone = "us-east-1a";
         },
         "scale_down not_joined no_capacity pending_pods -i-3"},
        {"it is not a surplus as well",
         [](Cluster& c) {
             c.policy.limits.max_nodes = 2;
             c.ready(2).booting("i-3", 1h);
         },
         "scale_down not_joined -i-3"},
        {"its Node exists but was never Ready",
         [](Cluster& c) { c.ready(2).booting("i-3", 11min).node("i-3").ready = false; },
         "scale_down not_joined -i-3"},
    });
}

TEST(Decide, ReportsMissingEc2Data) {
    Cluster c;
    c.snapshot.fleet = Unknown{"RequestLimitExceeded"};
    c.pending("web", 3, resources(500, 512));
    EXPECT_EQ(outcome(c.plan()), "hold fleet_unknown");
    EXPECT_THAT(c.decide().reasons[0].text, HasSubstr("RequestLimitExceeded"));
}

TEST(Decide, ReasonsHaveNumbers) {
    const std::vector<Case> cases{
        {"below the minimum", [](Cluster& c) { c.ready(1); }, "1 worker, below min_nodes (2)"},
        {"a pool", [](Cluster& c) { c.ready(2).pool().min_nodes = 4; },
         "below the min_nodes of pool workers (by 2)"},
        {"pods", [](Cluster& c) { c.ready(2).pending("web", 3, resources(500, 512)); },
         "3 unschedulable pods: 3 × 500m CPU and 512 MiB"},
        {"unnamed pods", [](Cluster& c) { c.ready(2).waiting().count = 3; },
         "3 unschedulable pods: requests unknown"},
        {"CPU", [](Cluster& c) { c.ready(2).cpu(81.25); }, "CPU is at 81.3%, above 70%"},
        {"too large", [](Cluster& c) { c.ready(2).pending("db", 1, resources(4000, 64)); },
         "1 pod that no new node can help: default/db-1 requests 4000m CPU and 64 MiB, more than "
         "any instance type of any pool offers"},
        {"one late", [](Cluster& c) { c.ready(2).booting("i-3", 1h); },
         "i-3 did not register within 10m; terminating it"},
        {"two late", [](Cluster& c) { c.ready(2).booting("i-3", 2h).booting("i-4", 1h); },
         "i-3, i-4 did not register within 10m; terminating them"},
        {"above the maximum", [](Cluster& c) { c.ready(3).cpu(40).policy.limits.max_nodes = 2; },
         "3 workers, above max_nodes (2)"},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.name);
        Cluster cluster;
        each.given(cluster);
        EXPECT_EQ(cluster.decide().reasons.at(0).text, each.wanted);
    }
}

}  // namespace
}  // namespace nodenap::test
