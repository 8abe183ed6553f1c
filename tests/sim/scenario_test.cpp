#include "sim/scenario.hpp"

#include <gtest/gtest.h>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

TEST(Scenario, RandomPoliciesAreValid) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        const auto scenario = make_up_scenario(seed);
        EXPECT_TRUE(check(scenario.settings.policy).empty()) << "seed " << seed;
        EXPECT_GE(scenario.length, 1h);
        EXPECT_FALSE(scenario.steps.empty());
    }
}

TEST(Scenario, IsTheSameForTheSameSeed) {
    const auto first = make_up_scenario(5);
    const auto again = make_up_scenario(5);
    EXPECT_EQ(first.length, again.length);
    EXPECT_EQ(first.steps.size(), again.steps.size());
    EXPECT_EQ(text_of(first.faults), text_of(again.faults));
    EXPECT_NE(text_of(first.faults), text_of(make_up_scenario(6).faults));
}

}  // namespace
}  // namespace nodenap::sim
