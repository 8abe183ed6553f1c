#include "decide/planner.hpp"

#include "decide/cluster.hpp"

#include <gmock/gmock.h>

namespace nodenap::test {
namespace {

using testing::ElementsAre;

const auto half = resources(450, 512);

Pool& add_pool(Cluster& c, const std::string& name, const std::vector<std::string>& types) {
    auto pool = c.pool();
    pool.name = name;
    pool.instance_types = types;
    c.policy.pools.push_back(pool);
    return c.policy.pools.back();
}

/// "workers/t2.small@us-east-1a×2 …"
std::string offerings(const Plan& plan) {
    std::string text;
    for (const auto& group : plan.launch) {
        text += (text.empty() ? "" : " ") + group.offering.pool + "/" +
                group.offering.instance_type + "@" + group.offering.zone.substr(8) + "×" +
                std::to_string(group.count);
    }
    return text;
}

void expect_offerings(const std::vector<Case>& cases) {
    for (const auto& each : cases) {
        SCOPED_TRACE(each.name);
        Cluster c;
        each.given(c);
        EXPECT_EQ(offerings(c.plan()), each.wanted);
    }
}

TEST(Planner, UsesTheFirstSuitableOffering) {
    expect_offerings({
        {"the zone with the fewest workers each time",
         [](Cluster& c) { c.ready(1).policy.limits.min_nodes = 4; },
         "workers/t2.small@1b×2 workers/t2.small@1a×1"},
        {"terminating instances do not count for the zone",
         [](Cluster& c) {
             c.ready(1).instance("i-1").terminating = true;
             c.policy.limits.min_nodes = 1;
         },
         "workers/t2.small@1a×1"},
        {"the first type that is not in backoff",
         [](Cluster& c) {
             c.pool().instance_types = {"t2.small", "t3.small"};
             c.unavailable("t2.small", "us-east-1a").unavailable("t2.small", "us-east-1b");
         },
         "workers/t3.small@1a×1 workers/t3.small@1b×1"},
        {"another zone first",
         [](Cluster& c) {
             c.pool().instance_types = {"t2.small", "t3.small"};
             c.unavailable("t2.small", "us-east-1a");
         },
         "workers/t2.small@1b×2"},
        {"an ended backoff has no effect",
         [](Cluster& c) { c.unavailable("t2.small", "us-east-1a", 0s); },
         "workers/t2.small@1a×1 workers/t2.small@1b×1"},
        {"the first pool below its maximum",
         [](Cluster& c) {
             add_pool(c, "more", {"t3.small"});
             c.pool().max_nodes = 1;
         },
         "workers/t2.small@1a×1 more/t3.small@1b×1"},
        {"the next pool if all offerings of the first are in backoff",
         [](Cluster& c) {
             add_pool(c, "more", {"t3.small"});
             c.unavailable("t2.small", "us-east-1a").unavailable("t2.small", "us-east-1b");
         },
         "more/t3.small@1a×1 more/t3.small@1b×1"},
        {"a pool's own minimum, in that pool",
         [](Cluster& c) {
             c.ready(2);
             add_pool(c, "more", {"t3.small"}).min_nodes = 1;
         },
         "more/t3.small@1a×1"},
        {"a type that is not in the catalogue is skipped",
         [](Cluster& c) {
             c.pool().instance_types = {"x9.huge", "t3.small"};
         },
         "workers/t3.small@1a×1 workers/t3.small@1b×1"},
    });
}

TEST(Planner, UsesThePoolsPurchaseOption) {
    const auto bought = [](CapacityChoice choice, bool spot_is_in_backoff) {
        Cluster c;
        c.pool().capacity = choice;
        c.policy.limits.min_nodes = 1;
        if (spot_is_in_backoff) {
            c.unavailable("t2.small", "us-east-1a").unavailable("t2.small", "us-east-1b");
            for (auto& each : c.memory().unavailable_offerings)
                each.offering.capacity = Capacity::spot;
        }
        const auto plan = c.plan();
        return plan.launch.empty() ? "nothing"
                                   : std::string(word(plan.launch[0].offering.capacity));
    };
    EXPECT_EQ(bought(CapacityChoice::on_demand, true), "on-demand");
    EXPECT_EQ(bought(CapacityChoice::spot, false), "spot");
    EXPECT_EQ(bought(CapacityChoice::spot, true), "nothing");
    EXPECT_EQ(bought(CapacityChoice::spot_then_on_demand, false), "spot");
    EXPECT_EQ(bought(CapacityChoice::spot_then_on_demand, true), "on-demand");
}

TEST(Planner, LaunchesTheCheapestSetForPods) {
    const auto types = [](Cluster& c, const std::vector<std::string>& names) {
        c.pool().instance_types = names;
    };
    expect_offerings({
        // t2.small 0.029 for 900m, t3.small 0.0268 for 1900m, c5.xlarge 0.176 for 3900m.
        {"two halves: one t3.small at 0.0268 is cheaper than one t2.small at 0.029",
         [&](Cluster& c) {
             c.ready(2).pending("web", 2, half);
             types(c, {"t2.small", "t3.small"});
         },
         "workers/t3.small@1a×1"},
        {"a pod of 3000m needs the c5.xlarge, the halves fit there too",
         [&](Cluster& c) {
             c.ready(2).pending("db", 1, resources(3000, 512)).pending("web", 2, half);
             types(c, {"t3.small", "c5.xlarge"});
         },
         "workers/c5.xlarge@1a×1"},
        {"… and where they do not fit beside it, on a cheaper node",
         [&](Cluster& c) {
             c.ready(2).pending("db", 1, resources(3800, 512)).pending("web", 2, half);
             types(c, {"t3.small", "c5.xlarge"});
         },
         "workers/c5.xlarge@1a×1 workers/t3.small@1b×1"},
        {"a type with all offerings in backoff is left out",
         [&](Cluster& c) {
             c.ready(2).pending("web", 2, half);
             types(c, {"t2.small", "t3.small"});
             c.unavailable("t3.small", "us-east-1a").unavailable("t3.small", "us-east-1b");
         },
         "workers/t2.small@1a×1"},
        {"a type above the remaining price is left out",
         [&](Cluster& c) {
             c.ready(2).pending("db", 1, resources(1500, 512)).pending("web", 2, half);
             types(c, {"t2.small", "c5.xlarge"});
             c.policy.limits.max_price_per_hour_usd = 0.1;
         },
         "workers/t2.small@1a×1"},
        {"a full pool is left out",
         [&](Cluster& c) {
             c.ready(2).pending("web", 2, half).pool().max_nodes = 2;
             add_pool(c, "more", {"c5.large"});
         },
         "more/c5.large@1a×1"},
        {"a limit per pass reduces the cheap set, without larger types",
         [&](Cluster& c) {
             c.ready(2).pending("web", 28, half).policy.limits.max_launches_per_pass = 10;
             types(c, {"t2.small", "c5.xlarge"});
             c.pool().max_nodes = c.policy.limits.max_nodes = 20;
         },
         "workers/t2.small@1a×5 workers/t2.small@1b×5"},
        {"… nor does one of the hour",
         [&](Cluster& c) {
             c.ready(2).pending("web", 28, half).memory().launches.assign(29, start - 59min);
             types(c, {"t2.small", "c5.xlarge"});
             c.pool().max_nodes = c.policy.limits.max_nodes = 20;
         },
         "workers/t2.small@1a×1"},
        {"max_nodes does: 28 halves do not fit on four t2.small",
         [&](Cluster& c) {
             c.ready(2).pending("web", 28, half).policy.limits.max_nodes = 6;
             types(c, {"t2.small", "c5.xlarge"});
         },
         "workers/c5.xlarge@1a×2 workers/c5.xlarge@1b×2"},
        {"nodes for the minimum are filled first",
         [&](Cluster& c) { c.ready(1).pending("web", 4, half); },
         "workers/t2.small@1b×1 workers/t2.small@1a×1"},
    });
}

TEST(Planner, AppliesEveryLimitAndNamesIt) {
    expect_outcomes({
        {"max_nodes: 100 nginx need 12 nodes, 8 are left",
         [](Cluster& c) { c.ready(2).pending("nginx", 100, resources(100, 128)); },
         "scale_up pending_pods at_maximum +8 t2.small"},
        {"max_nodes, nothing left",
         [](Cluster& c) { c.ready(3).pending("web", 1, half).policy.limits.max_nodes = 3; },
         "hold at_maximum pending_pods"},
        {"the pool's max_nodes",
         [](Cluster& c) { c.ready(2).pending("web", 6, half).pool().max_nodes = 3; },
         "scale_up pending_pods at_maximum +1 t2.small"},
        {"the pool's max_nodes, nothing left",
         [](Cluster& c) { c.ready(2).pending("web", 1, half).pool().max_nodes = 2; },
         "hold at_maximum pending_pods"},
        {"the minimum, and every pool is full", [](Cluster& c) { c.pool().max_nodes = 1; },
         "scale_up below_minimum at_maximum +1 t2.small"},
        {"the minimum, and a pass may launch one",
         [](Cluster& c) { c.policy.limits.max_launches_per_pass = 1; },
         "scale_up below_minimum launch_limit +1 t2.small"},
        {"the only pool that could hold it is full",
         [](Cluster& c) {
             c.ready(2).pending("db", 1, resources(1500, 512));
             add_pool(c, "large", {"x9.huge", "c5.large"}).max_nodes = 0;
         },
         "hold at_maximum pending_pods"},
        {"per pass",
         [](Cluster& c) {
             c.ready(2).pending("web", 8, half).policy.limits.max_launches_per_pass = 3;
         },
         "scale_up pending_pods launch_limit +3 t2.small"},
        {"per hour",
         [](Cluster& c) {
             c.ready(2).pending("web", 8, half).memory().launches.assign(29, start - 59min);
         },
         "scale_up pending_pods launch_limit +1 t2.small"},
        {"per hour, nothing left",
         [](Cluster& c) {
             c.ready(2).pending("web", 8, half).memory().launches.assign(30, start - 59min);
         },
         "hold launch_limit pending_pods"},
        {"the price",
         [](Cluster& c) {
             c.ready(2).pending("web", 8, half).policy.limits.max_price_per_hour_usd = 0.12;
         },
         "scale_up pending_pods price_limit +2 t2.small"},
        {"the price, nothing left",
         [](Cluster& c) {
             c.ready(2).pending("web", 8, half).policy.limits.max_price_per_hour_usd = 0.08;
         },
         "hold price_limit pending_pods"},
        {"no capacity for the minimum",
         [](Cluster& c) {
             c.unavailable("t2.small", "us-east-1a").unavailable("t2.small", "us-east-1b");
         },
         "hold no_capacity below_minimum"},
        {"no capacity for pods",
         [](Cluster& c) {
             c.ready(2).pending("web", 1, half);
             c.unavailable("t2.small", "us-east-1a").unavailable("t2.small", "us-east-1b");
         },
         "hold no_capacity pending_pods"},
        {"no capacity for a pool's minimum, and max_nodes is reached for pods",
         [](Cluster& c) {
             add_pool(c, "large", {"t3.small"}).min_nodes = 1;
             c.ready(2).pending("web", 1, half).policy.limits.max_nodes = 2;
             c.unavailable("t3.small", "us-east-1a").unavailable("t3.small", "us-east-1b");
             for (auto& one : c.memory().unavailable_offerings) one.offering.pool = "large";
         },
         "hold no_capacity at_maximum below_minimum pending_pods"},
        {"no capacity in one pool, and the other is too expensive",
         [](Cluster& c) {
             add_pool(c, "large", {"t3.small"});
             c.ready(2).pending("web", 1, half).policy.limits.max_price_per_hour_usd = 0.06;
             c.unavailable("t3.small", "us-east-1a").unavailable("t3.small", "us-east-1b");
             for (auto& one : c.memory().unavailable_offerings) one.offering.pool = "large";
         },
         "hold price_limit no_capacity pending_pods"},
        {"no capacity for load",
         [](Cluster& c) {
             c.ready(2).cpu(90);
             c.unavailable("t2.small", "us-east-1a").unavailable("t2.small", "us-east-1b");
         },
         "hold no_capacity high_cpu"},
        {"no capacity for a number of pods",
         [](Cluster& c) {
             c.ready(2).waiting().count = 3;
             c.unavailable("t2.small", "us-east-1a").unavailable("t2.small", "us-east-1b");
         },
         "hold no_capacity pending_pods"},
        {"the type that could hold it is in backoff, another is not",
         [](Cluster& c) {
             c.ready(2).pending("db", 1, resources(1500, 512));
             c.pool().instance_types = {"t2.small", "t3.small"};
             c.unavailable("t3.small", "us-east-1a").unavailable("t3.small", "us-east-1b");
         },
         "hold no_capacity pending_pods"},
        {"nothing is in backoff, but the pool has no zone to launch in",
         [](Cluster& c) {
             c.ready(2).pending("web", 1, half);
             c.pool().subnets.clear();
         },
         "hold no_capacity pending_pods"},
        {"a type that is not in the catalogue holds nothing",
         [](Cluster& c) {
             c.ready(2).pending("web", 1, half);
             c.pool().instance_types = {"x9.unknown", "t2.small"};
             c.unavailable("t2.small", "us-east-1a").unavailable("t2.small", "us-east-1b");
         },
         "hold no_capacity pending_pods"},
        {"load, and max_nodes is reached",
         [](Cluster& c) { c.ready(3).cpu(90).policy.limits.max_nodes = 3; },
         "hold at_maximum high_cpu"},
        {"load, and the price is reached",
         [](Cluster& c) { c.ready(3).cpu(90).policy.limits.max_price_per_hour_usd = 0.1; },
         "hold price_limit high_cpu"},
    });
}

TEST(Planner, LaunchesTheRestOfALimitedSetInTheNextPass) {
    Cluster c;
    c.ready(2).pending("web", 28, half).pool().instance_types = {"t2.small", "c5.xlarge"};
    c.pool().max_nodes = c.policy.limits.max_nodes = 20;
    const auto first = c.pass(1);
    EXPECT_EQ(outcome(first), "scale_up pending_pods launch_limit +10 t2.small");
    EXPECT_EQ(first.reasons.back().text,
              "launch limit: 10 of 14 now, the others in the next pass (max_launches_per_pass 10)");
    EXPECT_EQ(outcome(c.pass_time(5s).pass(2)), "scale_up pending_pods +4 t2.small");
    EXPECT_EQ(outcome(c.pass_time(5s).pass(3)), "hold booting");
}

TEST(Planner, ReportsOfferingsInBackoffWithReasons) {
    Cluster c;
    c.unavailable("t2.small", "us-east-1a", 0s).unavailable("t2.small", "us-east-1b", 150s);
    c.pool().subnets.erase(c.pool().subnets.begin());
    EXPECT_EQ(c.plan().reasons[0].text,
              "every suitable offering is in backoff; t2.small in us-east-1b: "
              "InsufficientInstanceCapacity, retry in 2m30s");
}

TEST(Planner, ListsThePodsOfEachNode) {
    Cluster c;
    c.ready(2).pending("web", 5, half);
    const auto plan = c.plan();
    ASSERT_EQ(offerings(plan), "workers/t2.small@1a×2 workers/t2.small@1b×1");
    EXPECT_THAT(plan.launch[0].pods, ElementsAre(ElementsAre("default/web-1", "default/web-2"),
                                                 ElementsAre("default/web-5")));
    EXPECT_THAT(plan.launch[1].pods, ElementsAre(ElementsAre("default/web-3", "default/web-4")));
    EXPECT_DOUBLE_EQ(plan.launch[0].price_per_hour_usd, 0.029);
}

TEST(Planner, AssignsNoPodsToNodesForLoadAndMinimum) {
    Cluster c;
    EXPECT_THAT(c.plan().launch.at(0).pods, ElementsAre(testing::IsEmpty()));
}

TEST(Planner, CountsDaemonSetsOfANewNode) {
    expect_outcomes({
        {"50 nginx of 100m and 128 MiB need 6 t2.small",
         [](Cluster& c) { c.ready(2).pending("nginx", 50, resources(100, 128)); },
         "scale_up pending_pods +6 t2.small"},
        {"… and 7 where DaemonSets take 50m",
         [](Cluster& c) {
             c.ready(2).pending("nginx", 50, resources(100, 128));
             c.node("i-1").daemonset_requested = c.node("i-2").daemonset_requested =
                 resources(50, 64, 2);
         },
         "scale_up pending_pods +7 t2.small"},
        {"… and 5 where one t2.small boots already",
         [](Cluster& c) { c.ready(2).booting("i-3").pending("nginx", 50, resources(100, 128)); },
         "scale_up pending_pods +5 t2.small"},
    });
}

TEST(Planner, AtMostDoublesTheObservedCores) {
    expect_outcomes({
        {"types of two cores: 3 seen, one of them, for two would be 4",
         [](Cluster& c) {
             c.ready(3).cpu(100).pool().instance_types = {"c5.large"};
             c.policy.scale_up.cpu_above_percent = 10;
         },
         "scale_up high_cpu +1 c5.large"},
        {"memory, in MiB: 6000 seen, two of 2048 and no third",
         [](Cluster& c) {
             c.ready(3).policy.scale_up.memory_above_percent = 10;
             Use use{90, {}};
             for (const auto& host : c.cpu_use().hosts)
                 use.hosts.push_back({host.host, 1800, 2000});
             c.snapshot.signals.memory = use;
         },
         "scale_up high_memory +2 t2.small"},
        {"memory, and max_nodes is reached on the way",
         [](Cluster& c) {
             c.ready(3).policy.scale_up.memory_above_percent = 10;
             c.policy.limits.max_nodes = 4;
             c.snapshot.signals.memory = Use{90, {}};
         },
         "scale_up high_memory at_maximum +1 t2.small"},
        {"memory, and the only pool is full",
         [](Cluster& c) {
             c.ready(3).policy.scale_up.memory_above_percent = 10;
             c.pool().max_nodes = 3;
             c.snapshot.signals.memory = Use{90, {}};
         },
         "hold at_maximum high_memory"},
        {"the next pool's larger type would be too much",
         [](Cluster& c) {
             c.ready(3).cpu(100).pool().max_nodes = 4;
             add_pool(c, "large", {"c5.xlarge"});
             c.policy.scale_up.cpu_above_percent = 10;
         },
         "scale_up high_cpu +1 t2.small"},
    });
}

}  // namespace
}  // namespace nodenap::test
