#include "base/units.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace nodenap::test {
namespace {

TEST(Quantity, AddsAndSubtracts) {
    Millicores cpu{500};
    cpu += Millicores{250};
    EXPECT_EQ(cpu, Millicores{750});
    EXPECT_EQ(cpu - Millicores{1000}, Millicores{-250});
    EXPECT_LT(Mebibytes{1}, Mebibytes{2});
}

TEST(Quantity, ClampsLargeSums) {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    constexpr auto least = std::numeric_limits<std::int64_t>::min();
    EXPECT_EQ(Millicores{most} + Millicores{most}, Millicores{largest_amount});
    EXPECT_EQ(Millicores{least} - Millicores{most}, Millicores{-largest_amount});
    EXPECT_EQ(Millicores{most} - Millicores{most}, Millicores{0});
    const Resources absurd{Millicores{most}, Mebibytes{most}, most};
    EXPECT_EQ((absurd + absurd).pods, largest_amount);
    EXPECT_EQ((Resources{} - absurd - absurd).pods, -largest_amount);
    EXPECT_GT(largest_amount * 100, largest_amount) << "a percentage of it can be reckoned with";
}

TEST(Resources, FitOnlyIfEveryDimensionFits) {
    const Resources room{Millicores{900}, Mebibytes{1748}, 10};
    EXPECT_TRUE(fits_within(room, room));
    EXPECT_FALSE(fits_within({Millicores{901}, Mebibytes{0}, 0}, room));
    EXPECT_FALSE(fits_within({Millicores{0}, Mebibytes{1749}, 0}, room));
    EXPECT_FALSE(fits_within({Millicores{0}, Mebibytes{0}, 11}, room));
    EXPECT_EQ(room - room, Resources{});
    EXPECT_EQ((room + room).pods, 20);
}

}  // namespace
}  // namespace nodenap::test
