#include "cost/cost.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace nodenap {
namespace {

using namespace std::chrono_literals;

Footprint round_footprint() {
    Footprint footprint;
    footprint.pass_writes = 2;
    footprint.state_bytes = 1000;
    footprint.pass_log_bytes = 1000;
    footprint.pass_wait_ms = 1000;
    footprint.change_settles_in = 90s;
    return footprint;
}

TEST(Cost, AWakeUpIsItsWaitingAndItsCpuOnTheShareOfTheMemory) {
    Footprint footprint;
    footprint.pass_cpu_ms = 10;
    footprint.pass_wait_ms = 100;
    EXPECT_DOUBLE_EQ(wakeup_ms(footprint, 1769), 110);
    EXPECT_DOUBLE_EQ(wakeup_ms(footprint, 3538), 110) << "one thread uses one vCPU";
    EXPECT_NEAR(wakeup_ms(footprint, 128), 100 + 10 * 1769 / 128.0, 1e-9);
}

struct Case {
    const char* name;
    std::function<void(Footprint&, CostSettings&)> given;
    double MonthOfUse::*what;
    double wanted;
};

TEST(Cost, AMonthOfUse) {
    const Case cases[] = {
        {"a tick every 2m", [](auto&, auto&) {}, &MonthOfUse::scheduled, 21'900},
        {"every 1m", [](auto&, auto& s) { s.every = 1min; }, &MonthOfUse::scheduled, 43'800},
        {"128 MB for a second each", [](auto&, auto&) {}, &MonthOfUse::gb_seconds, 2737.5},
        {"256 MB", [](auto&, auto& s) { s.memory_mb = 256; }, &MonthOfUse::gb_seconds, 5475},
        {"two writes a pass", [](auto&, auto&) {}, &MonthOfUse::write_units, 43'800},
        {"an item of 1024 bytes", [](auto& f, auto&) { f.state_bytes = 1024; },
         &MonthOfUse::write_units, 43'800},
        {"a byte more", [](auto& f, auto&) { f.state_bytes = 1025; }, &MonthOfUse::write_units,
         87'600},
        {"three bytes for each of ten nodes", [](auto& f, auto&) { f.node_bytes = 3; },
         &MonthOfUse::write_units, 87'600},
        {"a line a pass", [](auto&, auto&) {}, &MonthOfUse::log_gb, 0.0219},
        {"ten changes, nine passes more each", [](auto&, auto& s) { s.changes_a_month = 10; },
         &MonthOfUse::passes, 21'990},
        {"a change that two ticks find under way",
         [](auto&, auto& s) {
             s.changes_a_month = 10;
             s.every = 1min;
         },
         &MonthOfUse::passes, 43'980},
        {"two events a change",
         [](auto& f, auto& s) {
             f.change_events = 2;
             s.changes_a_month = 10;
         },
         &MonthOfUse::invocations, 21'920},
        {"each reads the state",
         [](auto& f, auto& s) {
             f.change_events = 2;
             s.changes_a_month = 10;
         },
         &MonthOfUse::read_units, 20},
        {"announced, answered, and a record of two units",
         [](auto& f, auto& s) {
             f.change_writes = 2;
             f.change_records = 1;
             f.record_bytes = 1500;
             s.changes_a_month = 10;
         },
         &MonthOfUse::write_units, 2 * 21'990 + 10 * (2 + 2)},
        {"100 bytes of each of ten nodes and the server, half of the passes",
         [](auto& f, auto&) {
             f.host_metrics_bytes = 100;
             f.other_zone_share = 0.5;
         },
         &MonthOfUse::zone_gb, 21'900 * 0.5 * 1100 / 1e9},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.name);
        Footprint footprint = round_footprint();
        CostSettings settings;
        each.given(footprint, settings);
        EXPECT_NEAR(month_of_use(footprint, settings).*each.what, each.wanted, each.wanted * 1e-9);
    }
}

RegionPrices prices() {
    RegionPrices prices;
    prices.lambda_gb_second_arm64 = 2;
    prices.lambda_gb_second_x86_64 = 3;
    prices.write_million = 1e6;
    prices.metric_month = 0.3;
    prices.alarm_month = 0.1;
    prices.dashboard_month = 3;
    return prices;
}

TEST(Cost, TheTotalIsTheSumOfTheLinesAndNothingBeside) {
    MonthOfUse use;
    use.gb_seconds = 10;
    use.write_units = 5;
    const Bill bill = bill_of(use, prices(), Architecture::arm64);
    EXPECT_DOUBLE_EQ(bill.total_usd, 25);
    EXPECT_EQ(bill.lines.size(), 9U);
    ASSERT_EQ(bill.beside.size(), 3U);
    EXPECT_DOUBLE_EQ(bill.beside[0].usd + bill.beside[1].usd, 0.4);
    EXPECT_DOUBLE_EQ(bill.beside[2].usd, 3);
    for (const auto& line : bill.lines) {
        EXPECT_DOUBLE_EQ(line.usd, line.quantity * line.unit_price_usd) << line.what;
        EXPECT_FALSE(line.unit.empty() || line.note.empty()) << line.what;
    }
    EXPECT_DOUBLE_EQ(bill_of(use, prices(), Architecture::x86_64).total_usd, 35);
}

constexpr Time start{1'795'464'000s};

TEST(Cost, NodeHoursAreTheNodesTimesHowLongTheyWereThere) {
    const std::vector<NodesSince> counts = {{start, 2}, {start + 10h, 5}, {start + 12h, 2}};
    const auto hours = node_hours(counts, start + 24h, 10);
    ASSERT_TRUE(hours);
    EXPECT_EQ(hours->span, 24h);
    EXPECT_DOUBLE_EQ(hours->hours, 2 * 10 + 5 * 2 + 2 * 12);
    EXPECT_DOUBLE_EQ(hours->at_maximum, 240);
}

TEST(Cost, TwoCountsOfOneMomentAreTheLast) {
    const auto hours = node_hours({{start, 2}, {start, 4}}, start + 1h, 10);
    ASSERT_TRUE(hours);
    EXPECT_DOUBLE_EQ(hours->hours, 4);
}

TEST(Cost, NoTimeCoveredIsNoAnswer) {
    EXPECT_FALSE(node_hours({}, start, 10));
    EXPECT_FALSE(node_hours({{start, 2}}, start, 10));
}

}  // namespace
}  // namespace nodenap
