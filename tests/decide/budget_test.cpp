#include "decide/budget.hpp"

#include "decide/cluster.hpp"

namespace nodenap::test {
namespace {

/// How many t2.small (0.023 + 0.006 USD an hour) may be launched, and what stops the next one.
std::string told(const Cluster& c) {
    const auto members = membership(c.snapshot, c.policy);
    Budget budget(members, c.policy);
    const auto* type = find_type(c.policy, "t2.small");
    int count = 0;
    for (; count < 100 && !budget.refusal(*type); ++count) budget.spend(*type);
    if (count == 100) return "any number";
    return std::to_string(count) + ", then " + budget.refusal(*type)->text;
}

TEST(Budget, StopsAtTheFirstLimit) {
    const std::vector<Case> cases{
        {"max_nodes 10 and three running leave seven",
         [](Cluster& c) { c.ready(2).booting("i-3"); }, "7, then at max_nodes (10)"},
        {"an unregistered one counts until it has terminated",
         [](Cluster& c) { c.ready(2).booting("i-3", 1h); }, "7, then at max_nodes (10)"},
        {"a terminating one counts until it has terminated",
         [](Cluster& c) { c.ready(3).instance("i-3").terminating = true; },
         "7, then at max_nodes (10)"},
        {"one more for those that EC2 is about to interrupt",
         [](Cluster& c) {
             c.ready(3);
             for (auto& each : c.fleet()) each.terminating = each.interrupted = true;
         },
         "8, then at max_nodes (10)"},
        {"instances with the cluster's tags that are no workers count and are reported",
         [](Cluster& c) {
             c.ready(3).node("i-2").server = true;
             c.instance("i-3").foreign = true;
         },
         "7, then at max_nodes (10), counting instances that are not workers: i-2, i-3"},
        {"and their price counts",
         [](Cluster& c) {
             c.ready(3).node("i-2").server = true;
             c.instance("i-3").foreign = true;
             c.policy.limits.max_price_per_hour_usd = 0.1;
         },
         "0, then one more t2.small would bring the total to $0.116/h, above "
         "max_price_per_hour_usd (0.1)"},
        {"above the maximum none is left",
         [](Cluster& c) { c.ready(3).policy.limits.max_nodes = 2; }, "0, then at max_nodes (2)"},
        {"limits per pass and per hour do not limit the number of nodes",
         [](Cluster& c) {
             c.policy.limits.max_launches_per_pass = 1;
             c.memory().launches.assign(30, start - 59min);
         },
         "10, then at max_nodes (10)"},
        {"0.10 USD an hour pay for three",
         [](Cluster& c) { c.policy.limits.max_price_per_hour_usd = 0.1; },
         "3, then one more t2.small would bring the total to $0.116/h, above "
         "max_price_per_hour_usd (0.1)"},
        {"exactly the maximum price is allowed",
         [](Cluster& c) { c.policy.limits.max_price_per_hour_usd = 0.087; },
         "3, then one more t2.small would bring the total to $0.116/h, above "
         "max_price_per_hour_usd (0.087)"},
        {"the price of a terminating one counts until it has terminated",
         [](Cluster& c) {
             c.ready(2).instance("i-1").terminating = true;
             c.instance("i-2").state = InstanceState::terminated;
             c.policy.limits.max_price_per_hour_usd = 0.1;
         },
         "2, then one more t2.small would bring the total to $0.116/h, above "
         "max_price_per_hour_usd (0.1)"},
        {"a type that is not in the catalogue has no price: the limit cannot be enforced",
         [](Cluster& c) {
             c.ready(1).instance("i-1").offering.instance_type = "x9.huge";
             c.policy.limits.max_price_per_hour_usd = 0.03;
         },
         "0, then price of x9.huge (i-1) unknown, so max_price_per_hour_usd (0.03) cannot be "
         "enforced; add an [[instance_type]]"},
        {"the first of several without a price is named",
         [](Cluster& c) {
             c.ready(2).instance("i-1").offering.instance_type = "x9.huge";
             c.instance("i-2").offering.instance_type = "x9.large";
             c.policy.limits.max_price_per_hour_usd = 0.03;
         },
         "0, then price of x9.huge (i-1) unknown, so max_price_per_hour_usd (0.03) cannot be "
         "enforced; add an [[instance_type]]"},
        {"… which asks nothing of it once it is gone",
         [](Cluster& c) {
             c.ready(1).instance("i-1").offering.instance_type = "x9.huge";
             c.instance("i-1").state = InstanceState::terminated;
             c.policy.limits.max_price_per_hour_usd = 0.03;
         },
         "1, then one more t2.small would bring the total to $0.058/h, above "
         "max_price_per_hour_usd (0.03)"},
        {"a manually tagged one blocks nothing, whatever its type",
         [](Cluster& c) {
             c.ready(1).instance("i-1").offering.instance_type = "u7i-12tb.224xlarge";
             c.instance("i-1").foreign = true;
             c.policy.limits.max_price_per_hour_usd = 0.03;
         },
         "1, then one more t2.small would bring the total to $0.058/h, above "
         "max_price_per_hour_usd (0.03)"},
        {"no limit reached", [](Cluster& c) { c.policy.limits.max_nodes = 1000; }, "any number"},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.name);
        Cluster c;
        each.given(c);
        EXPECT_EQ(told(c), each.wanted);
    }
}

TEST(Budget, CountsNodesIgnoringPrice) {
    Cluster c;
    c.ready(3).policy.limits.max_price_per_hour_usd = 0.001;
    EXPECT_EQ(Budget(membership(c.snapshot, c.policy), c.policy).nodes(), 7);
    c.policy.limits.max_nodes = 1;
    EXPECT_EQ(Budget(membership(c.snapshot, c.policy), c.policy).nodes(), 0);
}

TEST(LaunchesNow, LimitsTheirNumberAndReportsTheRest) {
    const auto told = [](int wanted, int in_the_last_hour) {
        Cluster c;
        c.memory().launches.assign(std::size_t(in_the_last_hour), start - 59min);
        c.memory().launches.push_back(start - 65min);
        const auto now = launches_now(wanted, c.snapshot, c.policy);
        return std::to_string(now.count) + (now.limit ? ", " + now.limit->text : "");
    };
    EXPECT_EQ(told(0, 30), "0");
    EXPECT_EQ(told(10, 0), "10");
    EXPECT_EQ(told(14, 0),
              "10, launch limit: 10 of 14 now, the others in the next pass "
              "(max_launches_per_pass 10)");
    EXPECT_EQ(told(14, 28),
              "2, launch limit: 2 of 14 now, the others once max_launches_per_hour (30) allows it");
    EXPECT_EQ(told(1, 40),
              "0, launch limit: 0 of 1 now, the others once max_launches_per_hour (30) allows it");
}

}  // namespace
}  // namespace nodenap::test
