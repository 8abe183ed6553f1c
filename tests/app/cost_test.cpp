#include "app/cli/cost_report.hpp"
#include "app/config_prices.hpp"
#include "cli_world.hpp"
#include "config_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>

#include <unistd.h>

namespace nodenap {
namespace {

using test::CalmWorld;
using test::Printed;
using test::run_line;
using testing::HasSubstr;
using Json = nlohmann::json;

/// The good file in another region, its zones too.
std::string file_in(const std::string& region) {
    // ctest runs tests side by side, each a process of its own.
    const std::string name =
        testing::TempDir() + "nodenap_cost_" + region + "_" + std::to_string(getpid()) + ".toml";
    auto text = test::good_with("us-east-1\"\n[metrics]", region + "\"\n[metrics]");
    for (const std::string zone : {"a\"", "b\""}) {
        const auto at = text.find("us-east-1" + zone);
        if (at != text.npos) text.replace(at, std::string("us-east-1").size(), region);
    }
    std::ofstream(name) << text;
    return name;
}

Printed offline(const std::string& region, const std::vector<std::string>& more = {}) {
    CalmWorld world;
    std::vector<std::string> words = {"cost", "--offline", "--config", file_in(region)};
    words.insert(words.end(), more.begin(), more.end());
    return run_line(world, words);
}

Json as_json(CalmWorld& world, std::vector<std::string> words) {
    words.insert(words.end(), {"--output", "json"});
    return Json::parse(run_line(world, words).out, nullptr, false);
}

TEST(Cost, StaysBelowTenCentsWithTheDefaultsInEveryRegion) {
    for (const auto& prices : built_in_prices().regions) {
        const Printed printed = offline(prices.region, {"--output", "json"});
        EXPECT_EQ(printed.exit, Exit::decided);
        const Json bill = Json::parse(printed.out, nullptr, false);
        EXPECT_GT(bill["total_usd"], 0.05) << prices.region;
        EXPECT_LT(bill["total_usd"], 0.10) << prices.region;
        double sum = 0;
        for (const auto& line : bill["lines"]) sum += line["usd"].get<double>();
        EXPECT_NEAR(bill["total_usd"].get<double>(), sum, 1e-5) << "each is rounded";
    }
}

TEST(Cost, AsJsonHasTheContractsKeys) {
    CalmWorld world;
    const Json bill = as_json(world, {"cost"});
    for (const char* key :
         {"region", "prices_of", "settings", "lines", "total_usd", "beside", "workers"}) {
        EXPECT_TRUE(bill.contains(key)) << key;
    }
    EXPECT_EQ(bill["version"], 1);
    for (const char* key : {"what", "quantity", "unit", "unit_price_usd", "usd", "note"}) {
        EXPECT_TRUE(bill["lines"][0].contains(key)) << key;
    }
    EXPECT_EQ(bill["beside"].size(), 3U);
}

TEST(Cost, ARegionWithoutPricesIsRefusedWithTheKnownOnes) {
    const Printed printed = offline("eu-west-2");
    EXPECT_EQ(printed.exit, Exit::usage);
    EXPECT_THAT(printed.err,
                HasSubstr("no price list for eu-west-2; available: us-east-1, us-east-2"));
}

TEST(Cost, EveryRegionHasEveryPrice) {
    const PriceList list = built_in_prices();
    EXPECT_EQ(list.regions.size(), 6U);
    EXPECT_EQ(list.prices_of, "2026-08-15");
    EXPECT_EQ(find_region(list, "mars-1"), nullptr);
    for (const auto& prices : list.regions) {
        EXPECT_GT(prices.log_gb_month, 0) << prices.region;
        EXPECT_GT(prices.alarm_month, 0) << prices.region;
        EXPECT_GT(prices.dashboard_month, 0) << prices.region;
    }
}

TEST(Cost, OtherSettingsAreOtherNumbers) {
    CalmWorld world;
    const Json base = as_json(world, {"cost"});
    const Json often = as_json(world, {"cost", "--every", "1m", "--memory", "256"});
    EXPECT_EQ(often["lines"][0]["quantity"], 43'800);
    EXPECT_GT(often["total_usd"], base["total_usd"]);
    EXPECT_GT(as_json(world, {"cost", "--arch", "x86_64"})["total_usd"], base["total_usd"]);
    EXPECT_LT(as_json(world, {"cost", "--changes", "0"})["total_usd"], base["total_usd"]);
}

TEST(Cost, RefusesWhatLambdaAndSchedulerDoNotTake) {
    for (const auto& words : std::vector<std::vector<std::string>>{
             {"cost", "--memory", "64"}, {"cost", "--every", "30s"}, {"cost", "--arch", "mips"}}) {
        CalmWorld world;
        EXPECT_EQ(run_line(world, words).exit, Exit::usage) << words[1];
    }
}

TEST(Cost, OfflineKnowsTheBoundsOfTheWorkersOnly) {
    CalmWorld world;
    const Json workers =
        as_json(world, {"cost", "--offline", "--config", file_in("us-east-1")})["workers"];
    EXPECT_NEAR(workers["min_usd_a_month"], 2 * 0.029 * 730, 1e-9);
    EXPECT_NEAR(workers["max_usd_a_month"], 10 * 0.029 * 730, 1e-9);
    EXPECT_TRUE(workers["present"].is_null() && workers["saved"].is_null());
    EXPECT_EQ(world.fleet.lists + world.store.gets + world.store.queries, 0);
}

TEST(Cost, OnlineCountsTheWorkersAndWhatFewerOfThemSaved) {
    CalmWorld world;
    run_line(world, {"tick"});
    world.clock.advance(std::chrono::hours(48));
    const auto writes = world.store.writes.size();
    const Json bill = as_json(world, {"cost"});
    EXPECT_EQ(world.store.writes.size(), writes) << "it changes nothing";
    EXPECT_EQ(bill["workers"]["present"]["nodes"], 2);
    EXPECT_NEAR(bill["workers"]["present"]["usd_a_month"], 2 * 0.029 * 730, 1e-9);
    EXPECT_NEAR(bill["workers"]["saved"]["usd"], (10 - 2) * 48 * 0.029, 1e-9);
    EXPECT_EQ(bill["workers"]["saved"]["span_seconds"], 48 * 3600);
    EXPECT_EQ(bill["settings"]["changes_a_month"], 0) << "as the journal has it";
    EXPECT_THAT(run_line(world, {"cost"}).out, HasSubstr("in 48h, against always 10 nodes"));
}

TEST(Cost, WithoutAJournalAssumesTheChanges) {
    CalmWorld world;
    const Printed printed = run_line(world, {"cost"});
    EXPECT_EQ(printed.exit, Exit::decided);
    EXPECT_THAT(printed.out, HasSubstr("60 changes a month (assumed)"));
    EXPECT_THAT(printed.out, HasSubstr("no record of the last 30 days"));
}

TEST(Cost, AStoreThatIsAwayIsSaidAndTheBillStands) {
    CalmWorld world;
    world.store.away = test::StoreFault{};
    const Printed printed = run_line(world, {"cost"});
    EXPECT_EQ(printed.exit, Exit::failed);
    EXPECT_THAT(printed.out, HasSubstr("The history could not be read."));
    EXPECT_THAT(printed.out, HasSubstr("DynamoDB writes"));
    EXPECT_THAT(printed.err, HasSubstr("the store is away"));
}

Record record_at(int hour, int ready, std::vector<Effect> done) {
    Record record;
    record.plan.now = test::fake_start + std::chrono::hours(hour);
    record.plan.signals.nodes_ready = ready;
    record.done = std::move(done);
    return record;
}

TEST(Cost, TheJournalsCountsIncludeWhatARecordDid) {
    Record blind = record_at(3, 0, {});
    blind.plan.signals.unknown = {{"fleet", "throttled"}};
    const std::vector<Record> records = {
        blind, record_at(2, 4, {{"terminate", "i-1", "terminated"}}),
        record_at(1, 2, {{"launch", "i-2", "running"}, {"launch", "n", "refused", "none left"}}),
        record_at(0, 2, {})};
    const auto counts = node_counts_of(records);
    ASSERT_EQ(counts.size(), 3U);
    EXPECT_EQ(counts[0].nodes, 2);
    EXPECT_EQ(counts[1].nodes, 3);
    EXPECT_EQ(counts[2].nodes, 3);
    EXPECT_EQ(changes_in(records), 2);
}

// --- docs/costs.md ------------------------------------------------------------------------------

std::string costs_page() {
    std::ifstream page(NODENAP_SOURCE_DIR "/docs/costs.md");
    return {std::istreambuf_iterator<char>(page), {}};
}

TEST(CostsPage, ShowsWhatTheCommandPrints) {
    CalmWorld world;
    const std::string file = NODENAP_SOURCE_DIR "/docs/nodenap.example.toml";
    EXPECT_THAT(costs_page(),
                HasSubstr(run_line(world, {"cost", "--offline", "--config", file}).out));
}

std::string cents(double usd) {
    char text[32];
    std::snprintf(text, sizeof text, "$%.4f", usd);
    return text;
}

TEST(CostsPage, WorksOutEveryLine) {
    const std::string page = costs_page();
    const Json bill = Json::parse(offline("us-east-1", {"--output", "json"}).out, nullptr, false);
    for (const auto& line : bill["lines"]) {
        const std::string begins = "\n| " + line["what"].get<std::string>() + " | ";
        const auto at = page.find(begins);
        ASSERT_NE(at, page.npos) << begins;
        const std::string row = page.substr(at + 1, page.find('\n', at + 1) - at - 1);
        EXPECT_TRUE(row.ends_with("| " + cents(line["usd"]) + " |")) << row;
    }
}

std::string total_with(const std::string& region, const std::vector<std::string>& more) {
    std::vector<std::string> words = {"--output", "json"};
    words.insert(words.end(), more.begin(), more.end());
    const Json bill = Json::parse(offline(region, words).out, nullptr, false);
    return cents(bill["total_usd"]);
}

TEST(CostsPage, HasTheTotalsOfEveryRegionAndOfOtherSettings) {
    const std::string page = costs_page();
    for (const auto& prices : built_in_prices().regions) {
        EXPECT_THAT(
            page, HasSubstr("| `" + prices.region + "` | " + total_with(prices.region, {}) + " |"));
    }
    const std::vector<std::vector<std::string>> others = {
        {"--changes", "0"},  {"--changes", "600"}, {"--every", "1m"},    {"--every", "5m"},
        {"--memory", "256"}, {"--memory", "512"},  {"--arch", "x86_64"}, {"--memory", "1769"}};
    for (const auto& words : others) {
        EXPECT_THAT(page, HasSubstr("| `" + words[0] + " " + words[1] + "` | " +
                                    total_with("us-east-1", words) + " |"));
    }
}

}  // namespace
}  // namespace nodenap
