#include "model/resource_amounts.hpp"

#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

TEST(ResourceAmounts, AreAddedAndTakenAwayByName) {
    ResourceAmounts sum{Millicores{100}, Bytes{10}, Bytes{1}, {{"b", 2}}};
    sum += ResourceAmounts{Millicores{50}, Bytes{5}, Bytes{0}, {{"a", 1}, {"b", 3}}};
    EXPECT_EQ(sum, (ResourceAmounts{Millicores{150}, Bytes{15}, Bytes{1}, {{"a", 1}, {"b", 5}}}));
    sum -= ResourceAmounts{Millicores{150}, Bytes{15}, Bytes{1}, {{"b", 5}}};
    EXPECT_EQ(sum.other("a"), 1);
    EXPECT_EQ(sum.other("b"), 0);
    EXPECT_EQ(sum.other("c"), 0);
    EXPECT_EQ(sum.cpu, Millicores{0});
}

TEST(ResourceAmounts, AreClampedWhereTheyAreAbsurd) {
    ResourceAmounts sum{{}, {}, {}, {{"a", largest_amount}}};
    sum += ResourceAmounts(sum);
    EXPECT_EQ(sum.other("a"), largest_amount);
}

}  // namespace
}  // namespace nodenap::test
