#include "decide/plan.hpp"

#include "decide/cluster.hpp"

#include <gmock/gmock.h>

namespace nodenap::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const auto half = resources(450, 512);

TEST(Mode, ShowsWhatItWithholds) {
    const auto observe_only = [](Cluster& c) { c.policy.mode = Mode::observe; };
    const auto add_only = [](Cluster& c) { c.policy.mode = Mode::add_only; };
    const auto paused = [](Cluster& c) { c.snapshot.paused_until = start + 1h; };
    expect_outcomes({
        {"observe shows a launch",
         [&](Cluster& c) {
             observe_only(c);
             c.ready(2).pending("web", 1, half);
         },
         "hold observing pending_pods +1 t2.small"},
        {"observe shows a removal",
         [&](Cluster& c) {
             observe_only(c);
             c.ready(3).idle();
         },
         "hold observing underused -i-1"},
        {"observe has nothing to withhold",
         [&](Cluster& c) {
             observe_only(c);
             c.ready(3);
         },
         "hold nothing_to_do"},
        {"add_only adds",
         [&](Cluster& c) {
             add_only(c);
             c.ready(2).pending("web", 1, half);
         },
         "scale_up pending_pods +1 t2.small"},
        {"add_only shows a removal",
         [&](Cluster& c) {
             add_only(c);
             c.ready(3).idle();
         },
         "hold observing underused -i-1"},
        {"add_only shows a surplus",
         [&](Cluster& c) {
             add_only(c);
             c.ready(3).cpu(40).policy.limits.max_nodes = 2;
         },
         "hold observing above_maximum -i-1"},
        {"add_only does not terminate an unregistered one, but adds another",
         [&](Cluster& c) {
             add_only(c);
             c.ready(2).booting("i-3", 1h).pending("web", 1, half);
         },
         "scale_up pending_pods +1 t2.small"},
        {"… never beyond the maximum: it is still paid for",
         [&](Cluster& c) {
             add_only(c);
             c.ready(2).booting("i-3", 1h).pending("web", 1, half).policy.limits.max_nodes = 3;
         },
         "hold observing not_joined at_maximum pending_pods -i-3"},
        {"paused shows a launch",
         [&](Cluster& c) {
             paused(c);
             c.ready(2).pending("web", 1, half);
         },
         "hold paused pending_pods +1 t2.small"},
        {"paused shows a removal",
         [&](Cluster& c) {
             paused(c);
             c.ready(3).idle();
         },
         "hold paused underused -i-1"},
        {"paused is reported even with nothing to do",
         [&](Cluster& c) {
             paused(c);
             c.ready(3);
         },
         "hold paused nothing_to_do"},
        {"paused takes precedence over observing",
         [&](Cluster& c) {
             paused(c);
             observe_only(c);
             c.ready(3).idle();
         },
         "hold paused underused -i-1"},
        {"an ended pause has no effect",
         [](Cluster& c) { c.ready(3).idle().snapshot.paused_until = start; },
         "scale_down underused -i-1"},
    });
}

TEST(Mode, ReportsWhatWouldBeDone) {
    Cluster c;
    c.policy.mode = Mode::observe;
    c.ready(2).pending("web", 1, half);
    EXPECT_EQ(c.plan().reasons[0].text,
              "mode is observe; would scale_up: 1 × t2.small in us-east-1a — 1 unschedulable pod: "
              "450m CPU and 512 MiB");
}

TEST(Mode, AppliesOnlyWhatIsNotWithheld) {
    Cluster c;
    c.ready(3).idle();
    EXPECT_TRUE(is_to_be_applied(c.plan()));
    c.policy.mode = Mode::observe;
    EXPECT_FALSE(is_to_be_applied(c.plan()));
    c.policy.mode = Mode::add_only;
    EXPECT_FALSE(is_to_be_applied(c.plan()));
    c.policy.mode = Mode::act;
    c.snapshot.paused_until = start + 1s;
    EXPECT_FALSE(is_to_be_applied(c.plan()));
    EXPECT_TRUE(is_to_be_applied({}));
}

