#include "model/policy.hpp"

#include "decide/cluster.hpp"

#include <gmock/gmock.h>

#include <limits>

namespace nodenap::test {
namespace {

using testing::IsEmpty;

TEST(Check, AcceptsTheDefaultPolicy) { EXPECT_THAT(check(standard_policy()), IsEmpty()); }

TEST(Check, ReportsTheKeyOfEachViolation) {
    struct Line {
        const char* key;
        std::function<void(Policy&)> spoil;
    };
    const std::vector<Line> lines{
        {"limits.min_nodes", [](Policy& p) { p.limits.min_nodes = -1; }},
        {"limits.max_nodes", [](Policy& p) { p.limits.min_nodes = p.limits.max_nodes = 0; }},
        {"limits.max_nodes", [](Policy& p) { p.limits.max_nodes = 1001; }},
        {"limits.min_nodes", [](Policy& p) { p.limits.max_nodes = 1; }},
        {"limits.max_price_per_hour_usd", [](Policy& p) { p.limits.max_price_per_hour_usd = -1; }},
        {"limits.max_launches_per_pass", [](Policy& p) { p.limits.max_launches_per_pass = 0; }},
        {"limits.max_launches_per_pass", [](Policy& p) { p.limits.max_launches_per_pass = 101; }},
        {"limits.max_launches_per_hour", [](Policy& p) { p.limits.max_launches_per_hour = 0; }},
        {"scale_up.cpu_above_percent", [](Policy& p) { p.scale_up.cpu_above_percent = 100.5; }},
        {"scale_up.cpu_above_percent",
         [](Policy& p) {
             p.scale_up.cpu_above_percent = std::numeric_limits<double>::quiet_NaN();
             p.scale_down.cpu_below_percent = -std::numeric_limits<double>::infinity();
         }},
        {"scale_up.memory_above_percent", [](Policy& p) { p.scale_up.memory_above_percent = 101; }},
        {"scale_up.cpu_window", [](Policy& p) { p.scale_up.cpu_window = 0s; }},
        {"scale_up.cpu_window", [](Policy& p) { p.scale_up.cpu_window = 4s; }},
        {"scale_up.pending_for", [](Policy& p) { p.scale_up.pending_for = -1s; }},
        {"scale_up.join_timeout", [](Policy& p) { p.scale_up.join_timeout = 0s; }},
        {"scale_down.cpu_below_percent", [](Policy& p) { p.scale_down.cpu_below_percent = -1; }},
        {"scale_down.cpu_below_percent", [](Policy& p) { p.scale_down.cpu_below_percent = 70; }},
        {"scale_down.requested_below_percent",
         [](Policy& p) { p.scale_down.requested_below_percent = 101; }},
        {"scale_down.unneeded_for", [](Policy& p) { p.scale_down.unneeded_for = -1s; }},
        {"scale_down.cooldown", [](Policy& p) { p.scale_down.cooldown = -1s; }},
        {"scale_down.drain_timeout", [](Policy& p) { p.scale_down.drain_timeout = 0s; }},
        {"scale_down.max_removals_per_pass",
         [](Policy& p) { p.scale_down.max_removals_per_pass = 0; }},
        {"scale_down.max_empty_removals_per_pass",
         [](Policy& p) { p.scale_down.max_empty_removals_per_pass = 0; }},
        {"reserve.cpu_millicores", [](Policy& p) { p.reserve.cpu = Millicores{-1}; }},
        {"reserve.memory_mib", [](Policy& p) { p.reserve.memory = Mebibytes{-1}; }},
        {"reserve.price_per_hour_usd", [](Policy& p) { p.reserve.price_per_hour_usd = -1; }},
        {"pool", [](Policy& p) { p.pools.clear(); }},
        {"pool[0].name", [](Policy& p) { p.pools[0].name.clear(); }},
        {"pool[1].name", [](Policy& p) { p.pools.push_back(p.pools[0]); }},
        {"pool[0].launch_template", [](Policy& p) { p.pools[0].launch_template.clear(); }},
        {"pool[0].launch_template_version",
         [](Policy& p) { p.pools[0].launch_template_version.clear(); }},
        {"pool[0].launch_template", [](Policy& p) { p.pools[0].launch_template = "my template"; }},
        {"pool[0].launch_template", [](Policy& p) { p.pools[0].launch_template = "lt-"; }},
        {"pool[0].launch_template", [](Policy& p) { p.pools[0].launch_template = "lt-0-"; }},
        {"pool[0].launch_template", [](Policy& p) { p.pools[0].launch_template = "lt-0:"; }},
        {"pool[0].launch_template", [](Policy& p) { p.pools[0].launch_template = "lt-0{"; }},
        {"pool[0].launch_template_version",
         [](Policy& p) { p.pools[0].launch_template_version = "$Latest"; }},
        {"pool[0].launch_template_version",
         [](Policy& p) { p.pools[0].launch_template_version = "latest"; }},
        {"pool[0].subnets", [](Policy& p) { p.pools[0].subnets[1].id = p.pools[0].subnets[0].id; }},
        {"pool[0].max_nodes", [](Policy& p) { p.pools[0].max_nodes = 1'000'000'000; }},
        {"pool[0].subnets", [](Policy& p) { p.pools[0].subnets.clear(); }},
        {"pool[0].subnets", [](Policy& p) { p.pools[0].subnets[0].id.clear(); }},
        {"pool[0].zones", [](Policy& p) { p.pools[0].subnets[0].zone.clear(); }},
        {"pool[0].zones", [](Policy& p) { p.pools[0].subnets[1].zone = "us-east-1a"; }},
        {"pool[0].min_nodes", [](Policy& p) { p.pools[0].min_nodes = -1; }},
        {"pool[0].min_nodes",
         [](Policy& p) {
             p.pools[0].min_nodes = 3;
             p.pools[0].max_nodes = 2;
         }},
        {"pool[0].max_pods", [](Policy& p) { p.pools[0].max_pods = 0; }},
        {"pool[0].taints", [](Policy& p) { p.pools[0].taints = {"dedicated=web"}; }},
        {"pool[0].taints", [](Policy& p) { p.pools[0].taints = {":NoSchedule"}; }},
        {"pool[0].taints", [](Policy& p) { p.pools[0].taints = {"=web:NoSchedule"}; }},
        {"pool[0].taints", [](Policy& p) { p.pools[0].taints = {"dedicated=web:Never"}; }},
        {"pool[0].instance_types", [](Policy& p) { p.pools[0].instance_types.clear(); }},
        {"pool[0].instance_types",
         [](Policy& p) {
             p.pools[0].instance_types = {"t2.small", "t2.small"};
         }},
        {"pool[0].instance_types", [](Policy& p) { p.pools[0].instance_types = {"x9.huge"}; }},
        {"pool[0].instance_types", [](Policy& p) { p.reserve.cpu = Millicores{1000}; }},
        {"pool[0].instance_types", [](Policy& p) { p.reserve.memory = Mebibytes{2048}; }},
        {"pool[0].instance_types",
         [](Policy& p) {
             p.catalogue.add({"t4g.small", 2, Mebibytes{2048}, "arm64"});
             p.pools[0].instance_types.push_back("t4g.small");
         }},
        {"limits.max_nodes",
         [](Policy& p) {
             p.pools[0].min_nodes = 5;
             p.limits.max_nodes = 4;
         }},
        {"limits.min_nodes", [](Policy& p) { p.pools[0].max_nodes = 1; }},
        {"instance_type[].name",
         [](Policy& p) {
             p.catalogue.add({"", 1, Mebibytes{1}});
         }},
        {"instance_type[x].vcpu",
         [](Policy& p) {
             p.catalogue.add({"x", 0, Mebibytes{1}});
         }},
        {"instance_type[x].memory_mib",
         [](Policy& p) {
             p.catalogue.add({"x", 1, Mebibytes{0}});
         }},
        {"instance_type[x].price_per_hour_usd",
         [](Policy& p) {
             p.catalogue.add({"x", 1, Mebibytes{1}, "x86_64", std::nullopt, -1});
         }},
        {"instance_type[x].architecture",
         [](Policy& p) {
             p.catalogue.add({"x", 1, Mebibytes{1}, "mips"});
         }},
        {"instance_type[x].max_pods",
         [](Policy& p) {
             p.catalogue.add({"x", 1, Mebibytes{1}, "arm64", std::nullopt, 0, 0});
         }},
    };
    for (const auto& line : lines) {
        SCOPED_TRACE(line.key);
        auto policy = standard_policy();
        line.spoil(policy);
        const auto faults = check(policy);
        ASSERT_FALSE(faults.empty());
        EXPECT_EQ(faults[0].key, line.key);
        EXPECT_FALSE(faults[0].text.empty());
    }
}

TEST(Check, AcceptsUnusualValidPolicies) {
    auto policy = standard_policy();
    policy.limits = {0, 1000, 0.5, 1, 1};
    policy.scale_up.cpu_above_percent = 100;
    policy.scale_down.cpu_below_percent = 0;
    policy.scale_down.cooldown = policy.scale_down.unneeded_for = 0s;
    policy.pools[0].max_nodes = 0;  // switched off
    policy.pools[0].taints = {"dedicated=web:NoSchedule", "alone:NoExecute",
                              "a.b/c=:PreferNoSchedule"};
    EXPECT_THAT(check(policy), IsEmpty());
}

TEST(Check, ReportsAllViolationsAtOnce) {
    auto policy = standard_policy();
    policy.limits.min_nodes = -1;
    policy.scale_up.cpu_window = 0s;
    policy.pools[0].name.clear();
    EXPECT_EQ(check(policy).size(), 3u);
}

TEST(Policy, FindsByName) {
    const auto policy = standard_policy();
    EXPECT_EQ(find_type(policy, "c5.large")->vcpu, 2);
    EXPECT_EQ(find_type(policy, "c5"), nullptr);
    EXPECT_EQ(find_pool(policy, "workers"), &policy.pools[0]);
    EXPECT_EQ(find_pool(policy, ""), nullptr);
}

TEST(Policy, SubtractsTheReserveFromANewNode) {
    auto policy = standard_policy();
    const auto& t2 = *find_type(policy, "t2.small");
    EXPECT_EQ(template_allocatable(policy, policy.pools[0], t2), resources(900, 1748, 110));
    policy.pools[0].max_pods = 20;
    EXPECT_EQ(template_allocatable(policy, policy.pools[0], t2).pods, 20);
    auto crowded = t2;
    crowded.max_pods = 11;
    policy.catalogue.add(crowded);
    EXPECT_EQ(template_allocatable(policy, policy.pools[0], t2).pods, 11);
    EXPECT_NEAR(node_price_per_hour_usd(policy, t2), 0.029, 1e-12);
}

}  // namespace
}  // namespace nodenap::test
