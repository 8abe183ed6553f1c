#include "adapters/store/dynamodb_requests.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using Is = nodenap::Test;  // gtest has one too

const Key state{"prod", "state"};

Attribute text(const std::string& value) { return {value}; }
Attribute number(std::int64_t value) { return {value}; }

// Taking the lease, as the controller writes it.
TEST(DynamoDbRequests, UpdateIsOneExpressionWithPlaceholders) {
    Change change;
    change.set = {{{"scaling_in_progress"}, {true}}, {{"lease_owner"}, text("me")}};
    change.set_if_absent = {{"generation", text("g")}};
    change.add = {{"epoch", 1}};
    change.remove = {{"paused_until"}, {"notices", "i-0.a"}};
    const Condition condition{{{{"lease_owner", Is::absent}},
                               {{"lease_owner", Is::present},
                                {"lease_until", Is::less, number(12)},
                                {"epoch", Is::equals, number(3)}}}};
    EXPECT_EQ(update_item_body("nodenap", state, change, condition),
              R"({"TableName":"nodenap",)"
              R"("Key":{"cluster_id":{"S":"prod"},"record":{"S":"state"}},)"
              R"("UpdateExpression":"SET #0 = :0, #1 = :1, #2 = if_not_exists(#2, :2) )"
              R"(REMOVE #3, #4.#5 ADD #6 :3",)"
              R"("ConditionExpression":"(attribute_not_exists(#1)) OR )"
              R"~((attribute_exists(#1) AND #7 < :4 AND #6 = :5)",)~"
              R"("ExpressionAttributeNames":{"#0":"scaling_in_progress","#1":"lease_owner",)"
              R"("#2":"generation","#3":"paused_until","#4":"notices","#5":"i-0.a",)"
              R"("#6":"epoch","#7":"lease_until"},)"
              R"("ExpressionAttributeValues":{":0":{"BOOL":true},":1":{"S":"me"},)"
              R"(":2":{"S":"g"},":3":{"N":"1"},":4":{"N":"12"},":5":{"N":"3"}},)"
              R"("ReturnValues":"ALL_NEW","ReturnValuesOnConditionCheckFailure":"ALL_OLD"})");
}

// DynamoDB refuses empty maps of names and values, and an empty expression.
TEST(DynamoDbRequests, NoChangesOmitEverything) {
    EXPECT_EQ(update_item_body("nodenap", state, {}, {}),
              R"({"TableName":"nodenap",)"
              R"("Key":{"cluster_id":{"S":"prod"},"record":{"S":"state"}},)"
              R"("ReturnValues":"ALL_NEW","ReturnValuesOnConditionCheckFailure":"ALL_OLD"})");
}

TEST(DynamoDbRequests, EmptyConditionListIsAlwaysTrue) {
    const Condition always{{{{"a", Is::absent}}, {}}};
    EXPECT_THAT(update_item_body("t", state, {}, always), Not(HasSubstr("ConditionExpression")));
}

TEST(DynamoDbRequests, ValuesOfEveryTypeAreWritten) {
    Change change;
    change.set = {{{"m"}, {AttributeMap{{"kind", text("x")}, {"at", number(-5)}}}},
                  {{"none"}, {AttributeMap{}}},
                  {{"no"}, {false}},
                  {{"quoted"}, text("\"\\\n\x01")}};
    const std::string body = update_item_body("t", state, change, {});
    EXPECT_THAT(body, HasSubstr(R"(":0":{"M":{"at":{"N":"-5"},"kind":{"S":"x"}}})"));
    EXPECT_THAT(body, HasSubstr(R"(":1":{"M":{}})"));
    EXPECT_THAT(body, HasSubstr(R"(":2":{"BOOL":false})"));
    EXPECT_THAT(body, HasSubstr(R"(":3":{"S":"\"\\\n\u0001"})"));
}

TEST(DynamoDbRequests, InvalidUtf8IsReplaced) {
    EXPECT_THAT(get_item_body("t", {"a\xff", "b"}), HasSubstr("a\xEF\xBF\xBD"));
}

TEST(DynamoDbRequests, GetIsStronglyConsistent) {
    EXPECT_EQ(get_item_body("nodenap", state),
              R"({"TableName":"nodenap",)"
              R"("Key":{"cluster_id":{"S":"prod"},"record":{"S":"state"}},"ConsistentRead":true})");
}

TEST(DynamoDbRequests, QueryIsARangeNewestFirst) {
    const Query query{"prod", "journal#1", "journal#2", true, 100};
    EXPECT_EQ(query_body("nodenap", query, 7, {}),
              R"({"TableName":"nodenap",)"
              R"("KeyConditionExpression":"#0 = :0 AND #1 BETWEEN :1 AND :2",)"
              R"("ScanIndexForward":false,"ConsistentRead":true,"Limit":7,)"
              R"("ExpressionAttributeNames":{"#0":"cluster_id","#1":"record"},)"
              R"("ExpressionAttributeValues":{":0":{"S":"prod"},":1":{"S":"journal#1"},)"
              R"(":2":{"S":"journal#2"}}})");
    const AttributeMap start{{"cluster_id", text("prod")}, {"record", text("journal#1")}};
    EXPECT_THAT(query_body("nodenap", query, 7, start),
                HasSubstr(R"("ExclusiveStartKey":{"cluster_id":{"S":"prod"},)"
                          R"("record":{"S":"journal#1"}}})"));
}

}  // namespace
}  // namespace nodenap::test
