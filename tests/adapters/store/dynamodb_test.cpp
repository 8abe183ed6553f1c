#include "adapters/store/dynamodb.hpp"

#include "adapters/fake_aws.hpp"
#include "adapters/fixture.hpp"
#include "adapters/store/dynamodb_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

using ::testing::HasSubstr;

using Is = nodenap::Test;  // gtest has one too

const Key state{"shop", "state"};

Change any_change() {
    Change change;
    change.add = {{"epoch", 1}};
    return change;
}

// What both peers were made to hold when their answers were recorded.
AttributeMap recorded_item() {
    const AttributeMap interruption{{"kind", {std::string("rebalance")}}};
    return {{"cluster_id", {std::string("shop")}},
            {"record", {std::string("state")}},
            {"scaling_in_progress", {true}},
            {"lease_owner", {std::string("me")}},
            {"lease_until", {std::int64_t{1'795'528'330'752}}},
            {"notices", {AttributeMap{{"i-0a", {interruption}}}}},
            {"epoch", {std::int64_t{1}}}};
}

class DynamoDbPeer : public ::testing::TestWithParam<std::string> {
protected:
    std::string recorded(const std::string& name) const {
        return fixture("dynamodb/" + name + "_" + GetParam() + ".json");
    }
    FakeAws aws;
    DynamoDbStore store{aws.client, "nodenap"};
};
INSTANTIATE_TEST_SUITE_P(Recorded, DynamoDbPeer, ::testing::Values("moto", "dynalite"),
                         [](const auto& test) { return test.param; });

TEST_P(DynamoDbPeer, UpdateReturnsTheWholeItem) {
    aws.then(200, recorded("update"));
    const auto got = store.update(state, any_change(), {});
    ASSERT_TRUE(got) << got.error().text;
    EXPECT_FALSE(got->refused);
    EXPECT_EQ(got->item, recorded_item());
}

// moto gives the item with its refusal; dynalite does not and is asked for it.
TEST_P(DynamoDbPeer, RefusalReturnsTheCurrentItem) {
    aws.then(400, recorded("refused"));
    aws.then(200, recorded("get"));
    const auto got = store.update(state, any_change(), {{{{"lease_owner", Is::absent}}}});
    ASSERT_TRUE(got) << got.error().text;
    EXPECT_TRUE(got->refused);
    EXPECT_EQ(got->item, recorded_item());
    EXPECT_EQ(aws.calls(), GetParam() == "moto" ? 1U : 2U);
}

TEST_P(DynamoDbPeer, GetReturnsTheItemOrNothing) {
    aws.then(200, recorded("get"));
    aws.then(200, recorded("get_none"));
    EXPECT_EQ(*store.get(state), recorded_item());
    const auto none = store.get(state);
    ASSERT_TRUE(none);
    EXPECT_TRUE(none->empty());
}

TEST_P(DynamoDbPeer, QueryFollowsThePages) {
    aws.then(200, recorded("query_page_1"));
    aws.then(200, recorded("query_page_2"));
    const auto got = store.query({"shop", "journal#0", "journal#9", true, 100});
    ASSERT_TRUE(got) << got.error().text;
    ASSERT_EQ(got->size(), 3U);
    EXPECT_EQ(got->at(0).at("record").value, (Attribute{std::string("journal#2")}.value));
    EXPECT_EQ(got->at(2).at("record").value, (Attribute{std::string("journal#0")}.value));
    EXPECT_THAT(aws.bodies()[1], HasSubstr("ExclusiveStartKey"));
    EXPECT_THAT(aws.bodies()[1], HasSubstr("\"Limit\":98"));
}

TEST_P(DynamoDbPeer, MissingTableIsInvalid) {
    aws.then(400, recorded("no_table"));
    const auto got = store.get(state);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind, ErrorKind::invalid);
    EXPECT_EQ(got.error().code, "ResourceNotFoundException");
    EXPECT_THAT(got.error().text, HasSubstr("table does not exist"));
}

