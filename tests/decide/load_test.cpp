#include "decide/load.hpp"

#include "decide/cluster.hpp"

namespace nodenap::test {
namespace {

std::string told(const Load& load) {
    return "B " + number_text(load.busy) + " C " + number_text(load.seen) + " U " +
           number_text(load.booting);
}

TEST(Load, CountsBusyAndObservedOverTheSameHosts) {
    const std::vector<Case> cases{
        {"two nodes at half", [](Cluster& c) { c.ready(2); }, "B 1 C 2 U 0"},
        {"the server too", [](Cluster& c) { c.ready(2).server(); }, "B 2 C 4 U 0"},
        {"a booting node counts as U", [](Cluster& c) { c.ready(2).booting("i-3"); },
         "B 1 C 2 U 1"},
        {"just registered, not in the response yet",
         [](Cluster& c) { c.ready(2).cpu_use().hosts.pop_back(); }, "B 0.5 C 1 U 1"},
        {"booting, but its kubelet responds already: counted once",
         [](Cluster& c) {
             c.ready(2).booting("i-3").cpu_use().hosts.push_back({"10.0.1.102", 0, 1});
         },
         "B 1 C 3 U 0"},
        {"hosts that match no node count for the oldest workers without one",
         [](Cluster& c) {
             c.ready(3).cpu_use().hosts = {{"alpha", 0.5, 1}, {"beta", 0.5, 1}};
         },
         "B 1 C 2 U 1"},
        {"the server's host counts for no worker",
         [](Cluster& c) {
             c.ready(1).server().cpu_use().hosts.erase(c.cpu_use().hosts.begin());
             c.cpu_use().hosts[0].host = "server";
         },
         "B 1 C 2 U 1"},
        {"a host without a name does not match an instance without an address",
         [](Cluster& c) {
             c.booting("i-1").instance("i-1").private_ip.clear();
             c.cpu_use().hosts = {{"", 0.5, 1}};
         },
         "B 0.5 C 1 U 1"},
        {"a node that is not Ready is no capacity",
         [](Cluster& c) { c.ready(2).notready("i-3", 1min); }, "B 1 C 2 U 0"},
        {"an unregistered instance is no capacity",
         [](Cluster& c) { c.ready(2).booting("i-3", 1h); }, "B 1 C 2 U 0"},
        {"a percentage only: of the Ready nodes",
         [](Cluster& c) { c.ready(2).server().booting("i-3").cpu_use().hosts.clear(); },
         "B 2 C 4 U 1"},
        {"a percentage only, the Nodes unknown: of those that were Ready",
         [](Cluster& c) {
             c.ready(2).server().snapshot.signals.nodes = Unknown{"x"};
             c.cpu_use().hosts.clear();
         },
         "B 1 C 2 U 0"},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.name);
        Cluster c;
        each.given(c);
        const auto members = membership(c.snapshot, c.policy);
        EXPECT_EQ(told(Loads::of_cpu(members, c.cpu_use()).all()), each.wanted);
    }
}

TEST(Load, OfMemoryIsInMebibytes) {
    Cluster c;
    c.ready(2).server().booting("i-3");
    const auto members = membership(c.snapshot, c.policy);
    const Use of_one{50, {{"10.0.1.100", 1000, 2000}}};
    EXPECT_EQ(told(Loads::of_memory(members, of_one).all()), "B 1000 C 2000 U 4096");
    const Use a_percentage{50, {}};
    const auto loads = Loads::of_memory(members, a_percentage);
    EXPECT_EQ(told(loads.all()), "B 3998 C 7996 U 2048");
    EXPECT_EQ(told(loads.without({&members.members[0]})), "B 3998 C 5948 U 2048");
}

TEST(Load, WithoutAMemberKeepsTheBusyPart) {
    Cluster c;
    c.ready(3).notready("i-4", 1h);
    const auto members = membership(c.snapshot, c.policy);
    const auto without = [&](std::size_t index, const Use& use) {
        return told(Loads::of_cpu(members, use).without({&members.members[index]}));
    };
    EXPECT_EQ(without(0, c.cpu_use()), "B 1.5 C 2 U 0");
    EXPECT_EQ(told(Loads::of_cpu(members, c.cpu_use())
                       .without({&members.members[0], &members.members[2]})),
              "B 1.5 C 1 U 0");
    EXPECT_EQ(without(3, c.cpu_use()),
              "B 1.5 C 3 U 0");  // not in the response: nothing to subtract
    EXPECT_EQ(without(0, {50, {}}), "B 1.5 C 2 U 0");
    EXPECT_EQ(without(3, {50, {}}), "B 1.5 C 3 U 0");
    const Use by_other_names{50, {{"alpha", 1, 1}, {"beta", 0.5, 1}, {"gamma", 0, 1}}};
    EXPECT_EQ(without(0, by_other_names), "B 1.5 C 2 U 0");
}

TEST(Load, MissingBringsItToTheThreshold) {
    EXPECT_NEAR(missing_at({3.24, 4, 0}, 70), 0.6286, 1e-4);
    EXPECT_NEAR(missing_at({4, 4, 1}, 70), 0.7143, 1e-4);
    EXPECT_EQ(missing_at({4, 4, 2}, 70), 0);
    EXPECT_EQ(missing_at({0, 4, 0}, 70), 0);
    EXPECT_EQ(missing_at({2.8, 4, 0}, 70), 0);
    EXPECT_EQ(missing_at({2.8 + 1e-9, 4, 0}, 70), 0);  // a rounding error is no shortage
}

}  // namespace
}  // namespace nodenap::test
