#include "decide/shortage.hpp"

#include "decide/groups.hpp"

#include "decide/cluster.hpp"

namespace nodenap::test {
namespace {

/// "missing web-1 web-2 | i-3: web-3 | helpless db-1 | young 1 | unnamed 2 placed 3"
std::string told(const Cluster& cluster) {
    const auto members = membership(cluster.snapshot, cluster.policy);
    const auto shortage = pod_shortage(members, cluster.snapshot, cluster.policy);
    const auto short_name = [](const std::string& name) { return name.substr(name.find('/') + 1); };
    std::string text = "missing";
    for (const auto& pod : shortage.pods) text += " " + short_name(pod.name);
    for (const auto& [id, pods] : shortage.placed) {
        text += " | " + id + ":";
        for (const auto& pod : pods) text += " " + short_name(pod);
    }
    if (!shortage.unplaceable.empty()) text += " | helpless";
    for (const auto& pod : shortage.unplaceable) text += " " + short_name(pod.pod);
    if (shortage.too_young > 0) text += " | young " + std::to_string(shortage.too_young);
    if (shortage.unnamed > 0) text += " | unnamed " + std::to_string(shortage.unnamed);
    if (shortage.unnamed_placed > 0) {
        text += " | unnamed placed " + std::to_string(shortage.unnamed_placed);
    }
    return text;
}

void expect_told(const std::vector<Case>& cases) {
    for (const auto& each : cases) {
        SCOPED_TRACE(each.name);
        Cluster cluster;
        each.given(cluster);
        EXPECT_EQ(told(cluster), each.wanted);
    }
}

const auto half = resources(450, 512);

/// A node that became Ready `ago`, whose Node does not report its resources yet.
Node& new_node(Cluster& c, Milliseconds ago) {
    c.ready("i-1").memory().instances["i-1"].registered_at = start - ago;
    c.node("i-1").allocatable = {};
    return c.node("i-1");
}

TEST(Shortage, CountsBootingNodes) {
    expect_told({
        {"nothing is pending", [](Cluster& c) { c.ready(2); }, "missing"},
        {"unknown counts as nothing", [](Cluster& c) { c.snapshot.signals.pending = Unknown{"x"}; },
         "missing"},
        {"free resources of a ready node prove nothing: the scheduler had a reason",
         [](Cluster& c) { c.ready(2).pending("web", 1, half); }, "missing web-1"},
        {"a booting node is counted by its pool's template: two halves of 900m",
         [](Cluster& c) { c.booting("i-1").pending("web", 3, half); },
         "missing web-3 | i-1: web-1 web-2"},
        {"by its pool's template until its Node reports all its resources",
         [](Cluster& c) {
             c.ready("i-1").pending("web", 3, half);
             c.memory().instances["i-1"].registered_at = start - 1s;
             c.node("i-1").allocatable.pods = 0;
         },
         "missing web-3 | i-1: web-1 web-2"},
        {"not by its young Node, which reports no free resources",
         [](Cluster& c) {
             c.booting("i-1").pending("web", 3, half).node("i-1").ready = false;
             c.node("i-1").schedulable = false;
         },
         "missing web-3 | i-1: web-1 web-2"},
        {"a node Ready for a minute was not used",
         [](Cluster& c) {
             c.ready("i-1").pending("web", 1, half);
             c.memory().instances["i-1"].registered_at = start - 60s;
         },
         "missing web-1"},
        {"a node Ready for less takes pods",
         [](Cluster& c) {
             c.ready("i-1").pending("web", 2, half).runs("i-1", half);
             c.memory().instances["i-1"].registered_at = start - 59s;
         },
         "missing web-2 | i-1: web-1"},
        {"… by its template, where its Node says nothing yet",
         [](Cluster& c) {
             new_node(c, 5s);
             c.pending("web", 3, half);
         },
         "missing web-3 | i-1: web-1 web-2"},
        {"… or not all of it",
         [](Cluster& c) {
             new_node(c, 5s).allocatable = resources(900, 1748, 0);
             c.pending("web", 3, half);
         },
         "missing web-3 | i-1: web-1 web-2"},
        {"… or its cores only",
         [](Cluster& c) {
             new_node(c, 5s).allocatable = resources(900, 0, 110);
             c.pending("web", 3, half);
         },
         "missing web-3 | i-1: web-1 web-2"},
        {"… and keeps room for the DaemonSet pods that are still to come",
         [](Cluster& c) {
             new_node(c, 5s).daemonset_requested = resources(20, 0);
             c.runs("i-1", resources(20, 0)).server().pending("web", 2, half);
             c.ready("i-2").node("i-2").daemonset_requested = resources(100, 0);
         },
         "missing web-2 | i-1: web-1"},
        {"a terminating, late or not Ready node takes nothing",
         [](Cluster& c) {
             c.booting("i-1").booting("i-2", 1h).notready("i-3", 1min).pending("web", 1, half);
             c.instance("i-1").terminating = true;
         },
         "missing web-1"},
        {"nor does one whose pool or type is no longer configured",
         [](Cluster& c) {
             c.booting("i-1").booting("i-2").pending("web", 1, half);
             c.instance("i-1").offering.pool = "old";
             c.instance("i-2").offering.instance_type = "x9.huge";
         },
         "missing web-1"},
        {"DaemonSets take their share of a booting node",
         [](Cluster& c) {
             c.ready("i-0").node("i-0").daemonset_requested = resources(100, 0, 1);
             c.booting("i-1").pending("web", 2, half);
         },
         "missing web-2 | i-1: web-1"},
        {"pod slots count",
         [](Cluster& c) {
             c.pool().max_pods = 2;
             c.booting("i-1").pending("web", 3, resources(1, 1));
         },
         "missing web-3 | i-1: web-1 web-2"},
    });
}

TEST(Shortage, SeparatesPodsThatNoNodeHelps) {
    expect_told({
        {"larger than every type", [](Cluster& c) { c.pending("db", 1, resources(901, 1)); },
         "missing | helpless db-1"},
        {"as large as the largest type",
         [](Cluster& c) { c.pending("db", 1, resources(900, 1748)); }, "missing db-1"},
        {"larger than a type minus DaemonSets",
         [](Cluster& c) {
             c.ready("i-0").node("i-0").daemonset_requested = resources(1, 0);
             c.pending("db", 1, resources(900, 1748));
         },
         "missing | helpless db-1"},
        {"any pool's largest type counts",
         [](Cluster& c) {
             c.policy.pools.push_back(c.pool());
             c.pool(1).name = "large";
             c.pool(1).instance_types = {"x9.unknown", "c5.xlarge"};
             c.pending("db", 1, resources(3900, 1));
         },
         "missing db-1"},
        {"its group is in backoff",
         [](Cluster& c) {
             c.pending("web", 1, half);
             c.memory().groups = {{"default/ReplicaSet/web/450m/512Mi", {}, start + 5min, 1}};
         },
         "missing | helpless web-1"},
        {"its group's backoff has ended: one pod is tried, the first by name",
         [](Cluster& c) {
             c.pending("web", 3, half);
             std::reverse(c.waiting().pods.begin(), c.waiting().pods.end());
             c.memory().groups = {{"default/ReplicaSet/web/450m/512Mi", {}, start, 1}};
         },
         "missing web-1 | helpless web-2 web-3"},
        {"another group is not affected",
         [](Cluster& c) {
             c.pending("web", 1, half).pending("api", 1, half);
             c.memory().groups = {{"default/ReplicaSet/web/450m/512Mi", {}, start + 5min, 1}};
         },
         "missing api-1 | helpless web-1"},
    });
}

TEST(Shortage, WaitsForPendingFor) {
    const auto since = [](Cluster& c, Milliseconds ago) {
        c.policy.scale_up.pending_for = 30s;
        c.pending("web", 1, half).waiting().pods[0].unschedulable_since = start - ago;
    };
    expect_told({
        {"too young", [&](Cluster& c) { since(c, 29s); }, "missing | young 1"},
        {"old enough", [&](Cluster& c) { since(c, 30s); }, "missing web-1"},
        {"from the future, by a clock that differs", [&](Cluster& c) { since(c, -60s); },
         "missing | young 1"},
        {"a young pod does not take its group's one try",
         [&](Cluster& c) {
             since(c, 1s);
             c.pending("web", 1, half).waiting().pods[1].name = "default/web-9";
             c.memory().groups = {{"default/ReplicaSet/web/450m/512Mi", {}, start, 1}};
         },
         "missing web-9 | young 1"},
    });
}

TEST(Shortage, CountsPodsWithoutNames) {
    expect_told({
        {"a number alone", [](Cluster& c) { c.waiting().count = 4; }, "missing | unnamed 4"},
        {"booting nodes may hold them", [](Cluster& c) { c.booting("i-1").waiting().count = 4; },
         "missing | unnamed placed 4"},
        {"some are named", [](Cluster& c) { c.pending("web", 1, half).waiting().count = 4; },
         "missing web-1 | unnamed 3"},
        {"fewer than the named ones",
         [](Cluster& c) { c.pending("web", 2, half).waiting().count = 1; }, "missing web-1 web-2"},
        {"their group is in backoff",
         [](Cluster& c) {
             c.waiting().count = 4;
             c.memory().groups = {{unnamed_group, {}, start + 5min, 1}};
         },
         "missing | helpless 4 unnamed pods"},
    });
}

TEST(ShortageText, NamesTheLargestSizes) {
    const auto text = [](const std::vector<Resources>& sizes) {
        std::vector<PendingPod> pods;
        for (const auto& size : sizes) pods.push_back({"default/x", {}, size, std::nullopt});
        return shortage_text(pods);
    };
    EXPECT_EQ(text({}), "requests unknown");
    EXPECT_EQ(text({resources(100, 64)}), "100m CPU and 64 MiB");
    EXPECT_EQ(text({resources(100, 64), resources(200, 64), resources(100, 64)}),
              "200m CPU and 64 MiB, 2 × 100m CPU and 64 MiB");
    EXPECT_EQ(text({resources(1, 1), resources(2, 1), resources(3, 1)}),
              "3m CPU and 1 MiB, 2m CPU and 1 MiB and others");
}

TEST(Shortage, SeparatesPodsThatNeedNoNode) {
    const auto with_claim = [](std::optional<bool> binds_at_once, Milliseconds waited) {
        return [=](Cluster& c) {
            c.pending("db", 1, half).waiting().pods[0].claims = {{"data-db-0", binds_at_once}};
            c.waiting().pods[0].unschedulable_since = start - waited;
        };
    };
    const auto with_state = [](ClaimState state) {
        return [=](Cluster& c) {
            c.pending("db", 1, half).waiting().pods[0].claims = {{"data-db-0", {}, state}};
            c.waiting().pods[0].unschedulable_since = start - 24h;
        };
    };
    expect_told({
        {"a DaemonSet's pod is bound to its node",
         [](Cluster& c) { c.pending("logs", 1, half).waiting().pods[0].owner = "DaemonSet/logs"; },
         "missing | helpless logs-1"},
        {"a claim that binds without a node", with_claim(true, 24h), "missing | helpless db-1"},
        {"a claim that is bound once its pod has a node", with_claim(false, 6s), "missing db-1"},
        {"a claim whose binding mode is unknown, at first", with_claim({}, 59s),
         "missing | helpless db-1"},
        {"… and later", with_claim({}, 60s), "missing db-1"},
        {"a volume on another node's disk", with_state(ClaimState::on_a_node),
         "missing | helpless db-1"},
        {"a claim without its volume", with_state(ClaimState::lost), "missing | helpless db-1"},
        {"a claim that does not exist", with_state(ClaimState::missing), "missing | helpless db-1"},
    });
}

TEST(Shortage, CountsResourcesOfEndingPods) {
    expect_told({
        {"on a worker",
         [](Cluster& c) {
             c.ready(2).runs("i-1", resources(800, 500)).pending("web", 2, half);
             c.waiting().freed["i-1"] = resources(800, 500);
         },
         "missing | i-1: web-1 web-2"},
        {"with the other free resources, and no more",
         [](Cluster& c) {
             c.ready(2).runs("i-1", resources(500, 500) + resources(400, 100));
             c.pending("web", 2, half).waiting().freed["i-1"] = resources(500, 500);
         },
         "missing web-2 | i-1: web-1"},
        {"on a node that has just registered",
         [](Cluster& c) {
             c.ready(1).runs("i-1", resources(800, 500)).pending("web", 2, half);
             c.memory().instances["i-1"].registered_at = start - 1s;
             c.waiting().freed["i-1"] = resources(400, 500);
         },
         "missing web-2 | i-1: web-1"},
        {"on another node",
         [](Cluster& c) {
             c.server().pending("web", 1, half).waiting().freed["server"] = resources(10, 10);
         },
         "missing | server: web-1"},
        {"not on an unschedulable node",
         [](Cluster& c) {
             c.ready(1).server().pending("web", 1, half);
             c.node("server").schedulable = c.node("i-1").schedulable = false;
             c.waiting().freed = {{"server", resources(10, 10)}, {"i-1", resources(10, 10)}};
         },
         "missing web-1"},
    });
}

}  // namespace
}  // namespace nodenap::test
