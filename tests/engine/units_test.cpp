#include "engine/units.hpp"

#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

TEST(Quantity, AddsSubtractsAndMultiplies) {
    Millicores cpu{500};
    cpu += Millicores{250};
    EXPECT_EQ(cpu, Millicores{750});
    EXPECT_EQ(cpu - Millicores{1000}, Millicores{-250});
    EXPECT_EQ(cpu * 3, Millicores{2250});
    EXPECT_LT(Mebibytes{1}, Mebibytes{2});
}

TEST(Resources, FitInEveryDimensionOrNotAtAll) {
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
