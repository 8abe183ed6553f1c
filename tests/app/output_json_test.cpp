#include "app/cli/output_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace nodenap {
namespace {

using Json = nlohmann::ordered_json;

std::vector<std::string> keys_of(const Json& object) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : object.items()) keys.push_back(key);
    return keys;
}

TEST(DocumentText, HasNoNoiseOfBinaryFractions) {
    const auto text = document_text({{"a", 0.1 + 0.2}, {"b", {1e-7 / 3, 42.339999999999996}}});
    const Json json = Json::parse(text);
    EXPECT_EQ(json["a"].dump(), "0.3");
    EXPECT_EQ(json["b"][0].dump(), "3.333e-08");
    EXPECT_EQ(json["b"][1].dump(), "42.34");
}

TEST(DocumentText, KeepsWholeNumbersAndWhatIsNoNumber) {
    EXPECT_EQ(Json::parse(document_text({{"a", 3}, {"b", -2.0}, {"c", nullptr}})),
              Json::parse(R"({"a": 3, "b": -2.0, "c": null})"));
}

TEST(WholeRecord, HasEveryKeyThoughItsListsAreEmpty) {
    Record record;
    record.epoch = 7;
    record.trigger = "alert";
    const Json json = Json::parse(whole_record_json(record));
    EXPECT_THAT(keys_of(json),
                testing::ElementsAre("version", "now", "cluster", "decision", "reasons", "signals",
                                     "launch", "placed", "remove", "could_remove", "unplaceable",
                                     "kept", "totals", "epoch", "trigger", "done"));
    EXPECT_TRUE(json["done"].is_array());
}

TEST(WholeRecord, SaysTheTypeOfEachInstance) {
    Record record;
    record.done = {{"launch", "i-1", "launched", std::nullopt, "t2.small"},
                   {"close", "n-1", "closed"}};
    const Json done = Json::parse(whole_record_json(record))["done"];
    for (const auto& one : done) {
        EXPECT_THAT(keys_of(one),
                    testing::ElementsAre("kind", "id", "instance_type", "result", "error"));
    }
    EXPECT_EQ(done[0]["instance_type"], "t2.small");
    EXPECT_TRUE(done[1]["instance_type"].is_null());
}

TEST(HistoryDocument, IsAnObjectWithARecordALine) {
    EXPECT_EQ(history_document("prod", {}), R"({"version": 1, "cluster": "prod", "records": []})");
    const auto text = history_document("a\"b", {Record{}, Record{}});
    const Json json = Json::parse(text);
    EXPECT_EQ(json["cluster"], "a\"b");
    EXPECT_EQ(json["records"].size(), 2U);
    EXPECT_EQ(std::ranges::count(text, '\n'), 3);
}

TEST(FailureJson, SaysKindCodeTextAndAdvice) {
    const Error error{ErrorKind::denied, "no", "AccessDenied"};
    EXPECT_EQ(failure_json(error, "It failed: no", "Grant it."),
              R"({"version":1,"error":{"kind":"denied","code":"AccessDenied",)"
              R"("text":"It failed: no","advice":"Grant it."}})");
    const Json plain = Json::parse(failure_json({ErrorKind::unknown_outcome, "x"}, "x", ""));
    EXPECT_EQ(plain["error"]["kind"], "unknown_outcome");
    EXPECT_TRUE(plain["error"]["code"].is_null());
}

TEST(RefusalJson, ListsTheFaults) {
    const std::vector<Diagnostic> faults = {{3, "cluster.id", "must be a string"},
                                            {0, "", "cannot be read"}};
    const Json json = Json::parse(refusal_json("f.toml", faults));
    EXPECT_EQ(json["error"]["text"], "2 faults in f.toml");
    EXPECT_EQ(json["faults"][0]["line"], 3);
    EXPECT_TRUE(json["faults"][1]["line"].is_null());
    EXPECT_TRUE(json["faults"][1]["key"].is_null());
    const Json good = Json::parse(verdict_json("f.toml", {}));
    EXPECT_EQ(good["ok"], true);
    EXPECT_TRUE(good["faults"].empty());
}

}  // namespace
}  // namespace nodenap
