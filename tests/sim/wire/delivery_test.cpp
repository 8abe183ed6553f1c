#include "sim/wire/delivery.hpp"

#include "adapters/aws/errors.hpp"
#include "adapters/prometheus/parse.hpp"
#include "servers_world.hpp"

#include <gtest/gtest.h>

#include <set>

namespace nodenap::test {
namespace {

using namespace servers;

using Back = Delivery::Back;

const HttpRequest a_write{.method = "POST",
                          .headers = {"X-Amz-Target: DynamoDB_20120810.UpdateItem"}};
const HttpRequest a_read{.method = "POST", .headers = {"X-Amz-Target: DynamoDB_20120810.GetItem"}};
const HttpRequest a_launch{.method = "POST", .body = "Action=RunInstances&Version=2016-11-15"};
const HttpRequest a_list{.method = "POST", .body = "Action=DescribeInstances&Version=2016-11-15"};

/// All journeys of a hundred requests.
template <class To>
std::vector<Delivery> drawn(ServersWorld& all, To to, const HttpRequest& request) {
    std::vector<Delivery> journeys;
    for (int i = 0; i < 100; ++i) journeys.push_back(to(all.world, all.link.random, request));
    return journeys;
}

TEST(Delivery, WithoutFaultsEachResponseIsInTime) {
    ServersWorld all;
    for (const auto& journeys :
         {drawn(all, to_dynamodb, a_write), drawn(all, to_ec2, a_launch),
          drawn(all, to_prometheus, HttpRequest{.timeout = Milliseconds{2000}})}) {
        for (const auto& delivery : journeys) {
            EXPECT_TRUE(delivery.connects && delivery.arrives);
            EXPECT_EQ(delivery.back, Back::whole);
            EXPECT_LT(delivery.there + delivery.takes, Milliseconds{2000});
        }
    }
}

TEST(Delivery, LostWriteNeverArrives) {
    ServersWorld all;
    all.world.faults.write_lost = 1;
    std::set<int> statuses;
    for (const auto& delivery : drawn(all, to_dynamodb, a_write)) {
        EXPECT_FALSE(delivery.arrives);
        statuses.insert(delivery.instead.status);
    }
    EXPECT_EQ(statuses, (std::set<int>{0, 400, 500})) << "lost, throttled, failed";
}

TEST(Delivery, WriteWithLostResponseArrives) {
    ServersWorld all;
    all.world.faults.write_unheard = 1;
    std::set<Back> ends;
    for (const auto& delivery : drawn(all, to_dynamodb, a_write)) {
        EXPECT_TRUE(delivery.arrives);
        ends.insert(delivery.back);
    }
    EXPECT_EQ(ends, (std::set<Back>{Back::lost, Back::cut, Back::damaged, Back::replaced}));
}

TEST(Delivery, DelayedWriteArrivesAfterTheTimeout) {
    ServersWorld all;
    all.world.faults.write_late = 1;
    all.world.faults.launch_late = 1;
    for (const auto& delivery : drawn(all, to_dynamodb, a_write)) {
        EXPECT_GT(delivery.there, a_write.timeout);
    }
    for (const auto& delivery : drawn(all, to_ec2, a_launch)) {
        EXPECT_GT(delivery.there, a_launch.timeout);
    }
}

TEST(Delivery, OutagesHaveThreeFormsWithoutEffects) {
    ServersWorld all;
    all.world.store_away = true;
    all.world.ec2_away = true;
    for (const auto& journeys : {drawn(all, to_dynamodb, a_read), drawn(all, to_ec2, a_list)}) {
        std::set<std::pair<bool, Back>> forms;
        for (const auto& delivery : journeys) {
            EXPECT_FALSE(delivery.arrives);
            forms.emplace(delivery.connects, delivery.back);
        }
        EXPECT_EQ(forms.size(), 3U);
    }
}

TEST(Delivery, AdaptersParseTheErrors) {
    const auto dynamodb = dynamodb_error(400, "com.amazonaws.dynamodb.v20120810#X", "why \"so\"");
    EXPECT_EQ(read_aws_fault(400, dynamodb.body).code, "X");
    EXPECT_EQ(read_aws_fault(400, dynamodb.body).text, "why \"so\"");
    const auto ec2 = ec2_error(503, "RequestLimitExceeded", "a < b & \"c\"");
    EXPECT_EQ(read_aws_fault(503, ec2.body).code, "RequestLimitExceeded");
    EXPECT_EQ(read_aws_fault(503, ec2.body).text, "a < b & \"c\"");
    const auto prometheus = parse_answer(prometheus_error(503, "timeout", "query timed out"));
    ASSERT_FALSE(prometheus);
    EXPECT_NE(prometheus.error().text.find("query timed out"), std::string::npos);
}

}  // namespace
}  // namespace nodenap::test
