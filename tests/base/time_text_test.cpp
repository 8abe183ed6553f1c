#include "base/time_text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace nodenap {
namespace {

Time at(std::int64_t milliseconds) { return Time(Milliseconds(milliseconds)); }

struct TextRow {
    std::int64_t milliseconds;
    const char* text;
};

TEST(TimeText, PrintsWholeSecondsInUtc) {
    const TextRow rows[] = {{0, "1970-01-01T00:00:00Z"},
                            {1'795'464'000'000, "2026-11-23T20:00:00Z"},
                            {1'795'464'000'999, "2026-11-23T20:00:00Z"},
                            {951'782'400'000, "2000-02-29T00:00:00Z"},
                            {-1, "1969-12-31T23:59:59Z"},
                            {std::numeric_limits<std::int64_t>::max(), "9999-12-31T23:59:59Z"},
                            {std::numeric_limits<std::int64_t>::min(), "0001-01-01T00:00:00Z"}};
    for (const auto& row : rows) EXPECT_EQ(time_text(at(row.milliseconds)), row.text);
}

TEST(TimeText, ReadsFractionsAndOffsets) {
    const TextRow rows[] = {{1'795'464'000'000, "2026-11-23T20:00:00Z"},
                            {1'795'464'000'000, "2026-11-23t20:00:00z"},
                            {1'795'464'000'123, "2026-11-23T20:00:00.123Z"},
                            {1'795'464'000'120, "2026-11-23T20:00:00.12Z"},
                            {1'795'464'000'123, "2026-11-23T20:00:00.123456789Z"},
                            {1'795'464'000'000, "2026-11-23T21:30:00+01:30"},
                            {1'795'464'000'000, "2026-11-23T15:00:00-05:00"}};
    for (const auto& row : rows)
        EXPECT_EQ(time_from_text(row.text), at(row.milliseconds)) << row.text;
}

TEST(TimeText, RefusesInvalidTimes) {
    for (const char* text :
         {"", "now", "2026-11-23", "2026-11-23T20:00:00", "2026-11-23 20:00:00Z",
          "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-23T24:00:00Z",
          "2026-11-23T20:60:00Z", "2026-12-31T23:59:60Z", "2026-11-23T20:00:00.Z",
          "2026-11-23T20:00:00.1234567890Z", "2026-11-23T20:00:00+0100", "2026-11-23T20:00:00Zx",
          "-026-11-23T20:00:00Z", "2026-1-23T20:00:00Z", "2026-11-23T20:00:00+24:00"})
        EXPECT_EQ(time_from_text(text), std::nullopt) << text;
}

TEST(TimeText, ReadsHttpDates) {
    EXPECT_EQ(time_from_http("Mon, 23 Nov 2026 20:00:00 GMT"), at(1'795'464'000'000));
    EXPECT_EQ(time_from_http("Sun, 06 Nov 1994 08:49:37 GMT"), at(784'111'777'000));
    for (const char* text :
         {"", "Mon, ", "Mon, 23 Nov 2026 20:00:00", "Mon, 23 nov 2026 20:00:00 GMT",
          "Mon, 23 anF 2026 20:00:00 GMT", "Mon, 31 Feb 2026 20:00:00 GMT", "Mon, 23 No",
          "23 Nov 2026 20:00:00 GMT", "Mon, 23 Nov 2026 20:00:00 GMT+1"})
        EXPECT_EQ(time_from_http(text), std::nullopt) << text;
}

RC_GTEST_PROP(TimeText, RoundTripsWholeSeconds, ()) {
    const auto seconds = *rc::gen::inRange<std::int64_t>(-62'135'596'800, 253'402'300'800);
    const auto time = at(seconds * 1000);
    RC_ASSERT(time_from_text(time_text(time)) == time);
}

RC_GTEST_PROP(TimeText, SurvivesAnyText, (const std::string& text)) {
    static_cast<void>(time_from_text(text));
    static_cast<void>(time_from_http(text));
}

}  // namespace
}  // namespace nodenap
