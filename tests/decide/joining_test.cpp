#include "decide/joining.hpp"

#include "decide/cluster.hpp"

namespace nodenap::test {
namespace {

/// The user's own server that has the cluster's tags by mistake, launched two hours ago. K3s names
/// it k3s://name, so that its Node names no instance.
Cluster tagged_server() {
    Cluster c;
    c.ready(2).ready("i-0server").memory().instances.erase("i-0server");
    auto& node = c.node("i-0server");
    node.name = "server";
    node.instance_id.clear();
    node.server = true;
    return c;
}

std::string members(const Cluster& c) {
    std::string text;
    for (const auto& member : membership(c.snapshot, c.policy).members) {
        text += (text.empty() ? "" : " ") + member.instance->id;
    }
    return text;
}

TEST(Servers, AreNeverWorkersWhateverTheirTags) {
    const std::vector<Case> cases{
        {"Ready", [](Cluster&) {}, ""},
        {"not Ready", [](Cluster& c) { c.node("server").ready = false; }, ""},
        {"not Ready, with a Node left by the instance before it",
         [](Cluster& c) {
             c.node("server").ready = false;
             c.node("server").created_at = start - 24h;
         },
         ""},
        {"its role is not reported once, but was before",
         [](Cluster& c) {
             c.memory() = c.remember();
             c.node("server").server = false;
         },
         ""},
        {"its Node is not reported once, but was before",
         [](Cluster& c) {
             c.memory() = c.remember();
             c.nodes().pop_back();
         },
         ""},
        {"node data is unavailable, it was reported before",
         [](Cluster& c) {
             c.memory() = c.remember();
             c.snapshot.signals.nodes = Unknown{"unreachable"};
         },
         ""},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.name);
        auto c = tagged_server();
        each.given(c);
        EXPECT_EQ(members(c), "i-1 i-2");
        EXPECT_TRUE(c.plan().remove.empty());
    }
}

TEST(Servers, AreNotRememberedFromTheNodeOfAnotherInstance) {
    auto c = tagged_server();
    c.node("server").ready = false;
    c.node("server").created_at = start - 24h;
    EXPECT_FALSE(c.remember().instances.contains("i-0server"));
    c.node("i-0server").created_at = start - 1h;  // a worker after all: its own Node names it
    EXPECT_EQ(members(c), "i-1 i-2 i-0server");
}

TEST(Servers, AreForgottenWithTheirInstance) {
    auto c = tagged_server();
    c.memory() = c.remember();
    EXPECT_TRUE(c.memory().instances.at("i-0server").server_seen_at);
    c.instance("i-0server").state = InstanceState::terminated;
    EXPECT_FALSE(c.remember().instances.contains("i-0server"));
}

TEST(Servers, AreRememberedForAnHourWithoutTheirRole) {
    auto c = tagged_server();
    c.memory() = c.remember();
    c.node("server").server = false;
    c.memory() = c.pass_time(30min).remember();
    c.nodes().pop_back();
    c.memory() = c.pass_time(30min).remember();
    EXPECT_TRUE(c.memory().instances.at("i-0server").server_seen_at);
}

TEST(Servers, AreWorkersAgainAnHourAfterTheirLastRole) {
    auto c = tagged_server();
    c.memory() = c.remember();
    c.snapshot.signals.nodes = Unknown{"unreachable"};
    c.memory() = c.pass_time(2h).remember();
    EXPECT_EQ(members(c), "i-1 i-2") << "without node data it remains a server";
    c.snapshot.signals.nodes = tagged_server().snapshot.signals.nodes;
    c.node("server").server = false;
    c.memory() = c.remember();
    EXPECT_EQ(members(c), "i-1 i-2 i-0server");
}

struct AddressRow {
    const char* name;
    std::function<void(Node&)> given;
};

/// kube_node_info shows one InternalIP only, and of a dual-stack Node the IPv6 one.
TEST(NodeOf, MatchesEveryAddressInAnyNotation) {
    const AddressRow rows[] = {
        {"its internal IP", [](Node& node) { node.internal_ip = "10.0.1.7"; }},
        {"another of its IPs",
         [](Node& node) {
             node.addresses = {"2600:1f14::b", "10.0.1.7"};
         }},
        {"its IPv6 address", [](Node& node) { node.internal_ip = "2600:1f14::7"; }},
        {"a name with its IP", [](Node& node) { node.name = "ip-10-0-1-7"; }},
        {"its private DNS name", [](Node& node) { node.name = "ip-10-0-1-7.ec2.internal"; }},
        {"its hostname", [](Node& node) { node.addresses = {"ip-10-0-1-7"}; }},
        {"EC2's private DNS name", [](Node& node) { node.addresses = {"i-1.ec2.internal"}; }},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        Cluster c;
        c.booting("i-1").instance("i-1").private_ip = "10.0.1.7";
        c.instance("i-1").addresses = {"2600:1f14::7", "i-1.ec2.internal"};
        c.node("worker").instance_id.clear();
        c.node("worker").internal_ip = "2600:1f14::b";
        row.given(c.nodes().front());
        EXPECT_NE(NodeFinder(c.snapshot.signals.nodes).claim_of(c.instance("i-1")).node, nullptr);
    }
}

TEST(NodeOf, NodeOfAnotherInstanceIsNotMatchedByAddress) {
    Cluster c;
    c.booting("i-1").instance("i-1").private_ip = "10.0.1.7";
    c.node("i-2").internal_ip = "10.0.1.7";
    EXPECT_EQ(NodeFinder(c.snapshot.signals.nodes).claim_of(c.instance("i-1")).node, nullptr);
}

TEST(NodeOf, HostMatchesByNameThenByTheNewestReadyNodeOfItsAddress) {
    Cluster c;
    const auto add = [&](const std::string& name, bool ready, Milliseconds age) {
        c.node(name).instance_id = name == "i-0abc12345" ? name : "";
        c.node(name).internal_ip = "10.0.1.7";
        c.node(name).ready = ready;
        c.node(name).created_at = start - age;
    };
    const auto found = [&](std::string_view host) {
        const auto* node = NodeFinder(c.snapshot.signals.nodes).node_of(host);
        return node == nullptr ? "" : node->name;
    };
    EXPECT_EQ(found("10.0.1.7"), "");
    EXPECT_EQ(found(""), "");
    add("dead", false, 1min);
    EXPECT_EQ(found("10.0.1.7"), "dead");
    add("i-0abc12345", true, 3h);
    EXPECT_EQ(found("10.0.1.7"), "i-0abc12345") << "Ready takes precedence over newer";
    add("newest", true, 2h);
    EXPECT_EQ(found("10.0.1.7"), "newest");
    EXPECT_EQ(found("ip-10-0-1-7.us-west-2.compute.internal"), "newest");
    EXPECT_EQ(found("dead"), "dead") << "the name is certain";
    EXPECT_EQ(found("i-0abc12345"), "i-0abc12345");
    EXPECT_EQ(found("10.0.1.8"), "");
}

TEST(NodeOf, PrefersTheMostCertainOfSeveral) {
    Cluster c;
    c.booting("i-1").instance("i-1").private_ip = "10.0.1.7";
    const auto add = [&](const std::string& name, bool ready, Milliseconds age) {
        c.node(name).instance_id.clear();
        c.node(name).internal_ip = "10.0.1.7";
        c.node(name).ready = ready;
        c.node(name).created_at = start - age;
    };
    const auto found = [&] {
        const auto* node = NodeFinder(c.snapshot.signals.nodes).claim_of(c.instance("i-1")).node;
        return node == nullptr ? "" : node->name;
    };
    EXPECT_EQ(found(), "");
    add("older than the instance", false, 1h);
    EXPECT_EQ(found(), "");
    add("younger than the instance", false, 30s);
    EXPECT_EQ(found(), "younger than the instance");
    add("Ready, of the machine before it", true, 1h);
    EXPECT_EQ(found(), "") << "it is unknown which of the two";
    c.node("i-1").ready = false;
    EXPECT_EQ(found(), "i-1");
    c.snapshot.signals.nodes = Unknown{"unreachable"};
    EXPECT_EQ(found(), "");
}

/// Nodes that someone with a stolen agents' token can register in addition to the Node of a worker
/// launched an hour ago.
struct ClaimRow {
    const char* name;
    std::function<void(Cluster&)> given;
    std::string wanted;
};

Node claimant(const std::string& name, const std::string& provider_id, Milliseconds age) {
    Node node;
    node.name = name;
    node.instance_id = provider_id;
    node.ready = node.only_daemonset_pods = true;
    node.created_at = start - age;
    return node;
}

TEST(NodeOf, SecondClaimMakesAnInstanceDisputed) {
    const auto by_address = [](Node node) {
        node.internal_ip = "10.0.1.7";
        return node;
    };
    const ClaimRow rows[] = {
        {"its Node alone", [](Cluster&) {}, "i-1"},
        {"its Node, and a younger one with its provider id",
         [](Cluster& c) { c.nodes().push_back(claimant("rogue", "i-1", 1min)); }, "i-1"},
        {"its Node, and a younger one at its address",
         [&](Cluster& c) { c.nodes().push_back(by_address(claimant("rogue", "", 1min))); }, "i-1"},
        {"a Node of its name that was created after one at its address: the name may be forged",
         [&](Cluster& c) { c.nodes().push_back(by_address(claimant("ip-10-0-1-7", "", 58min))); },
         "disputed i-1 ip-10-0-1-7"},
        {"a Node of its name, and one not Ready at its address",
         [&](Cluster& c) {
             c.nodes().push_back(by_address(claimant("ip-10-0-1-7", "", 58min)));
             c.nodes().back().ready = false;
         },
         "i-1"},
        {"a Node of its name, and one of the instance that had its address before",
         [&](Cluster& c) { c.nodes().push_back(by_address(claimant("old", "", 3h))); }, "i-1"},
        {"two with its provider id",
         [](Cluster& c) {
             c.nodes() = {claimant("a", "i-1", 58min), claimant("b", "i-1", 1min)};
         },
         "disputed b a"},
        {"one with its provider id, one at its address",
         [&](Cluster& c) {
             c.nodes() = {by_address(claimant("a", "", 58min)), claimant("b", "i-1", 1min)};
         },
         "disputed b a"},
        {"two with its provider id, one of them not Ready",
         [](Cluster& c) {
             c.nodes() = {claimant("a", "i-1", 58min), claimant("b", "i-1", 1min)};
             c.nodes()[0].ready = false;
         },
         "disputed b a"},
        {"one with its provider id, and an old one at its address",
         [&](Cluster& c) {
             c.nodes() = {by_address(claimant("ghost", "", 24h)), claimant("b", "i-1", 58min)};
             c.nodes()[0].ready = false;
         },
         "b"},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        Cluster c;
        c.booting("i-1", 1h).instance("i-1").private_ip = "10.0.1.7";
        c.nodes().push_back(claimant("i-1", "i-1", 57min));
        row.given(c);
        const auto claim = NodeFinder(c.snapshot.signals.nodes).claim_of(c.instance("i-1"));
        std::string text = claim.node == nullptr ? "disputed" : claim.node->name;
        for (const auto* node : claim.disputed_by) text += " " + node->name;
        EXPECT_EQ(text, row.wanted);
    }
}

TEST(NodeOf, HostNamedLikeANodeBelongsToIt) {
    Cluster c;
    c.nodes() = {claimant("i-0abc12345", "i-0abc12345", 1h),
                 claimant("rogue", "i-0abc12345", 1min)};
    EXPECT_EQ(NodeFinder(c.snapshot.signals.nodes).node_of("i-0abc12345")->name, "i-0abc12345");
}

/// Passes every two minutes, the first at once, for this long. Returns the instances terminated as
/// unregistered.
std::string registration_failed_within(Cluster& c, Milliseconds span) {
    std::string text;
    for (const auto end = c.snapshot.now + span; c.snapshot.now <= end; c.pass_time(2min)) {
        for (const auto& removal : c.pass(1).remove) text += removal.instance_id + " ";
    }
    return text;
}

TEST(Awaiting, StartsWithTheFirstObservation) {
    // Launched hours ago, not remembered, without a reported Node: it may be a busy worker.
    Cluster c;
    c.ready(2).booting("i-3", 3h).memory().instances.erase("i-3");
    EXPECT_EQ(registration_failed_within(c, 10min), "");
    EXPECT_EQ(registration_failed_within(c, 2min), "i-3 ");
}

TEST(Awaiting, EndsWhenItsNodeIsReportedAgain) {
    Cluster c;
    c.ready(3).memory() = {};
    const auto nodes = c.nodes();
    c.nodes().pop_back();
    EXPECT_EQ(registration_failed_within(c, 8min), "");
    c.nodes() = nodes;
    EXPECT_EQ(c.pass(1).signals.nodes_ready, 3);
    c.node("i-3").ready = false;
    c.runs("i-3", resources(100, 100));  // else it counts as dead after ten minutes
    EXPECT_EQ(registration_failed_within(c, 30min), "");
}

TEST(Awaiting, CountsOnlyTimeWithNodeData) {
    // It registered while Prometheus was unavailable, and is briefly not Ready afterwards.
    Cluster c;
    c.ready(2).booting("i-3", 0min);
    EXPECT_EQ(registration_failed_within(c, 0min), "");
    const auto nodes = c.nodes();
    c.snapshot.signals.nodes = Unknown{"unreachable"};
    EXPECT_EQ(registration_failed_within(c, 30min), "");
    c.snapshot.signals.nodes = nodes;
    c.node("i-3").ready = false;
    c.node("i-3").created_at = start + 2min;
    EXPECT_EQ(registration_failed_within(c, 0min), "");
    EXPECT_EQ(registration_failed_within(c, 6min), "i-3 ") << "at most half of the timeout counts";
}

TEST(Awaiting, IgnoresHoursWithoutAPass) {
    Cluster c;
    c.ready(2).booting("i-3", 0min);
    (void)c.pass(1);
    c.pass_time(5h);
    EXPECT_TRUE(c.pass(1).remove.empty());
    EXPECT_TRUE(c.pass_time(4min).pass(1).remove.empty());
}

TEST(Awaiting, ShortTimeoutWorksWithAPassEveryTwoMinutes) {
    Cluster c;
    c.policy.scale_up.join_timeout = 1s;
    c.ready(2).booting("i-3", 0min);
    EXPECT_EQ(registration_failed_within(c, 2min), "i-3 ");
}

TEST(PartialNodes, TerminateNothing) {
    // kube-state-metrics reports only the server, and the memory is lost.
    Cluster c;
    c.server().ready(4).memory() = {};
    c.nodes().resize(1);
    EXPECT_EQ(registration_failed_within(c, 1h), "");
    const auto reason = c.plan().reasons[0];
    EXPECT_EQ(reason.code, ReasonCode::metrics_unknown);
    EXPECT_EQ(reason.text,
              "node data unavailable (Prometheus reports no Node for 4 of 4 instances); no node "
              "will be removed");
}

TEST(PartialNodes, TerminateNoBootingInstanceEither) {
    Cluster c;
    c.server().ready(3).booting("i-4", 1h);
    c.nodes().resize(2);  // the server and i-1
    EXPECT_EQ(registration_failed_within(c, 1h), "");
}

TEST(PartialNodes, AreNotInferredFromUnregisteredInstances) {
    Cluster c;
    c.server().booting("i-1", 11min).booting("i-2", 11min);
    EXPECT_EQ(registration_failed_within(c, 0min), "i-1 i-2 ");
}

TEST(PartialNodes, AreNotInferredFromHalfOfTheNodes) {
    Cluster c;
    c.ready(1).booting("i-2", 1h).memory().instances.clear();
    EXPECT_EQ(registration_failed_within(c, 10min), "");
    EXPECT_EQ(registration_failed_within(c, 2min), "i-2 ");
}

TEST(Awaiting, EndsForAtMostThreeInAPass) {
    Cluster c;
    c.ready(2);
    for (int i = 3; i < 8; ++i) c.booting("i-" + std::to_string(i), 1h);
    EXPECT_EQ(registration_failed_within(c, 0min), "i-3 i-4 i-5 ");
    EXPECT_EQ(registration_failed_within(c, 0min), "i-6 i-7 ");
}

/// Pods are only placed on Ready Nodes, even if no pass observed it Ready.
TEST(Joining, NodeWithPodsIsNotLate) {
    for (const int pods : {1, 2}) {
        Cluster c;
        c.booting("i-1", 11min).node("i-1").ready = false;
        c.node("i-1").daemonset_requested = resources(50, 64, 1);
        c.node("i-1").requested = resources(250, 164, pods);
        const auto stage = membership(c.snapshot, c.policy).members.at(0).stage;
        EXPECT_EQ(stage, pods > 1 ? Stage::notready : Stage::not_registered) << pods;
    }
}

}  // namespace
}  // namespace nodenap::test
