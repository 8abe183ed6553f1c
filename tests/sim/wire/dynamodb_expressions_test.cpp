#include "sim/wire/dynamodb_expressions.hpp"

#include "adapters/store/dynamodb_requests.hpp"
#include "sim/wire/dynamodb_server.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace nodenap {
namespace {

using namespace servers;

using Json = nlohmann::ordered_json;
using Is = nodenap::Test;  // gtest has one too

const Placeholders some{{{"#0", "epoch"}, {"#1", "notices"}, {"#2", "i-0a"}},
                        {{":0", {std::int64_t{1}}}, {":1", {std::string("me")}}}};

TEST(DynamoDbExpressions, ParsesUpdates) {
    const auto change = read_update_expression(
        "SET #1.#2 = :1, #0 = if_not_exists(#0, :0) REMOVE #1, #1.#2 ADD #0 :0", some);
    ASSERT_TRUE(change) << change.error().text;
    ASSERT_EQ(change->set.size(), 1U);
    EXPECT_EQ(change->set[0].first.attribute, "notices");
    EXPECT_EQ(change->set[0].first.entry, "i-0a");
    EXPECT_EQ(change->set[0].second, Attribute{std::string("me")});
    ASSERT_EQ(change->set_if_absent.size(), 1U);
    EXPECT_EQ(change->set_if_absent[0].first, "epoch");
    ASSERT_EQ(change->remove.size(), 2U);
    EXPECT_EQ(change->remove[1].entry, "i-0a");
    ASSERT_EQ(change->add.size(), 1U);
    EXPECT_EQ(change->add[0].second, 1);
}

TEST(DynamoDbExpressions, ParsesConditions) {
    const auto condition = read_condition_expression(
        "(attribute_not_exists(#0) AND #1 = :1) OR (#0 < :0) OR (attribute_exists(#1))", some);
    ASSERT_TRUE(condition) << condition.error().text;
    ASSERT_EQ(condition->any_of.size(), 3U);
    ASSERT_EQ(condition->any_of[0].size(), 2U);
    EXPECT_EQ(condition->any_of[0][0].test, Is::absent);
    EXPECT_EQ(condition->any_of[0][1].test, Is::equals);
    EXPECT_EQ(condition->any_of[1][0].test, Is::less);
    EXPECT_EQ(condition->any_of[1][0].than, Attribute{std::int64_t{1}});
    EXPECT_EQ(condition->any_of[2][0].test, Is::present);
}

TEST(DynamoDbExpressions, AnythingElseIsRefused) {
    for (const char* text : {"SET owner = :1", "SET #0 = :9", "SET #9 = :0", "SET #0", "ADD #0 :1",
                             "SET #0 = #1", "DELETE #0 :0", "SET #0 = :0,", "SET #0 = :0 + :0",
                             "SET #0 = if_not_exists(#1, :0)", "REMOVE #0 SET #0 = :0"}) {
        EXPECT_FALSE(read_update_expression(text, some)) << text;
    }
    for (const char* text : {"", "#0 = :0", "(#0 = :0", "(#0 = :0) AND (#0 = :0)", "(#0 > :0)",
                             "(NOT #0 = :0)", "(begins_with(#0, :1))", "(#0 = :0 OR #0 = :0)"}) {
        EXPECT_FALSE(read_condition_expression(text, some)) << text;
    }
}

TEST(DynamoDbExpressions, UnusedPlaceholderIsRefused) {
    EXPECT_TRUE(check_all_used("SET #0 = :0, #1.#2 = :1", some));
    const auto name = check_all_used("SET #0 = :0, #1 = :1", some);
    ASSERT_FALSE(name);
    EXPECT_EQ(name.error().text,
              "Value provided in ExpressionAttributeNames unused in expressions: keys: {#2}");
    EXPECT_FALSE(check_all_used("SET #0 = :0 REMOVE #1.#2", some));
}

/// What the adapter writes of any change and condition is read back whole.
TEST(DynamoDbExpressions, ParsesTheAdaptersExpressions) {
    Change change;
    change.set = {{{"state"}, {true}}, {{"notices", "i-0a"}, {AttributeMap{}}}};
    change.set_if_absent = {{"format", {std::int64_t{1}}}};
    change.add = {{"epoch", 1}};
    change.remove = {{"paused_until"}, {"open_intents", "x.y"}};
    const Condition condition{{{{"lease_owner", Is::absent}},
                               {{"lease_until", Is::less, {std::int64_t{5}}},
                                {"lease_owner", Is::equals, {std::string("me")}}}}};
    const auto body = Json::parse(update_item_body("t", {"c", "state"}, change, condition));
    Placeholders placeholders;
    for (const auto& [name, value] : body["ExpressionAttributeNames"].items()) {
        placeholders.names[name] = value;
    }
    placeholders.values = *item_of(body["ExpressionAttributeValues"]);
    const auto read = read_update_expression(body["UpdateExpression"], placeholders);
    const auto tests = read_condition_expression(body["ConditionExpression"], placeholders);
    ASSERT_TRUE(read) << read.error().text;
    ASSERT_TRUE(tests) << tests.error().text;
    EXPECT_EQ(update_item_body("t", {"c", "state"}, *read, *tests),
              update_item_body("t", {"c", "state"}, change, condition));
}

}  // namespace
}  // namespace nodenap
