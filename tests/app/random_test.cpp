#include "app/random.hpp"

#include <gtest/gtest.h>

#include <set>

namespace nodenap {
namespace {

TEST(RandomHex, IsThirtyTwoDigitsAndNewAtEachCall) {
    std::set<std::string> seen;
    for (int call = 0; call < 100; ++call) {
        const std::string digits = random_hex();
        EXPECT_EQ(digits.size(), 32U);
        EXPECT_EQ(digits.find_first_not_of("0123456789abcdef"), std::string::npos) << digits;
        EXPECT_TRUE(seen.insert(digits).second) << digits;
    }
}

}  // namespace
}  // namespace nodenap
