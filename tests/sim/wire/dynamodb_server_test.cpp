#include "sim/wire/dynamodb_server.hpp"

#include "adapters/fixture.hpp"
#include "adapters/store/dynamodb_requests.hpp"
#include "servers_world.hpp"

#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

using namespace servers;

using Json = nlohmann::json;
using Is = nodenap::Test;

const Key state{"shop", "state"};

struct Peer : ServersWorld {
    HttpResponse call(const std::string& operation, const std::string& body) {
        return ask(server, {.method = "POST",
                            .headers = {"X-Amz-Target: DynamoDB_20120810." + operation},
                            .body = body});
    }
    HttpResponse update(const Key& key, const Change& change, const Condition& condition = {}) {
        return call("UpdateItem", update_item_body("nodenap", key, change, condition));
    }
    /// What both peers were made to hold when their answers were recorded.
    HttpResponse hold_what_was_recorded() {
        Change change;
        change.set = {
            {{"scaling_in_progress"}, {true}},
            {{"lease_owner"}, {std::string("me")}},
            {{"lease_until"}, {std::int64_t{1'795'528'330'752}}},
            {{"notices"},
             {AttributeMap{{"i-0a", {AttributeMap{{"kind", {std::string("rebalance")}}}}}}}}};
        change.add = {{"epoch", 1}};
        return update(state, change);
    }
    void hold_a_history(int records) {
        for (int i = 0; i < records; ++i) {
            Change change;
            change.set = {{{"expires_at"}, {std::int64_t{i}}}};
            update({"shop", "journal#" + std::to_string(i)}, change);
        }
    }
    DynamoDbServer server{world, "nodenap"};
};

Json recorded(const std::string& name) { return Json::parse(fixture("dynamodb/" + name)); }

TEST(DynamoDbServer, MatchesRecordedResponses) {
    Peer peer;
    const auto updated = peer.hold_what_was_recorded();
    EXPECT_EQ(updated.status, 200);
    EXPECT_EQ(Json::parse(updated.body), recorded("update_dynalite.json"));
    const auto got = peer.call("GetItem", get_item_body("nodenap", state));
    EXPECT_EQ(Json::parse(got.body), recorded("get_moto.json"));
    const auto none = peer.call("GetItem", get_item_body("nodenap", {"shop", "nothing"}));
    EXPECT_EQ(Json::parse(none.body), recorded("get_none_moto.json"));
    Change change;
    change.add = {{"epoch", 1}};
    const auto refused = peer.update(state, change, {{{{"lease_owner", Is::absent}}}});
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(Json::parse(refused.body), recorded("refused_moto.json"));
    const auto no_table = peer.call("GetItem", get_item_body("other", state));
    EXPECT_EQ(Json::parse(no_table.body), recorded("no_table_moto.json"));
    EXPECT_TRUE(peer.is_kept("wire"));
}

TEST(DynamoDbServer, PagesLikeRecordedServers) {
    Peer peer;
    peer.hold_a_history(3);
    const nodenap::Query all{"shop", "journal#", "journal#~", true, 100};
    const auto first = peer.call("Query", query_body("nodenap", all, 2, {}));
    EXPECT_EQ(Json::parse(first.body), recorded("query_page_1_dynalite.json"));
    const AttributeMap start{{"cluster_id", {std::string("shop")}},
                             {"record", {std::string("journal#1")}}};
    const auto second = peer.call("Query", query_body("nodenap", all, 2, start));
    EXPECT_EQ(Json::parse(second.body), recorded("query_page_2_dynalite.json"));
}

TEST(DynamoDbServer, UnknownRequestsAreRefusedAndReported) {
    for (const std::string body :
         {"{", "{\"TableName\": \"nodenap\", \"ConsistentRead\": true}",
          "{\"TableName\": \"nodenap\", \"Key\": {\"cluster_id\": {\"S\": \"shop\"}, \"record\": "
          "{\"S\": \"state\"}}}"}) {
        Peer peer;
        const auto response = peer.call("GetItem", body);
        EXPECT_EQ(response.status, 400) << body;
        EXPECT_FALSE(peer.is_kept("wire")) << body;
    }
    Peer peer;
    EXPECT_EQ(peer.call("DeleteItem", get_item_body("nodenap", state)).status, 400);
    EXPECT_FALSE(peer.is_kept("wire"));
}

TEST(DynamoDbServer, SetsTheEpochOfTheProcess) {
    Peer peer;
    peer.hold_what_was_recorded();
    EXPECT_EQ(peer.link.sender.epoch, 1);
}

}  // namespace
}  // namespace nodenap::test
