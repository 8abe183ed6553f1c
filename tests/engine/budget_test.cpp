#include "engine/budget.hpp"

#include "engine/cluster.hpp"

namespace nodenap::test {
namespace {

/// How many t2.small (0.023 + 0.006 USD an hour) may be launched, and what stops the next one.
std::string told(const Cluster& c) {
    const auto members = membership(c.snapshot, c.policy);
    Budget budget(members, c.snapshot, c.policy);
    const auto* type = find_type(c.policy, "t2.small");
    int count = 0;
    for (; count < 100 && !budget.refusal(*type); ++count) budget.spend(*type);
    if (count == 100) return "any number";
    return std::to_string(count) + ", then " + budget.refusal(*type)->text;
}

TEST(Budget, StopsAtTheFirstLimit) {
    const std::vector<Case> cases{
        {"max_nodes 10 and three alive leave seven", [](Cluster& c) { c.ready(2).booting("i-3"); },
         "7, then max_nodes 10 is reached"},
        {"late counts until it is gone", [](Cluster& c) { c.ready(2).booting("i-3", 1h); },
         "7, then max_nodes 10 is reached"},
        {"leaving does not count", [](Cluster& c) { c.ready(3).instance("i-3").leaving = true; },
         "8, then max_nodes 10 is reached"},
        {"above the maximum nothing is left",
         [](Cluster& c) { c.ready(3).policy.limits.max_nodes = 2; },
         "0, then max_nodes 2 is reached"},
        {"per pass", [](Cluster& c) { c.policy.limits.max_launches_per_pass = 4; },
         "4, then max_launches_per_pass 4 is reached; the next pass goes on"},
        {"per hour: 30 less the 28 of the last hour",
         [](Cluster& c) {
             c.memory().launches.assign(28, start - 59min);
             c.memory().launches.push_back(start - 65min);
         },
         "2, then max_launches_per_hour 30 is reached"},
        {"0.10 USD an hour pay for three",
         [](Cluster& c) { c.policy.limits.max_price_per_hour_usd = 0.1; },
         "3, then one more t2.small would make it 0.116 USD an hour, above "
         "max_price_per_hour_usd 0.1"},
        {"exactly at the price is allowed",
         [](Cluster& c) { c.policy.limits.max_price_per_hour_usd = 0.087; },
         "3, then one more t2.small would make it 0.116 USD an hour, above "
         "max_price_per_hour_usd 0.087"},
        {"what leaves is paid for until it is gone",
         [](Cluster& c) {
             c.ready(2).instance("i-1").leaving = true;
             c.instance("i-2").state = InstanceState::terminated;
             c.policy.limits.max_price_per_hour_usd = 0.1;
         },
         "2, then one more t2.small would make it 0.116 USD an hour, above "
         "max_price_per_hour_usd 0.1"},
        {"a type that the catalogue does not have has no price: the limit cannot be kept",
         [](Cluster& c) {
             c.ready(1).instance("i-1").offer.instance_type = "x9.huge";
             c.policy.limits.max_price_per_hour_usd = 0.03;
         },
         "0, then what x9.huge (i-1) costs is not known, so max_price_per_hour_usd 0.03 cannot be "
         "kept; add an [[instance_type]]"},
        {"the first of several without a price is named",
         [](Cluster& c) {
             c.ready(2).instance("i-1").offer.instance_type = "x9.huge";
             c.instance("i-2").offer.instance_type = "x9.large";
             c.policy.limits.max_price_per_hour_usd = 0.03;
         },
         "0, then what x9.huge (i-1) costs is not known, so max_price_per_hour_usd 0.03 cannot be "
         "kept; add an [[instance_type]]"},
        {"… which asks nothing of it once it is gone",
         [](Cluster& c) {
             c.ready(1).instance("i-1").offer.instance_type = "x9.huge";
             c.instance("i-1").state = InstanceState::terminated;
             c.policy.limits.max_price_per_hour_usd = 0.03;
         },
         "1, then one more t2.small would make it 0.058 USD an hour, above "
         "max_price_per_hour_usd 0.03"},
        {"no limit reached",
         [](Cluster& c) {
             c.policy.limits.max_nodes = c.policy.limits.max_launches_per_pass =
                 c.policy.limits.max_launches_per_hour = 1000;
         },
         "any number"},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.name);
        Cluster c;
        each.given(c);
        EXPECT_EQ(told(c), each.wanted);
    }
}

TEST(Budget, CountsNodesWithoutTheirPrice) {
    Cluster c;
    c.ready(3).policy.limits.max_price_per_hour_usd = 0.001;
    EXPECT_EQ(Budget(membership(c.snapshot, c.policy), c.snapshot, c.policy).nodes(), 7);
    c.policy.limits.max_nodes = 1;
    EXPECT_EQ(Budget(membership(c.snapshot, c.policy), c.snapshot, c.policy).nodes(), 0);
}

}  // namespace
}  // namespace nodenap::test
