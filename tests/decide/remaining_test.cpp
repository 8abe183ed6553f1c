#include "decide/remaining.hpp"

#include "decide/cluster.hpp"

namespace nodenap::test {
namespace {

TEST(Remaining, PodsOfATaintedPoolStayInIt) {
    Cluster c;
    c.ready(3).server();
    c.policy.pools.push_back(c.pool());
    c.pool(1).name = "apart";
    c.pool(1).taints = {"dedicated=web:NoSchedule"};
    c.instance("i-1").offering.pool = c.instance("i-2").offering.pool = "apart";
    c.node("i-1").schedulable = c.node("i-2").schedulable = false;
    const auto members = membership(c.snapshot, c.policy);
    const auto names = [&](const Pool* apart) {
        std::string text;
        for (const auto* node : takers(members, apart)) text += node->name + " ";
        return text;
    };
    EXPECT_TRUE(is_set_apart(members.members[0]));
    EXPECT_FALSE(is_set_apart(members.members[2]));
    EXPECT_EQ(names(&c.pool(1)), "i-1 i-2 ");
    EXPECT_EQ(names(nullptr), "server i-3 ");
}

TEST(Remaining, ASetIsJudgedAsAWhole) {
    Cluster c;
    c.ready(4).cpu(25);
    for (const auto* id : {"i-3", "i-4"}) c.runs(id, resources(600, 0));
    const auto members = membership(c.snapshot, c.policy);
    const RemovalContext removal{members, c.snapshot, c.policy};
    const auto* first = &members.members[0];
    const auto* second = &members.members[1];
    EXPECT_FALSE(Remaining(removal).requests_too_high({first, second})) << "1200m of 1800m";
    c.node("i-3").requested.cpu = Millicores{1100};
    EXPECT_FALSE(Remaining(removal).requests_too_high({first})) << "1700m of 2700m";
    EXPECT_TRUE(Remaining(removal).requests_too_high({first, second})) << "1700m of 1800m";
    c.policy.scale_up.cpu_above_percent = 49;
    EXPECT_FALSE(Remaining(removal).would_fire_again({first})) << "1 of 3 cores";
    EXPECT_TRUE(Remaining(removal).would_fire_again({first, second})) << "1 of 2 cores";
}

}  // namespace
}  // namespace nodenap::test
