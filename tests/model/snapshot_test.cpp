#include "model/snapshot.hpp"

#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

TEST(Reading, IsUnknownUntilItIsRead) {
    const Reading<int> reading;
    ASSERT_FALSE(reading.known());
    EXPECT_EQ(reading.cause(), "not read");
}

TEST(Reading, HoldsAValueOrACause) {
    EXPECT_EQ(Reading<int>(0).value(), 0);  // a known zero is not "no idea"
    EXPECT_TRUE(Reading<int>(0).known());
    EXPECT_EQ(Reading<int>(Unknown{"stale"}).cause(), "stale");
}

TEST(ReadingDeathTest, ReadingTheWrongSideAborts) {
    EXPECT_DEATH({ [[maybe_unused]] const int v = Reading<int>().value(); }, "known");
    EXPECT_DEATH({ [[maybe_unused]] const auto c = Reading<int>(1).cause(); }, "known");
}

TEST(Pending, CountsUnnamedPods) {
    EXPECT_EQ((Pending{3, {}}).unnamed(), 3);
    EXPECT_EQ((Pending{3, {PendingPod{}}}).unnamed(), 2);
    EXPECT_EQ((Pending{0, {PendingPod{}}}).unnamed(), 0);
}

TEST(Offering, IsOrderedByPoolTypeZoneAndPurchaseOption) {
    const Offering offering{"a", "t", "z", Capacity::on_demand};
    EXPECT_LT(offering, (Offering{"a", "t", "z", Capacity::spot}));
    EXPECT_LT(offering, (Offering{"a", "t", "zz", Capacity::on_demand}));
    EXPECT_EQ(offering, offering);
}

}  // namespace
}  // namespace nodenap::test
