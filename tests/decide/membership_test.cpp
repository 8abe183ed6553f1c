#include "decide/cluster.hpp"
#include "decide/joining.hpp"

namespace nodenap::test {
namespace {

/// A worker whose Node has an unrelated name, and the Node that someone with a stolen agents' token
/// registered for it: Ready, empty, with its provider id.
Cluster disputed() {
    Cluster c;
    c.ready(4).runs("i-1", resources(500, 500)).idle();
    c.node("i-1").name = "worker-a";
    auto& rogue = c.node("rogue");
    rogue.instance_id = "i-1";
    rogue.created_at = start - 1min;
    rogue.allocatable = resources(64'000, 64'000, 110);
    return c;
}

const Member& first(const Membership& members) { return members.members.front(); }

TEST(Disputed, NothingIsKnownAboutTheNode) {
    auto c = disputed();
    const auto members = membership(c.snapshot, c.policy);
    EXPECT_EQ(first(members).node, nullptr);
    EXPECT_EQ(first(members).stage, Stage::ready);
    EXPECT_TRUE(members.other_nodes.empty()) << "neither runs pods of others";
    EXPECT_EQ(members.missing_nodes, 0);
    EXPECT_EQ(members.alive(), 4);
}

TEST(Disputed, IsNeverEmpty) {
    auto c = disputed();
    for (const auto* id : {"i-2", "i-3", "i-4"}) c.runs(id, resources(100, 100));
    const auto plan = c.plan();
    EXPECT_EQ(outcome(plan), "hold not_drainable");
    ASSERT_FALSE(plan.kept.empty());
    EXPECT_EQ(plan.kept.front().node, "i-1");
    EXPECT_EQ(plan.kept.front().reason, "more than one Node claims this instance: rogue, worker-a");
}

TEST(Disputed, OneRecreatedNodeHasItsOwnMessage) {
    Cluster c;
    c.ready(4).idle();
    for (const auto* id : {"i-2", "i-3", "i-4"}) c.runs(id, resources(100, 100));
    auto& node = c.node("i-1");
    node.name = "worker-a";
    node.created_at = start - 1min;
    c.memory().instances["i-1"].registered_at = start - 1h;
    const auto plan = c.plan();
    ASSERT_FALSE(plan.kept.empty());
    EXPECT_EQ(plan.kept.front().node, "i-1");
    EXPECT_EQ(plan.kept.front().reason,
              "its Node worker-a does not have the instance's id as its name, and was created "
              "after the instance had registered, or another Node claimed the instance before: it "
              "may belong to another instance, so drain it and terminate the instance yourself");
}

TEST(Disputed, IsNeverAServer) {
    auto c = disputed();
    c.node("rogue").server = true;
    EXPECT_TRUE(membership(c.snapshot, c.policy).servers.empty());
    EXPECT_FALSE(c.remember().instances.at("i-1").server_seen_at);
}

TEST(Disputed, IsNeitherDeadNorUnregistered) {
    auto c = disputed();
    c.node("worker-a").ready = c.node("rogue").ready = false;
    c.memory().instances["i-1"].notready_since = start - 1h;
    for (const auto& removal : c.plan().remove) EXPECT_NE(removal.instance_id, "i-1");
    c.memory().instances["i-1"] = {};
    c.memory().instances["i-1"].first_seen_at = start - 1h;
    EXPECT_EQ(first(membership(c.snapshot, c.policy)).stage, Stage::not_registered);
    for (const auto& removal : c.plan().remove) EXPECT_NE(removal.instance_id, "i-1");
}

TEST(Disputed, IsRememberedUntilTheInstanceEnds) {
    auto c = disputed();
    c.memory().instances["i-1"] = {};
    c.memory() = c.remember();
    std::erase_if(c.nodes(), [](const Node& node) { return node.name == "worker-a"; });
    const auto members = membership(c.snapshot, c.policy);
    EXPECT_EQ(first(members).node, nullptr) << "its own Node may be hidden";
    for (const auto& removal : c.plan().remove) EXPECT_NE(removal.instance_id, "i-1");
    c.node("rogue").name = "i-1";
    EXPECT_NE(first(membership(c.snapshot, c.policy)).node, nullptr)
        << "only its kubelet may use this name";
}

TEST(Disputed, MayHaveBeenReadyMeanwhile) {
    auto c = disputed();
    c.memory().instances["i-1"].notready_since = start - 1h;
    EXPECT_FALSE(c.remember().instances.at("i-1").notready_since);
    c.node("worker-a").ready = c.node("rogue").ready = false;
    EXPECT_TRUE(c.remember().instances.at("i-1").notready_since);
}

TEST(Disputed, IsIgnoredForItsKind) {
    auto c = disputed();
    c.instance("i-1").offering.instance_type = "c5.large";
    c.node("rogue").allocatable = resources(1, 1, 1);
    EXPECT_EQ(c.remember().allocatable.count("workers/c5.large"), 0U);
}

struct CountRow {
    const char* name;
    std::function<void(Cluster&)> given;
    int alive;
    int counted;
    int excess;
};

TEST(Counted, AreAllRunningInstancesWithTheClustersTags) {
    const CountRow rows[] = {
        {"workers", [](Cluster&) {}, 3, 3, 0},
        {"a terminated one",
         [](Cluster& c) { c.instance("i-1").state = InstanceState::shutting_down; }, 2, 2, 0},
        {"one whose removal is in flight", [](Cluster& c) { c.instance("i-1").terminating = true; },
         2, 3, 0},
        {"one that EC2 is about to interrupt",
         [](Cluster& c) { c.instance("i-1").terminating = c.instance("i-1").interrupted = true; },
         2, 3, 1},
        {"two of them",
         [](Cluster& c) {
             for (const auto* id : {"i-1", "i-2"})
                 c.instance(id).terminating = c.instance(id).interrupted = true;
         },
         1, 3, 1},
        {"a server", [](Cluster& c) { c.node("i-1").server = true; }, 2, 3, 0},
        {"one that someone else launched", [](Cluster& c) { c.instance("i-1").foreign = true; }, 2,
         3, 0},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        Cluster c;
        row.given(c.ready(3));
        const auto members = membership(c.snapshot, c.policy);
        EXPECT_EQ(members.alive(), row.alive);
        EXPECT_EQ(members.counted(), row.counted);
        EXPECT_EQ(members.counted("workers"), row.counted);
        EXPECT_EQ(members.counted("others"), 0);
        EXPECT_EQ(members.excess(), row.excess);
        EXPECT_EQ(members.excess("others"), 0);
    }
}

/// A server's role on someone's Node, or a forged notice, must not allow more nodes.
TEST(Counted, MaximumIncludesInstancesThatAreNoWorkers) {
    for (const bool of_pool : {false, true}) {
        for (const int foreign : {0, 1, 2}) {
            Cluster c;
            c.ready(3).pending("web", 20, resources(800, 800));
            (of_pool ? c.pool().max_nodes : c.policy.limits.max_nodes) = 5;
            for (int i = 0; i < foreign; ++i) c.fleet()[static_cast<std::size_t>(i)].foreign = true;
            c.instance("i-3").terminating = c.instance("i-3").interrupted = true;
            EXPECT_EQ(c.plan().totals.new_nodes, 3) << "one more than the two that are free";
        }
    }
}

TEST(Foreign, IsReportedAndNeverTouched) {
    Cluster c;
    c.ready(3).idle().instance("i-1").foreign = true;
    c.memory().instances.erase("i-1");
    c.nodes().erase(c.nodes().begin());
    for (int i = 0; i < 20; ++i) {
        const auto plan = c.pass(i + 1);
        EXPECT_TRUE(plan.remove.empty()) << "two workers are the minimum";
        ASSERT_FALSE(plan.kept.empty());
        EXPECT_EQ(plan.kept.back().node, "i-1");
        EXPECT_EQ(plan.kept.back().reason,
                  "bears this cluster's tags, but no launch template of this cluster launched it: "
                  "counts towards max_nodes and is never terminated");
        c.pass_time(2min);
    }
}

TEST(Foreign, CausesNoSurplus) {
    Cluster c;
    c.ready(5).cpu(50).policy.limits.max_nodes = 4;
    c.instance("i-5").foreign = true;
    EXPECT_TRUE(c.plan().remove.empty());
}

/// Its own Node is hidden, and someone registered another with its provider id.
TEST(NodeOf, NodeYoungerThanTheRegisteredOneIsDisputed) {
    Cluster c;
    c.booting("i-1", 3h);
    Node rogue;
    rogue.name = "rogue";
    rogue.instance_id = "i-1";
    rogue.ready = true;
    rogue.created_at = start - 1h;
    c.nodes().push_back(rogue);
    RememberedInstance known;
    known.registered_at = start - 170min;
    const NodeFinder finder(c.snapshot.signals.nodes);
    EXPECT_EQ(finder.claim_of(c.instance("i-1"), &known).node, nullptr);
    EXPECT_EQ(finder.claim_of(c.instance("i-1"), &known).disputed_by.size(), 1U);
    known.registered_at = start - 60min;
    EXPECT_NE(finder.claim_of(c.instance("i-1"), &known).node, nullptr);
    known.registered_at = start - 170min;
    c.nodes().front().name = "i-1";
    EXPECT_NE(NodeFinder(c.snapshot.signals.nodes).claim_of(c.instance("i-1"), &known).node,
              nullptr);
}

/// A forged removal is held back, and its instance counts as terminating meanwhile.
TEST(Joining, IsRememberedForATerminatingWorker) {
    Cluster c;
    c.ready("i-1").ready("i-2");
    c.memory().instances.clear();
    c.instance("i-2").terminating = true;
    const auto memory = c.remember();
    EXPECT_TRUE(memory.instances.at("i-2").registered_at);
}

}  // namespace
}  // namespace nodenap::test
