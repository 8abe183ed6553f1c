// The promises again, with the production adapters between the loop and its peers.

#include "app/wiring_servers.hpp"

#include "sim/simulation.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace nodenap {
namespace {

using namespace servers;

using namespace std::chrono_literals;

sim::RunResult wired(std::uint64_t seed, const sim::Keep& keep = {}) {
    return sim::simulate(sim::make_up_scenario(seed), seed, keep, wire_servers);
}

void expect_kept(const sim::RunResult& run_result) {
    for (const auto& breach : run_result.breaches) {
        ADD_FAILURE() << fmt::format("seed {}, {} s: {} is broken: {}", run_result.seed,
                                     (breach.at - sim::world_begins) / 1s, breach.promise,
                                     breach.text);
    }
}

TEST(WiringServers, ASeedReplaysLineByLine) {
    const auto first = wired(100, {true, true});
    ASSERT_FALSE(first.trace.empty());
    EXPECT_TRUE(first.wired);
    EXPECT_EQ(first.trace, wired(100, {true, true}).trace);
}

TEST(WiringServers, KeepsThePromisesInTheSeedsThatGoThroughTheAdapters) {
    std::int64_t passes = 0;
    for (std::uint64_t seed = 100; seed <= 400; seed += 100) {
        const auto run_result = wired(seed);
        passes += run_result.passes;
        expect_kept(run_result);
    }
    EXPECT_GT(passes, 1000) << "the worlds are awake";
}

/// Load comes and goes, and nothing breaks.
sim::Scenario calm_day() {
    sim::Scenario scenario;
    scenario.name = "calm";
    scenario.settings = sim::plain_settings();
    sim::Deployment web;
    web.name = "default/web";
    web.requests = {{100}, {128}, 1};
    web.uses = Millicores{60};
    web.replicas = 50;
    scenario.steps = {{10min, web}};
    web.replicas = 20;
    scenario.steps.push_back({50min, web});
    web.replicas = 0;
    scenario.steps.push_back({100min, web});
    scenario.length = 4h;
    return scenario;
}

/// What was done, and why, decision by decision.
std::vector<std::string> told(const sim::RunResult& run_result) {
    std::vector<std::string> lines;
    for (const auto& record : run_result.decisions) {
        std::string line;
        for (const auto& effect : record.done) line += effect.kind + " " + effect.result + "; ";
        for (const auto& reason : record.plan.reasons) {
            line += std::to_string(static_cast<int>(reason.code)) + " ";
        }
        lines.push_back(line);
    }
    return lines;
}

TEST(WiringServers, ACalmDayIsDecidedTheSameWithoutTheAdapters) {
    const auto scenario = calm_day();
    const auto direct = sim::simulate(scenario, 1, {false, true});
    const auto through = sim::simulate(scenario, 1, {false, true}, wire_servers);
    expect_kept(through);
    EXPECT_FALSE(direct.wired);
    EXPECT_GT(direct.launches, 2);
    EXPECT_GT(direct.removals, 0);
    EXPECT_EQ(through.launches, direct.launches);
    EXPECT_EQ(through.removals, direct.removals);
    EXPECT_EQ(told(through), told(direct));
}

}  // namespace
}  // namespace nodenap
