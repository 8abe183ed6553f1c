#include "sim/faults/faults.hpp"

#include <gtest/gtest.h>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

TEST(Faults, AreWithinTheirMaxima) {
    bool none = false;
    bool many = false;
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        Random random(seed);
        const auto faults = draw_faults(random);
        int drawn = 0;
        for (const auto& kind : fault_kinds()) {
            const double chance = faults.*kind.chance;
            EXPECT_GE(chance, 0);
            EXPECT_LE(chance, kind.most) << kind.name;
            drawn += chance > 0;
        }
        none = none || drawn < 25;
        many = many || drawn > 25;
    }
    EXPECT_TRUE(none && many);
}

TEST(Faults, AreNamedForPeople) {
    Faults faults;
    EXPECT_EQ(text_of(faults), "none");
    faults.crash = 0.25;
    faults.no_capacity = 0.5;
    EXPECT_EQ(text_of(faults), "crash 0.25, no_capacity 0.5");
}

}  // namespace
}  // namespace nodenap::sim