// --- what goes wrong ----------------------------------------------------------------------------

struct DynamoDb : public ::testing::Test {
    FakeAws aws;
    DynamoDbStore store{aws.client, "nodenap"};
};

TEST_F(DynamoDb, WriteOfUnknownOutcomeIsNotRepeated) {
    for (const bool silent : {true, false}) {
        const std::size_t before = aws.calls();
        silent ? aws.then_silence() : aws.then(500, "<html>");
        const auto got = store.update(state, any_change(), {});
        ASSERT_FALSE(got);
        EXPECT_EQ(got.error().kind, ErrorKind::unknown_outcome);
        EXPECT_EQ(aws.calls(), before + 1);
    }
}

TEST_F(DynamoDb, ReadIsRepeated) {
    aws.then_silence();
    aws.then(500, "<html>");
    aws.then(200, "{}");
    EXPECT_TRUE(store.get(state));
}

TEST_F(DynamoDb, ThrottledWriteIsRepeated) {
    aws.then(400, R"({"__type":"x#ProvisionedThroughputExceededException","message":"slow"})");
    aws.then(200, R"({"Attributes":{}})");
    EXPECT_TRUE(store.update(state, any_change(), {}));
}

TEST_F(DynamoDb, UnreadableResponseIsUnknownForWritesAndUnavailableForReads) {
    for (const std::string body :
         {"", "[]", "{", R"({"Attributes":[]})", R"({"Attributes":{"a":"b"}})",
          R"({"Attributes":{"epoch":{"N":"1.5"}}})",
          R"({"Attributes":{"epoch":{"N":"99999999999999999999"}}})"}) {
        SCOPED_TRACE(body);
        aws.then(200, body);
        EXPECT_EQ(store.update(state, any_change(), {}).error().kind, ErrorKind::unknown_outcome);
        aws.then(200, body);
        EXPECT_EQ(store.get(state).error().kind, ErrorKind::unavailable);
    }
}

TEST_F(DynamoDb, TruncatedResponseIsNeverASmallerItem) {
    const std::string whole = fixture("dynamodb/update_moto.json");
    for (std::size_t length = 0; length < whole.find_last_of('}'); ++length) {
        EXPECT_FALSE(read_dynamodb_answer(whole.substr(0, length))) << length;
    }
}

TEST_F(DynamoDb, RefusalWithoutAnItemIsAnError) {
    aws.then(400, fixture("dynamodb/refused_dynalite.json"));
    for (int i = 0; i < 9; ++i) aws.then(500, "");
    const auto got = store.update(state, any_change(), {{{{"a", Is::present}}}});
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind, ErrorKind::unavailable);
}

TEST_F(DynamoDb, UnknownTypesAreSkipped) {
    const auto got = read_dynamodb_answer(
        R"({"Item":{"a":{"S":"x"},"l":{"L":[]},"n":{"NULL":true},"s":{"SS":["x"]},)"
        R"("m":{"M":{"b":{"B":"eA=="},"c":{"N":"2"}}}}})");
    ASSERT_TRUE(got);
    const AttributeMap inner{{"c", {std::int64_t{2}}}};
    EXPECT_EQ(got->item, (AttributeMap{{"a", {std::string("x")}}, {"m", {inner}}}));
}

TEST_F(DynamoDb, EmptyRangeAndNoLimitSendNothing) {
    EXPECT_TRUE(store.query({"shop", "b", "a", true, 100})->empty());
    EXPECT_TRUE(store.query({"shop", "a", "b", true, 0})->empty());
    EXPECT_EQ(aws.calls(), 0U);
}

TEST_F(DynamoDb, LimitEndsPaging) {
    aws.then(200, fixture("dynamodb/query_page_1_dynalite.json"));
    const auto got = store.query({"shop", "journal#0", "journal#9", true, 2});
    ASSERT_TRUE(got);
    EXPECT_EQ(got->size(), 2U);
    EXPECT_EQ(aws.calls(), 1U);
}

}  // namespace
}  // namespace nodenap::test
