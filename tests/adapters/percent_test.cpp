#include "adapters/percent.hpp"

#include <gtest/gtest.h>

namespace nodenap {
namespace {

TEST(Percent, KeepsWhatNeedsNoEncodingAndEncodesTheRest) {
    const std::string plain = "ABCXYZabcxyz0189-_.~";
    EXPECT_EQ(percent_encoded(plain), plain);
    EXPECT_EQ(percent_encoded("a b+c&d=e/f:%"), "a%20b%2Bc%26d%3De%2Ff%3A%25");
    EXPECT_EQ(percent_encoded("é\n"), "%C3%A9%0A");
    EXPECT_EQ(percent_encoded(std::string_view("\0\xff", 2)), "%00%FF");
    EXPECT_EQ(percent_encoded(""), "");
}

}  // namespace
}  // namespace nodenap
