#include "sim/baseline.hpp"

#include "sim/simulation.hpp"

#include <gtest/gtest.h>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

Scenario fifty_pods(const Faults& faults) {
    Scenario scenario;
    scenario.settings = plain_settings();
    scenario.rules = Rules::baseline;
    scenario.faults = faults;
    Deployment nginx;
    nginx.name = "default/nginx";
    nginx.replicas = 50;
    nginx.requests = {{100}, {128}, 1};
    scenario.steps = {{10min, nginx}};
    scenario.length = 1h;
    return scenario;
}

TEST(Baseline, AddsOneNodeEveryFiveMinutes) {
    const auto run_result = simulate(fifty_pods({}), 1, {false, true});
    EXPECT_EQ(run_result.samples.back().waiting_pods, 0) << "in the end it works";
    auto ours = fifty_pods({});
    ours.rules = Rules::nodenap;
    const auto fast = simulate(ours, 1, {false, true});
    EXPECT_GT(run_result.pending_pod_seconds, 3 * fast.pending_pod_seconds);
    EXPECT_TRUE(fast.breaches.empty());
}

TEST(Baseline, LockIsNeverReleasedAfterACrash) {
    Faults faults;
    faults.crash_unheard = 0.1;
    const auto run_result = simulate(fifty_pods(faults), 1, {false, true});
    EXPECT_GT(run_result.samples.back().waiting_pods, 0);
    auto ours = fifty_pods(faults);
    ours.rules = Rules::nodenap;
    EXPECT_EQ(simulate(ours, 1, {false, true}).samples.back().waiting_pods, 0);
}

TEST(Baseline, RemovesNodesWithoutMetrics) {
    auto blind = fifty_pods({});
    blind.faults.metrics_away = 1;
    blind.length = 2h;
    blind.settings.policy.limits.min_nodes = 2;
    const auto run_result = simulate(blind, 3, {false, true});
    blind.rules = Rules::nodenap;
    const auto ours = simulate(blind, 3, {false, true});
    EXPECT_GE(run_result.removals + run_result.launches, 2);
    EXPECT_EQ(ours.removals, 0);
}

}  // namespace
}  // namespace nodenap::sim
