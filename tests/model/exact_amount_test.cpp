#include "model/exact_amount.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace nodenap::test {
namespace {

struct Case {
    const char* text;
    std::int64_t value;
    std::int64_t milli;
};

/// Value() and MilliValue() as k8s.io/apimachinery 0.37.2 gives them.
TEST(ExactAmount, IsWhatKubernetesReads) {
    const Case cases[] = {{"100m", 1, 100},
                          {"1.5Gi", 1610612736, 1610612736000},
                          {"1e3", 1000, 1000000},
                          {"128974848", 128974848, 128974848000},
                          {"0.1", 1, 100},
                          {"0", 0, 0},
                          {"-0", 0, 0},
                          {"00012", 12, 12000},
                          {"+5", 5, 5000},
                          {"129e6", 129000000, 129000000000},
                          {"123Mi", 128974848, 128974848000},
                          {"1.", 1, 1000},
                          {".5", 1, 500},
                          {"0.0000000001", 1, 1},
                          {"1n", 1, 1},
                          {"1500u", 1, 2},
                          {"999999999n", 1, 1000},
                          {"1000000001n", 2, 1001},
                          {"1e-3", 1, 1},
                          {"1E-9", 1, 1},
                          {"12E+2", 1200, 1200000},
                          {"0.1Ki", 103, 102400},
                          {"3.7Ki", 3789, 3788800},
                          {"1.1Ti", 1209462790554, 1209462790553600},
                          {"0.5Mi", 524288, 524288000},
                          {"1k", 1000, 1000000},
                          {"2.5G", 2500000000, 2500000000000},
                          {"7.5Gi", 8053063680, 8053063680000},
                          {"1.123456789012345678Gi", 1206302542, 1206302541820},
                          {"0.123456789012345678901234567890", 1, 124}};
    for (const auto& [text, value, milli] : cases) {
        const auto amount = exact_amount_from_text(text);
        ASSERT_TRUE(amount) << text;
        EXPECT_EQ(amount->value(), value) << text;
        EXPECT_EQ(amount->milli_value(), milli) << text;
    }
}

TEST(ExactAmount, IsRefusedWhereItIsNone) {
    for (const auto* const text :
         {"",    "1x",    "x",    "Mi",    "m",   ".",   "+",     "-",   "-1",  "-1m",
          "1 ",  " 1",    "1i",   "1Gib",  "1e",  "1e+", "1e1.5", "1mi", "1ki", "--1",
          "-+1", "1.1.1", "0x10", "1_000", "1,5", "NaN", "1Ki3",  "1Mm"})
        EXPECT_FALSE(exact_amount_from_text(text)) << text;
}

TEST(ExactAmount, IsTheLargestWhereItIsLarger) {
    for (const auto* const text : {"1e40", "1e999999999999", "9999999999999999999999999999999999",
                                   "100Ei", "1E", "16P", "9007199254740993"}) {
        const auto amount = exact_amount_from_text(text);
        ASSERT_TRUE(amount) << text;
        EXPECT_EQ(amount->value(), largest_amount) << text;
        EXPECT_EQ(amount->milli_value(), largest_amount) << text;
        EXPECT_EQ((*amount + *amount).value(), largest_amount) << text;
    }
}

TEST(ExactAmount, IsRoundedOnceAfterAllIsAdded) {
    const auto half = *exact_amount_from_text("0.5m");
    EXPECT_EQ((half + half).milli_value(), 1);
    EXPECT_EQ((half + half + half).milli_value(), 2);
    const auto carry = *exact_amount_from_text("0.6") + *exact_amount_from_text("0.6");
    EXPECT_EQ(carry.milli_value(), 1200);
    EXPECT_LT(half, carry);
}

RC_GTEST_PROP(ExactAmount, IsWhatWasWritten, ()) {
    const auto whole = *rc::gen::inRange<std::int64_t>(0, largest_amount / 1000);
    const auto milli = *rc::gen::inRange<std::int64_t>(0, 1000);
    const auto digits = std::to_string(1000 + milli).substr(1);
    const auto point = exact_amount_from_text(std::to_string(whole) + "." + digits);
    const auto thousandths = exact_amount_from_text(std::to_string(whole * 1000 + milli) + "m");
    const auto exponent = exact_amount_from_text(std::to_string(whole * 1000 + milli) + "e-3");
    RC_ASSERT(point && thousandths && exponent);
    RC_ASSERT(*point == *thousandths);
    RC_ASSERT(*point == *exponent);
    RC_ASSERT(point->milli_value() == whole * 1000 + milli);
    RC_ASSERT(point->value() == whole + (milli > 0 ? 1 : 0));
}

RC_GTEST_PROP(ExactAmount, IsAddedExactly, ()) {
    const auto any = rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 40);
    const auto a = *any;
    const auto b = *any;
    const auto sum = *exact_amount_from_text(std::to_string(a) + "n") +
                     *exact_amount_from_text(std::to_string(b) + "n");
    RC_ASSERT(sum == *exact_amount_from_text(std::to_string(a + b) + "n"));
}

}  // namespace
}  // namespace nodenap::test
