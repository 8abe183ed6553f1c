#include "sim/world/random.hpp"

#include <gtest/gtest.h>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

TEST(Random, IsTheSameEverywhere) {
    // The reference implementation of xoshiro256**, seeded with splitmix64 from 1.
    Random random(1);
    EXPECT_EQ(random.next(), 12966619160104079557U);
    EXPECT_EQ(random.next(), 9600361134598540522U);
    EXPECT_EQ(random.next(), 10590380919521690900U);
}

TEST(Random, HasIndependentStreams) {
    Random cloud(7, "cloud");
    Random again(7, "cloud");
    Random injector(7, "weather");
    const auto first = cloud.next();
    EXPECT_EQ(first, again.next());
    EXPECT_NE(first, injector.next());
}

TEST(Random, StaysWithinAndReachesItsLimits) {
    Random random(3);
    bool least = false;
    bool most = false;
    for (int i = 0; i < 1000; ++i) {
        const auto drawn = random.between(-2, 2);
        ASSERT_GE(drawn, -2);
        ASSERT_LE(drawn, 2);
        least = least || drawn == -2;
        most = most || drawn == 2;
        const auto unit = random.unit();
        ASSERT_TRUE(unit >= 0 && unit < 1);
    }
    EXPECT_TRUE(least && most);
    EXPECT_EQ(random.between(5s, 5s), 5s);
}

TEST(Random, ZeroProbabilityNeverHappens) {
    Random random(4);
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(random.chance(0));
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(random.chance(1));
}

}  // namespace
}  // namespace nodenap::sim
