#include "base/crc32.hpp"

#include <gtest/gtest.h>

namespace nodenap {
namespace {

// The check value of the IEEE polynomial, and what DynamoDB's peers sent with "{}".
TEST(Crc32, KnownSums) {
    EXPECT_EQ(crc32(""), 0U);
    EXPECT_EQ(crc32("123456789"), 0xCBF43926U);
    EXPECT_EQ(crc32("{}"), 2745614147U);
}

}  // namespace
}  // namespace nodenap
