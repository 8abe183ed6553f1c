#include "decide/membership.hpp"

#include "decide/cluster.hpp"
#include "decide/joining.hpp"
#include "decide/observe.hpp"

namespace nodenap::test {
namespace {

std::string stages(const Cluster& cluster) {
    constexpr const char* names[] = {"booting", "ready", "notready", "late", "leaving", "gone"};
    std::string text;
    for (const auto& member : membership(cluster.snapshot, cluster.policy).members) {
        text += (text.empty() ? "" : " ") + member.instance->id + ":" +
                names[static_cast<int>(member.stage)];
    }
    return text;
}

TEST(Membership, DeterminesTheStageOfEachInstance) {
    const std::vector<Case> cases{
        {"a Ready Node", [](Cluster& c) { c.ready("i-1"); }, "i-1:ready"},
        {"a Ready Node, observed for the first time",
         [](Cluster& c) { c.ready("i-1").memory() = {}; }, "i-1:ready"},
        {"no Node yet", [](Cluster& c) { c.booting("i-1"); }, "i-1:booting"},
        {"a young Node that is not Ready",
         [](Cluster& c) { c.booting("i-1").node("i-1").ready = false; }, "i-1:booting"},
        {"registered, not Ready now", [](Cluster& c) { c.notready("i-1", 1min); }, "i-1:notready"},
        {"registered, no Node now", [](Cluster& c) { c.ready("i-1").nodes().clear(); },
         "i-1:notready"},
        {"registered, node data unavailable: as before",
         [](Cluster& c) { c.ready("i-1").snapshot.signals.nodes = Unknown{"x"}; }, "i-1:ready"},
        {"never observed, node data unavailable, and young",
         [](Cluster& c) { c.booting("i-1", 10min).snapshot.signals.nodes = Unknown{"x"}; },
         "i-1:booting"},
        {"node data unavailable, older than the join timeout: counts as serving",
         [](Cluster& c) { c.booting("i-1", 11min).snapshot.signals.nodes = Unknown{"x"}; },
         "i-1:ready"},
        {"at the join timeout", [](Cluster& c) { c.booting("i-1", 10min); }, "i-1:booting"},
        {"after the join timeout", [](Cluster& c) { c.booting("i-1", 11min); }, "i-1:late"},
        {"after the join timeout, but only its launch is remembered: awaited from now on",
         [](Cluster& c) { c.booting("i-1", 11min).memory().instances["i-1"] = {}; }, "i-1:booting"},
        {"after the join timeout, and the memory is lost: awaited from now on",
         [](Cluster& c) { c.booting("i-1", 11min).memory() = {}; }, "i-1:booting"},
        {"late, with a Node that was never observed Ready",
         [](Cluster& c) { c.booting("i-1", 11min).node("i-1").ready = false; }, "i-1:late"},
        {"the memory is lost, and its Node is older than the join timeout: it has registered",
         [](Cluster& c) {
             c.notready("i-1", 1min).memory() = {};
             c.node("i-1").created_at = start - 11min;
         },
         "i-1:notready"},
        {"the memory is lost, its Node is younger, it is late: not terminated, since it may have "
         "registered",
         [](Cluster& c) {
             c.notready("i-1", 1min).memory() = {};
             c.instance("i-1").launched_at = start - 11min;
             c.node("i-1").created_at = start - 9min;
         },
         "i-1:booting"},
        {"a removal is in flight",
         [](Cluster& c) { c.ready("i-1").instance("i-1").terminating = true; }, "i-1:leaving"},
        {"pending in EC2, Ready in Kubernetes",
         [](Cluster& c) { c.ready("i-1").instance("i-1").state = InstanceState::pending; },
         "i-1:ready"},
        {"shutting down",
         [](Cluster& c) { c.ready("i-1").instance("i-1").state = InstanceState::shutting_down; },
         "i-1:gone"},
        {"stopped",
         [](Cluster& c) { c.ready("i-1").instance("i-1").state = InstanceState::stopped; },
         "i-1:gone"},
        {"a Node that names no instance is matched by address while Ready",
         [](Cluster& c) {
             c.ready("i-1").memory() = {};
             c.node("i-1").instance_id.clear();
         },
         "i-1:ready"},
        {"… but not while it is not Ready: the address may be another's by now",
         [](Cluster& c) {
             c.booting("i-1").instance("i-1").private_ip = "10.0.1.7";
             c.node("ip-10-0-1-7").ready = false;
             c.nodes()[0].instance_id.clear();
             c.nodes()[0].internal_ip = "10.0.1.7";
             c.nodes()[0].created_at = start - 24h;
         },
         "i-1:booting"},
        {"a Node that names another instance is not matched, whatever its address",
         [](Cluster& c) {
             c.booting("i-1").instance("i-1").private_ip = "10.0.1.7";
             c.node("i-2").internal_ip = "10.0.1.7";
         },
         "i-1:booting"},
        {"two without an address do not match",
         [](Cluster& c) {
             c.booting("i-1").instance("i-1").private_ip.clear();
             c.node("foreign").instance_id.clear();
         },
         "i-1:booting"},
        {"a server is no member", [](Cluster& c) { c.ready("i-1").node("i-1").server = true; }, ""},
        {"oldest first, then by id",
         [](Cluster& c) {
             c.ready("i-1").ready("i-3").ready("i-2");
             c.instance("i-2").launched_at = c.instance("i-3").launched_at = start - 3h;
         },
         "i-2:ready i-3:ready i-1:ready"},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.name);
        Cluster cluster;
        each.given(cluster);
        EXPECT_EQ(stages(cluster), each.wanted);
    }
}

TEST(Membership, Counts) {
    Cluster c;
    c.server().ready(2).booting("i-3").booting("i-4", 1h).notready("i-5", 1h).ready("i-6");
    c.instance("i-6").terminating = true;
    c.instance("i-2").offering.pool = "other";
    c.node("ghost").ready = false;
    const auto members = membership(c.snapshot, c.policy);
    EXPECT_EQ(members.alive(), 5);
    EXPECT_EQ(members.alive_in_pool("workers"), 4);
    EXPECT_EQ(members.count(Stage::not_registered), 1);
    ASSERT_EQ(members.other_nodes.size(), 1u);
    EXPECT_EQ(members.other_nodes[0]->name, "server");
}

TEST(Membership, KnowsTheSizeOfAMember) {
    Cluster c;
    c.ready("i-1", "c5.large").ready("i-2").booting("i-3");
    c.instance("i-2").offering.instance_type = c.instance("i-3").offering.instance_type = "x9.huge";
    const auto members = membership(c.snapshot, c.policy).members;
    EXPECT_EQ(cores_of(members[0]), 2);  // by its type
    EXPECT_EQ(mebibytes_of(members[0]), 4096);
    EXPECT_EQ(cores_of(members[1]), 1);  // 900m of its Node: a whole core
    EXPECT_EQ(mebibytes_of(members[1]), 1748);
    EXPECT_EQ(cores_of(members[2]), 0);  // neither is known
    EXPECT_EQ(mebibytes_of(members[2]), 0);
}

TEST(Membership, FindsTheUsageOfAMember) {
    Cluster c;
    c.ready("i-1").ready("i-2").booting("i-3");
    const auto found = [&](const std::string& host) {
        const Use use{50, {{host, 0.5, 1}}};
        std::string ids;
        const HostFinder hosts(use);
        for (const auto& member : membership(c.snapshot, c.policy).members) {
            if (hosts.use_of(member.instance, member.node) != nullptr) ids += member.instance->id;
        }
        return ids;
    };
    EXPECT_EQ(found("i-1"), "i-1");
    EXPECT_EQ(found(c.instance("i-2").private_ip), "i-2");
    EXPECT_EQ(found(c.instance("i-3").private_ip), "i-3");
    c.node("i-1").internal_ip = "fd00::1";
    EXPECT_EQ(found("fd00::1"), "i-1");
    c.node("i-1").name = "worker-a";
    EXPECT_EQ(found("worker-a"), "i-1");
    EXPECT_EQ(found("10.9.9.9"), "");
}

TEST(Settling, EndsAMinuteAfterANodeWasObservedReady) {
    Cluster c;
    c.ready("i-1").booting("i-2");
    const auto settles = [&](std::size_t index) {
        return is_settling(membership(c.snapshot, c.policy).members[index], c.snapshot);
    };
    c.memory().instances["i-1"].registered_at = start - 59s;
    EXPECT_TRUE(settles(0));
    c.memory().instances["i-1"].registered_at = start - 60s;
    EXPECT_FALSE(settles(0));
    c.memory().instances.erase("i-1");
    EXPECT_TRUE(settles(0));   // observed for the first time
    EXPECT_FALSE(settles(1));  // no Node yet
}

}  // namespace
}  // namespace nodenap::test
