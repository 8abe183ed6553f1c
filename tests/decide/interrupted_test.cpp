#include "decide/interrupted.hpp"

#include "decide/cluster.hpp"

namespace nodenap::test {
namespace {

/// Three workers, of which i-1 got a spot interruption notice and runs two pods of 400m.
Cluster& interrupted(Cluster& c) {
    auto& first = c.ready(3).instance("i-1");
    first.terminating = first.interrupted = true;
    return c.runs("i-1", resources(800, 400, 2));
}
Cluster& full(Cluster& c) {
    return interrupted(c).runs("i-2", resources(700, 0)).runs("i-3", resources(700, 0));
}

TEST(Interrupted, ItsPodsGetANodeAtOnceIfOthersAreFull) {
    expect_outcomes({
        {"the others have free resources", [](Cluster& c) { interrupted(c); }, "hold at_minimum"},
        {"the others have none", [](Cluster& c) { full(c); }, "scale_up pending_pods +1 t2.small"},
        {"free resources for one of two pods",
         [](Cluster& c) { full(c).node("i-3").requested.cpu = Millicores{500}; },
         "scale_up pending_pods +1 t2.small"},
        {"free resources of an unschedulable node do not count",
         [](Cluster& c) {
             interrupted(c).node("i-2").schedulable = false;
             c.node("i-3").schedulable = false;
         },
         "scale_up pending_pods +1 t2.small"},
        {"the node for the minimum is used for them too",
         [](Cluster& c) { full(c).policy.limits.min_nodes = 3; },
         "scale_up below_minimum pending_pods +1 t2.small"},
        {"at the maximum: it no longer counts",
         [](Cluster& c) { full(c).policy.limits.max_nodes = 3; },
         "scale_up pending_pods +1 t2.small"},
        {"pending pods are counted with them",
         [](Cluster& c) { full(c).pending("web", 2, resources(400, 200)); },
         "scale_up pending_pods +2 t2.small"},
        {"pods of DaemonSets do not count",
         [](Cluster& c) { full(c).node("i-1").daemonset_requested = resources(800, 400, 2); },
         "hold at_minimum"},
        {"pods being deleted are pending elsewhere already",
         [](Cluster& c) { full(c).node("i-1").pods_being_deleted = 2; }, "hold at_minimum"},
        {"for Nodenap's own removals it was checked that the pods fit elsewhere",
         [](Cluster& c) { full(c).instance("i-1").interrupted = false; }, "hold at_minimum"},
        {"it has no Node yet",
         [](Cluster& c) {
             c.ready(2).booting("i-3").instance("i-3").terminating = true;
             c.instance("i-3").interrupted = true;
         },
         "hold at_minimum"},
        {"the pending pods are unknown: its own are not",
         [](Cluster& c) { full(c).snapshot.signals.pending = Unknown{"x"}; },
         "scale_up pending_pods +1 t2.small"},
        {"two nodes do not use the same free resources",
         [](Cluster& c) {
             interrupted(c).instance("i-2").terminating = true;
             c.instance("i-2").interrupted = true;
             c.runs("i-2", resources(800, 400, 2)).policy.limits.min_nodes = 1;
         },
         "scale_up pending_pods +1 t2.small"},
    });
}

TEST(Interrupted, ItsPodsFitOnOneNodeOrGetANewOne) {
    expect_outcomes({
        {"two nodes could take one of its pods each, if the pods are equal",
         [](Cluster& c) {
             interrupted(c).runs("i-2", resources(500, 0)).runs("i-3", resources(500, 0));
         },
         "scale_up pending_pods +1 t2.small"},
        {"one node can take both",
         [](Cluster& c) { interrupted(c).runs("i-2", resources(500, 0)); }, "hold at_minimum"},
    });
}

/// A second pool, tainted, of the types given; i-1 is its only worker.
Cluster with_pool(std::vector<std::string> types, const std::string& type) {
    Cluster c;
    c.policy.catalogue.add({"g4dn.xlarge", 4, Mebibytes{16384}, "x86_64", std::nullopt, 0.526});
    c.policy.catalogue.add({"g4dn.2xlarge", 8, Mebibytes{32768}, "x86_64", std::nullopt, 0.752});
    full(c);
    auto own = c.pool();
    own.name = "own";
    own.taints = {"team=own:NoSchedule"};
    own.instance_types = std::move(types);
    c.policy.pools.push_back(std::move(own));
    c.instance("i-1").offering.pool = "own";
    c.instance("i-1").offering.instance_type = type;
    c.node("i-1").allocatable =
        template_allocatable(c.policy, c.policy.pools[1], *find_type(c.policy, type));
    return c;
}

std::string launched_by(const Cluster& c) {
    std::string text;
    for (const auto& group : c.plan().launch)
        text += group.offering.pool + "/" + group.offering.instance_type + " ";
    return text;
}

TEST(Interrupted, IsReplacedInItsPoolByAnEqualNode) {
    EXPECT_EQ(launched_by(with_pool({"g4dn.xlarge"}, "g4dn.xlarge")), "own/g4dn.xlarge ");
    EXPECT_EQ(launched_by(with_pool({"t2.small", "c5.large", "c5.xlarge"}, "c5.large")),
              "own/c5.large ");
    EXPECT_EQ(launched_by(with_pool({"t2.small", "c5.xlarge"}, "c5.large")), "own/c5.xlarge ");
    EXPECT_EQ(launched_by(with_pool({"t2.small"}, "c5.large")), "own/t2.small ")
        << "its pool has no equal type: a smaller one is better than none";
    EXPECT_EQ(launched_by(with_pool({"t2.small", "g4dn.2xlarge"}, "g4dn.xlarge")), "")
        << "it is unknown how many GPUs another type has";
    auto full_pool = with_pool({"g4dn.xlarge"}, "g4dn.xlarge");
    full_pool.policy.pools[1].max_nodes = 0;
    EXPECT_EQ(launched_by(full_pool), "") << "no other pool is suitable";
}

TEST(Interrupted, IsReplacedOnce) {
    Cluster c;
    ASSERT_EQ(outcome(full(c).pass(1)), "scale_up pending_pods +1 t2.small");
    EXPECT_EQ(outcome(c.pass_time(5s).pass(2)), "hold booting") << "it boots for them";
    c.pass_time(30s).all_join();
    EXPECT_EQ(outcome(c.pass(3)), "hold booting") << "it has registered and takes them";
    c.pass_time(90s);
    EXPECT_EQ(outcome(c.pass(4)), "hold cooldown") << "its resources are free";
}

TEST(Interrupted, IsReported) {
    Cluster c;
    EXPECT_EQ(full(c).decide().reasons.at(0).text,
              "2 unschedulable pods (2 of them on nodes that EC2 will interrupt): "
              "2 × 400m CPU and 200 MiB");
}

}  // namespace
}  // namespace nodenap::test