TEST(Mode, AddOnlyRemovesNothing) {
    Cluster c;
    c.policy.mode = Mode::add_only;
    c.ready(2).booting("i-3", 1h).booting("i-4", 1h).pending("web", 1, half);
    c.node("i-4").ready = false;
    const auto plan = c.plan();
    EXPECT_THAT(plan.remove, IsEmpty());
    EXPECT_THAT(
        plan.kept,
        ElementsAre(KeptNode{"i-3", "not removed (mode is add_only); otherwise: not_joined"},
                    KeptNode{"i-4", "not removed (mode is add_only); otherwise: not_joined"}));
    EXPECT_TRUE(is_to_be_applied(plan));
}

TEST(Plan, HasTotals) {
    Cluster c;
    c.ready(2).booting("i-3").pending("web", 7, half);
    const auto plan = c.plan();
    EXPECT_EQ(plan.now, start);
    EXPECT_EQ(plan.cluster, "prod");
    EXPECT_THAT(plan.placed.at("i-3"), ElementsAre("default/web-1", "default/web-2"));
    EXPECT_EQ(plan.totals.new_nodes, 3);
    EXPECT_EQ(plan.totals.pods_placed, 7);
    EXPECT_NEAR(plan.totals.price_per_hour_usd, 3 * 0.029, 1e-12);
}

TEST(Plan, SummarizesTheSignals) {
    Cluster c;
    c.server().ready(2).booting("i-3").booting("i-4", 1h).notready("i-5", 1h);
    c.pending("web", 3, half);
    auto signals = c.plan().signals;
    EXPECT_EQ(signals.cpu_percent, 50);
    EXPECT_EQ(signals.cores, 4);
    EXPECT_EQ(signals.memory_percent, 50);
    EXPECT_EQ(signals.pending_pods, 3);
    EXPECT_EQ(signals.nodes_ready, 2);
    EXPECT_EQ(signals.nodes_other, 1);
    EXPECT_EQ(signals.nodes_booting, 2);  // the late one still counts as booting
    EXPECT_EQ(signals.nodes_notready, 1);
    EXPECT_THAT(signals.unknown, IsEmpty());

    c.cpu_use().hosts.clear();
    EXPECT_EQ(c.plan().signals.cores, std::nullopt);
}

TEST(Plan, NamesUnknownSignals) {
    Cluster c;
    c.snapshot.fleet = Unknown{"a"};
    c.snapshot.signals = {Unknown{"d"}, Unknown{"e"}, Unknown{"c"}, Unknown{"b"}};
    auto signals = c.plan().signals;
    EXPECT_THAT(signals.unknown,
                ElementsAre(UnknownSignal{"fleet", "a"}, UnknownSignal{"nodes", "b"},
                            UnknownSignal{"pending", "c"}, UnknownSignal{"cpu", "d"},
                            UnknownSignal{"memory", "e"}));
    EXPECT_EQ(signals.cpu_percent, std::nullopt);
    EXPECT_EQ(signals.memory_percent, std::nullopt);
    EXPECT_EQ(signals.pending_pods, std::nullopt);
    EXPECT_EQ(signals.nodes_ready, 0);
}

/// Otherwise a pending pod at the maximum would keep every empty node forever.
TEST(Plan, ShortageThatCannotLaunchKeepsNoNode) {
    const auto with = [](const std::function<void(Cluster&)>& limit) {
        Cluster c;
        c.ready(4).idle().pending("web", 1, half);
        limit(c);
        return outcome(c.plan());
    };
    EXPECT_EQ(with([](Cluster& c) { c.policy.limits.max_nodes = 4; }),
              "scale_down underused at_maximum pending_pods -i-1 -i-2");
    EXPECT_EQ(with([](Cluster& c) { c.pool().max_nodes = 4; }),
              "scale_down underused at_maximum pending_pods -i-1 -i-2");
    EXPECT_EQ(with([](Cluster& c) { c.policy.limits.max_price_per_hour_usd = 0.12; }),
              "scale_down underused price_limit pending_pods -i-1 -i-2");
    EXPECT_EQ(with([](Cluster& c) { c.policy.limits.max_launches_per_hour = 0; }),
              "scale_down underused launch_limit pending_pods -i-1 -i-2");
    EXPECT_EQ(with([](Cluster& c) {
                  c.unavailable("t2.small", "us-east-1a").unavailable("t2.small", "us-east-1b");
              }),
              "scale_down underused no_capacity pending_pods -i-1 -i-2");
    EXPECT_EQ(with([](Cluster& c) {
                  c.cpu(50).policy.limits.max_nodes = 4;  // blockers apply here too
              }),
              "hold at_maximum pending_pods");
    EXPECT_EQ(with([](Cluster& c) {
                  c.policy.limits.max_nodes = 4;
                  for (auto& node : c.nodes()) node.only_daemonset_pods = false;
              }),
              "hold at_maximum pending_pods");
}

