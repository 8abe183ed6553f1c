#include "adapters/json/decision_json.hpp"

#include "adapters/golden.hpp"
#include "adapters/json/decision_json_samples.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>
#include <nlohmann/json.hpp>

namespace nodenap {
namespace {

using namespace test;
using Json = nlohmann::ordered_json;
using testing::HasSubstr;

TEST(DecisionJson, PlanWithEveryKey) {
    expect_golden("plan.json", plan_json(full_plan()));
    expect_golden("plan_nothing_to_do.json", plan_json(bare_plan()));
}

TEST(DecisionJson, RecordWithoutEmptyLists) {
    expect_golden("record.json", record_json(full_record()));
    expect_golden("record_nothing_to_do.json", record_json({bare_plan(), 7, "alert", {}}));
}

TEST(DecisionJson, PlanAndRecordRoundTrip) {
    EXPECT_EQ(*plan_from_json(plan_json(full_plan())), full_plan());
    EXPECT_EQ(*plan_from_json(plan_json(bare_plan())), bare_plan());
    EXPECT_EQ(*record_from_json(record_json(full_record())), full_record());
    const Record bare{bare_plan(), 7, "alert", {}};
    EXPECT_EQ(*record_from_json(record_json(bare)), bare);
}

TEST(DecisionJson, NumbersAreRoundedForPeople) {
    auto plan = bare_plan();
    plan.signals.cpu_percent = 81.24999999;
    plan.signals.memory_percent = 29.96;
    plan.signals.cores = 3.9204999;
    plan.totals.price_per_hour_usd = 3 * 0.0208;
    const auto json = Json::parse(plan_json(plan));
    EXPECT_EQ(json["signals"]["cpu_percent"].dump(), "81.2");
    EXPECT_EQ(json["signals"]["memory_percent"].dump(), "30");
    EXPECT_EQ(json["signals"]["cores"].dump(), "3.92");
    EXPECT_EQ(json["totals"]["price_per_hour_usd"].dump(), "0.0624");
}

TEST(DecisionJson, NonNumbersAreNull) {
    auto plan = bare_plan();
    plan.signals.cpu_percent = std::numeric_limits<double>::quiet_NaN();
    plan.signals.cores = std::numeric_limits<double>::infinity();
    plan.totals.price_per_hour_usd = 1e300;
    const auto json = Json::parse(plan_json(plan));
    EXPECT_TRUE(json["signals"]["cpu_percent"].is_null());
    EXPECT_TRUE(json["signals"]["cores"].is_null());
}

TEST(DecisionJson, InvalidUtf8IsReplaced) {
    auto record = full_record();
    record.plan.reasons[0].text = "caf\xe9";
    record.plan.placed["\xff"] = {"\xc3("};
    for (const auto& text : {record_json(record), plan_json(record.plan)}) {
        EXPECT_TRUE(Json::accept(text));
        EXPECT_THAT(text, HasSubstr("caf\xEF\xBF\xBD"));
    }
}

TEST(DecisionJson, ErrorResponse) {
    EXPECT_EQ(error_json("unknown_event", "no \"such\" event"),
              R"({"error":{"code":"unknown_event","text":"no \"such\" event"}})");
}

struct BadRow {
    const char* name;
    const char* text;
    const char* says;
};

TEST(DecisionJson, InvalidPlansAreReported) {
    const BadRow rows[] = {
        {"nothing", "", "not a JSON object"},
        {"a list", "[]", "not a JSON object"},
        {"cut", R"({"version":1,"now":"2026-11-23T20:00:00Z")", "not a JSON object"},
        {"no version", R"({"now":"2026-11-23T20:00:00Z","decision":"hold"})", "\"version\""},
        {"a newer one", R"({"version":2,"now":"2026-11-23T20:00:00Z","decision":"hold"})",
         "\"version\""},
        {"no time", R"({"version":1,"now":"today","decision":"hold"})", "\"now\" is not a time"},
        {"another word", R"({"version":1,"now":"2026-11-23T20:00:00Z","decision":"grow"})",
         "not a decision: grow"},
        {"another reason",
         R"({"version":1,"now":"2026-11-23T20:00:00Z","decision":"hold","reasons":[{"code":"x"}]})",
         "not a reason code: x"},
        {"a list that is none",
         R"({"version":1,"now":"2026-11-23T20:00:00Z","decision":"hold","kept":{}})",
         "\"kept\" is not a list"},
        {"a count below 0",
         R"({"version":1,"now":"2026-11-23T20:00:00Z","decision":"hold","signals":{"nodes_ready":-1}})",
         "\"nodes_ready\" is out of range"},
        {"a pod that is no text",
         R"({"version":1,"now":"2026-11-23T20:00:00Z","decision":"hold","placed":{"i-0":[7]}})",
         "\"placed\" is not a string"},
    };
    for (const auto& row : rows) {
        const auto plan = plan_from_json(row.text);
        ASSERT_FALSE(plan) << row.name;
        EXPECT_EQ(plan.error().kind, ErrorKind::invalid);
        EXPECT_THAT(plan.error().text, HasSubstr(row.says)) << row.name;
    }
}

TEST(DecisionJson, UnknownKeysAreIgnored) {
    auto json = Json::parse(record_json(full_record()));
    json["later"] = {{"a", 1}};
    json["signals"]["gpu_percent"] = 7;
    EXPECT_EQ(*record_from_json(json.dump()), full_record());
}

TEST(DecisionJson, LongRecordIsShortened) {
    auto record = full_record();
    record.plan.launch[0].pods.assign(200, {});
    for (auto& pods : record.plan.launch[0].pods)
        for (int pod = 0; pod < 110; ++pod)
            pods.push_back("some-namespace/a-deployment-7d9c5b7f6-" + std::to_string(pod));
    record.plan.unplaceable.assign(20'000, {"ns/huge", "it asks for more than any type has"});
    const auto text = JsonCodec().record_text(record);
    EXPECT_LT(text.size(), std::size_t{300} << 10);
    EXPECT_EQ(Json::parse(text)["shortened"], true);
    const auto back = record_from_json(text);
    ASSERT_TRUE(back) << back.error().text;
    EXPECT_EQ(back->plan.launch[0].count, record.plan.launch[0].count);
    EXPECT_EQ(back->plan.totals, record.plan.totals);
    EXPECT_EQ(back->done, record.done);
}

RC_GTEST_PROP(DecisionJson, SurvivesAnyText, (const std::string& text)) {
    static_cast<void>(record_from_json(text));
    static_cast<void>(JsonCodec().memory(text));
}

RC_GTEST_PROP(DecisionJson, SurvivesDamagedRecords, ()) {
    auto text = record_json(full_record());
    const auto from = static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(text.size())));
    if (*rc::gen::arbitrary<bool>())
        text.erase(from, static_cast<std::size_t>(*rc::gen::inRange(0, 30)));
    else
        text[from] = *rc::gen::arbitrary<char>();
    static_cast<void>(record_from_json(text));
}

}  // namespace
}  // namespace nodenap
