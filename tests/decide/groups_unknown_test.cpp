// Groups while node data is unavailable: it is unknown whether the nodes launched for them help.

#include "decide/cluster.hpp"
#include "decide/groups.hpp"

namespace nodenap::test {
namespace {

const auto half = resources(450, 512);

Cluster without_nodes() {
    Cluster c;
    c.ready(2).policy.limits.max_nodes = c.pool().max_nodes = 100;
    c.snapshot.signals.nodes = Unknown{"a pod has no requests"};
    return c;
}

/// Passes every two minutes while node data is unavailable.
int launches_within(Cluster& c, Milliseconds span) {
    int launches = 0;
    std::int64_t epoch = 1;
    for (Milliseconds passed{0}; passed <= span; passed += 2min) {
        launches += c.pass(epoch++).totals.new_nodes;
        for (auto& each : c.fleet()) each.state = InstanceState::running;
        c.pass_time(2min);
    }
    return launches;
}

TEST(GroupsWhileNodesAreUnknown, GetNoSecondNode) {
    auto c = without_nodes();
    c.pending("web", 1, half);
    EXPECT_EQ(launches_within(c, 6h), 1);
    EXPECT_EQ(outcome(c.plan()), "hold unplaceable metrics_unknown");
    EXPECT_EQ(c.plan().unplaceable.front().reason,
              "a node was launched for it, and node data is unavailable, so Nodenap cannot tell "
              "whether that node helps; no second node will be launched");
}

TEST(GroupsWhileNodesAreUnknown, GetMoreWhileTheirNodesBoot) {
    auto c = without_nodes();
    c.pending("web", 1, half);
    EXPECT_EQ(launches_within(c, 2min), 1);
    c.waiting() = {};
    c.pending("web", 6, half);
    EXPECT_EQ(outcome(c.pass(9)), "scale_up pending_pods +2 t2.small");
}

TEST(GroupsWhileNodesAreUnknown, UnnamedPodsGetNoSecondNode) {
    auto c = without_nodes();
    c.waiting().count = 5;
    EXPECT_EQ(launches_within(c, 2h), 1);
}

TEST(GroupsWhileNodesAreUnknown, CountForTheBrake) {
    auto c = without_nodes();
    for (const auto* owner : {"a", "b", "c"}) c.pending(owner, 1, half);
    EXPECT_EQ(launches_within(c, 12min), 2);
    c.pending("d", 1, half);
    EXPECT_EQ(outcome(c.pass(90)), "hold unplaceable metrics_unknown");
}

}  // namespace
}  // namespace nodenap::test