TEST(Remember, SavesThePodsThisEpochLaunchedFor) {
    Cluster c;
    c.ready(2).pending("web", 2, half).pending("db", 1, resources(9000, 1));
    const std::string group = "default/ReplicaSet/web/450m/512Mi";
    EXPECT_EQ(c.remember(7).groups, (std::vector<PodGroupMemory>{{group, {7}, std::nullopt, 0}}));

    auto withheld = c;
    withheld.policy.mode = Mode::observe;
    EXPECT_THAT(withheld.remember(7).groups, IsEmpty());

    auto unnamed = c;
    unnamed.waiting().count += 5;
    EXPECT_EQ(unnamed.remember(7).groups.size(), 2u);
    EXPECT_EQ(unnamed.remember(7).groups[0].group, "*");
}

TEST(Remember, LaunchWithoutPodsRemembersNoGroup) {
    Cluster c;
    c.ready(2).cpu(90).waiting().count = 0;
    EXPECT_THAT(c.remember(7).groups, IsEmpty());
    c.waiting().count = 3;  // unnamed pods are another case
    c.policy.mode = Mode::act;
    auto plan = c.plan();
    std::erase_if(plan.reasons, [](const Reason& r) { return r.code == ReasonCode::pending_pods; });
    EXPECT_THAT(c.remember(plan, 7).groups, IsEmpty());
    c.snapshot.signals.pending = Unknown{"x"};
    EXPECT_THAT(c.remember(7).groups, IsEmpty());
}

TEST(Remember, RemovalBeforeAShortageIsPremature) {
    const auto doublings = [](const std::function<void(Cluster&)>& then) {
        Cluster c;
        c.ready(2).memory().last_removal_at = start - 9min;
        then(c);
        return c.remember().cooldown_doublings;
    };
    EXPECT_EQ(doublings([](Cluster&) {}), 0);
    EXPECT_EQ(doublings([](Cluster& c) { c.pending("web", 1, half); }), 1);
    EXPECT_EQ(doublings([](Cluster& c) { c.cpu(90); }), 1);
    EXPECT_EQ(doublings([](Cluster& c) { c.policy.scale_up.memory_above_percent = 40; }), 1);
    // The removal is premature even if no node could be launched.
    EXPECT_EQ(doublings([](Cluster& c) { c.pending("web", 1, half).pool().max_nodes = 2; }), 1);
    EXPECT_EQ(doublings([](Cluster& c) {
                  c.pending("web", 1, half).memory().last_removal_at = start - 11min;
              }),
              0);
    EXPECT_EQ(doublings([](Cluster& c) { c.policy.limits.min_nodes = 3; }), 0);
    const auto waits_for = [&](Milliseconds span) {
        return doublings([&](Cluster& c) {
            c.pending("web", 1, half).waiting().pods[0].unschedulable_since = start - span;
        });
    };
    EXPECT_EQ(waits_for(9min), 1);
    EXPECT_EQ(waits_for(10min), 0) << "it was pending before the removal";
}

/// Takes seconds, also with sanitizers: no part of a decision is quadratic in nodes, or grows with
/// pods times nodes.
TEST(Plan, OfAThousandNodesPlacesTwentyThousandPods) {
    Cluster c;
    c.ready(1000).pending("web", 20'000, half).server();
    c.policy.limits = {2, 20'000, 0, 10'000, 20'000};
    c.pool().max_nodes = 20'000;
    const auto plan = c.plan();
    EXPECT_EQ(plan.totals.pods_placed, 20'000);
    c.snapshot.signals.pending = Pending{};
    for (auto& node : c.nodes()) c.runs(node.name, resources(850, 100));
    EXPECT_EQ(c.idle().plan().kept.size(), 1000U) << "each is a candidate";
}

}  // namespace
}  // namespace nodenap::test
