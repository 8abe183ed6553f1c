#include "decide/node_explanation.hpp"

#include "cluster.hpp"
#include "decide/node_template.hpp"
#include "scheduling/kube_cluster.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace nodenap {
namespace {

using test::app_is;
using test::kube_node;
using test::kube_pod;
using test::placed;

/// Workers "one", which runs the pod "web", and "two", which is empty.
struct World {
    ClusterState state;
    std::optional<Policy> policy;

    World() {
        state.nodes = {kube_node("one"), kube_node("two")};
        state.constraints_known = test::all_known();
        state.pods = {placed(kube_pod("web"), "one")};
    }
    ClusterNode& one() { return state.nodes[0]; }
    ClusterNode& two() { return state.nodes[1]; }
    Pod& web() { return state.pods[0]; }
    void managed() {
        policy = test::standard_policy();
        policy->limits.min_nodes = 1;
        for (auto& node : state.nodes) node.labels.set(pool_label, policy->pools[0].name);
    }
    NodeExplanation told() const { return explain_nodes(state, policy ? &*policy : nullptr)[0]; }
};

struct Row {
    const char* name;
    std::function<void(World&)> make;
    const char* reason;
    bool removable = false;
};

void expect_reasons(const std::vector<Row>& rows) {
    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        World world;
        row.make(world);
        const auto told = world.told();
        EXPECT_EQ(told.reason, row.reason);
        EXPECT_EQ(told.removable, row.removable);
    }
}

TEST(ExplainNodes, WhatTheNodeItselfSays) {
    expect_reasons({
        {"its pod fits elsewhere", [](World&) {}, "1 pod fits on other nodes", true},
        {"it is empty", [](World& w) { w.state.pods.clear(); }, "runs nothing but DaemonSet pods",
         true},
        {"a DaemonSet's pod stays with it",
         [](World& w) { w.web().controller->kind = "DaemonSet"; },
         "runs nothing but DaemonSet pods", true},
        {"a server",
         [](World& w) { w.one().labels.set("node-role.kubernetes.io/control-plane", "true"); },
         "is a server: it runs the control plane"},
        {"a node of others",
         [](World& w) {
             w.managed();
             w.one().labels = {};
         },
         "is not managed by Nodenap: it has no label nodenap.dev/pool"},
        {"kept by a person",
         [](World& w) {
             w.one().annotations = {{"nodenap.dev/keep", "true"}};
         },
         "has the annotation nodenap.dev/keep: \"true\""},
        {"cordoned", [](World& w) { w.one().unschedulable = true; }, "is cordoned by someone else"},
        {"leaving",
         [](World& w) {
             w.one().taints = {{"nodenap.dev/leaving", "7", TaintEffect::no_schedule}};
         },
         "is already being drained"},
        {"not Ready", [](World& w) { w.one().conditions[0].status = "Unknown"; }, "is not Ready"},
        {"being deleted", [](World& w) { w.one().deleted_at = Time{}; },
         "its Node object is being deleted"},
        {"the minimum",
         [](World& w) {
             w.managed();
             w.policy->limits.min_nodes = 2;
         },
         "2 workers, the minimum (min_nodes = 2)"},
        {"requests above the threshold",
         [](World& w) {
             w.managed();
             w.web().requests.cpu = Millicores{1200};
         },
         "its pods request 60% of its CPU, and requested_below_percent is 50"},
    });
}

TEST(ExplainNodes, WhatItsPodsSay) {
    expect_reasons({
        {"without a controller", [](World& w) { w.web().controller.reset(); },
         "pod default/web has no controller that would start it again"},
        {"… but declared safe",
         [](World& w) {
             w.web().controller.reset();
             w.web().safe_to_evict = true;
         },
         "1 pod fits on other nodes", true},
        {"of a Job",
         [](World& w) {
             w.web().controller = Owner{"Job", "import", "1"};
         },
         "pod default/web belongs to the Job import"},
        {"not safe to evict", [](World& w) { w.web().safe_to_evict = false; },
         "pod default/web has the annotation cluster-autoscaler.kubernetes.io/safe-to-evict: "
         "\"false\""},
        {"not to be disrupted", [](World& w) { w.web().do_not_disrupt = true; },
         "pod default/web has the annotation karpenter.sh/do-not-disrupt"},
        {"a budget that allows nothing",
         [](World& w) {
             w.state.budgets = {{"default", "web", app_is("web"), 0, false}};
         },
         "pod default/web is covered by the PodDisruptionBudget web, which allows no disruption "
         "now"},
        {"a budget that lets unready pods go",
         [](World& w) {
             w.state.budgets = {{"default", "web", app_is("web"), 0, true}};
             w.web().ready = false;
         },
         "1 pod fits on other nodes", true},
        {"two budgets",
         [](World& w) {
             w.state.budgets = {{"default", "a", app_is("web"), 1, false},
                                {"default", "b", app_is("web"), 1, false}};
         },
         "pod default/web is covered by two PodDisruptionBudgets, a and b: the API server evicts "
         "no such pod"},
    });
}

TEST(ExplainNodes, WhetherItsPodsFitElsewhere) {
    expect_reasons({
        {"no room", [](World& w) { w.two().allocatable.cpu = Millicores{100}; },
         "pod default/web fits on no other node: insufficient cpu: requests 500m, the node has "
         "100m free of 100m"},
        {"a booting node is no home", [](World& w) { w.two().conditions[0].status = "False"; },
         "pod default/web fits on no other node"},
        {"a cordoned node still counts for topology spread",
         [](World& w) {
             // Three in "one"'s zone could all go to "two"'s, but for the empty domain that stays.
             w.two().labels.set("topology.kubernetes.io/zone", "b");
             SpreadConstraint rule;
             rule.topology_key = "topology.kubernetes.io/zone";
             rule.selector = app_is("web");
             w.web().rules.spread = {rule};
             w.state.pods.push_back(placed(kube_pod("web"), "two"));
             w.state.pods[1].name = "web-2";
         },
         "pod default/web fits on no other node: topology spread: topology.kubernetes.io/zone=b "
         "would have 2 pods, at most 1 are allowed (maxSkew 1, fewest 0)"},
        {"once it is gone, its pods may miss it",
         [](World& w) {
             // On "two" the affinity is met by a pod of "one", as long as that zone exists.
             PodAffinityTerm near{"topology.kubernetes.io/zone", app_is("db"), {}, std::nullopt};
             w.web().rules.affinity = {near};
             auto db = placed(kube_pod("db"), "one");
             db.controller->kind = "DaemonSet";
             w.state.pods.push_back(db);
         },
         "pod default/web fits on no other node: pod affinity: topology.kubernetes.io/zone=a has "
         "none of the pods with app In (db) (once the node is gone)"},
    });
}

}  // namespace
}  // namespace nodenap
