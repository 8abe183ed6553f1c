#include "app/handler.hpp"

#include "app_world.hpp"

#include "controller/lease.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace nodenap {
namespace {

using test::CalmWorld;
using testing::IsEmpty;
using testing::SizeIs;
using Json = nlohmann::json;

constexpr std::string_view scheduled =
    R"({"source":"aws.scheduler","detail-type":"Scheduled Event","detail":"{}"})";

std::string ec2_event(std::string_view type, std::string_view id, std::string_view more = "") {
    std::string event = R"({"source":"aws.ec2","detail-type":")";
    return event.append(type)
        .append(R"(","time":"2026-11-23T20:00:00Z","detail":{"instance-id":")")
        .append(id)
        .append("\"")
        .append(more)
        .append("}}");
}

const std::string spot = ec2_event("EC2 Spot Instance Interruption Warning", "i-0aaa",
                                   R"(,"instance-action":"terminate")");

Json answer(CalmWorld& world, std::string_view body) {
    const std::string text = handle(world.ports, world.settings,
                                    {body, std::chrono::seconds(60), test::counting_random()});
    const Json parsed = Json::parse(text, nullptr, false);
    EXPECT_FALSE(parsed.is_discarded()) << text;
    return parsed;
}

/// A pass has been made, so that the state and the memory of both workers are there.
void look_once(CalmWorld& world) {
    answer(world, scheduled);
    world.store.writes.clear();
    world.log.passes.clear();
}

TEST(Handler, AScheduledWakeUpIsOnePassAndItsRecord) {
    CalmWorld world;
    const Json record = answer(world, scheduled);
    EXPECT_EQ(record["decision"], "hold");
    EXPECT_EQ(record["trigger"], "scheduled");
    EXPECT_EQ(record["cluster"], "prod");
    EXPECT_EQ(record["epoch"], 1);
    EXPECT_EQ(record["signals"]["cpu_percent"], 50);
    EXPECT_FALSE(record.contains("launch")) << "empty lists are left out";
    ASSERT_THAT(world.log.passes, SizeIs(1));
    EXPECT_TRUE(world.log.passes[0].second);
}

TEST(Handler, AnEventThatIsNoneOfOursIsRefusedInWords) {
    for (const std::string_view body :
         {std::string_view(""), std::string_view("nonsense"), std::string_view("[]"),
          std::string_view(R"({"source":"aws.s3","detail-type":"Object Created"})"),
          std::string_view(R"({"action":"dance"})")}) {
        CalmWorld world;
        const Json refused = answer(world, body);
        EXPECT_EQ(refused["error"]["code"], "unknown_event") << body;
        EXPECT_FALSE(refused["error"]["text"].get<std::string>().empty()) << body;
        EXPECT_TRUE(world.log.has("refused")) << body;
        EXPECT_THAT(world.store.writes, IsEmpty()) << body;
    }
}

TEST(Handler, StatusReadsAndWritesNothing) {
    CalmWorld world;
    look_once(world);
    const Json status = answer(world, R"({"action":"status"})");
    EXPECT_EQ(status["cluster"], "prod");
    EXPECT_EQ(status["mode"], "act");
    EXPECT_EQ(status["lease"]["held"], false);
    EXPECT_EQ(status["lease"]["epoch"], 1);
    EXPECT_EQ(status["last_decision"]["decision"], "hold");
    EXPECT_THAT(world.store.writes, IsEmpty());
}

TEST(Handler, StatusOfAStateThatCannotBeReadIsAnError) {
    CalmWorld world;
    world.store.away = test::StoreFault{};
    const Json status = answer(world, R"({"action":"status"})");
    EXPECT_EQ(status["error"]["code"], "state_unavailable");
}

TEST(Handler, ATickByHandIsAPass) {
    CalmWorld world;
    EXPECT_EQ(answer(world, R"({"action":"tick"})")["trigger"], "tick");
    EXPECT_THAT(world.log.passes, SizeIs(1));
}

TEST(Handler, AStrangersInstanceCostsOneReadAndNoLease) {
    for (const std::string_view type :
         {"EC2 Spot Instance Interruption Warning", "EC2 Instance Rebalance Recommendation",
          "EC2 Instance State-change Notification"}) {
        CalmWorld world;
        look_once(world);
        world.store.gets = 0;
        const Json record = answer(world, ec2_event(type, "i-0ccc", R"(,"state":"terminated")"));
        EXPECT_EQ(record["decision"], "hold") << type;
        EXPECT_EQ(record["reasons"][0]["code"], "not_ours") << type;
        EXPECT_EQ(world.store.gets, 1) << type;
        EXPECT_THAT(world.store.writes, IsEmpty()) << type;
        EXPECT_THAT(world.log.passes, IsEmpty()) << type;
    }
}

TEST(Handler, OurInstancesStateChangeIsAPass) {
    CalmWorld world;
    look_once(world);
    const Json record = answer(world, ec2_event("EC2 Instance State-change Notification", "i-0aaa",
                                                R"(,"state":"terminated")"));
    EXPECT_EQ(record["trigger"], "state_change");
    EXPECT_EQ(record["epoch"], 2);
}

TEST(Handler, ASpotWarningIsWrittenBeforeTheLeaseIsTried) {
    CalmWorld world;
    look_once(world);
    const Json record = answer(world, spot);
    EXPECT_EQ(record["trigger"], "spot_warning");
    ASSERT_FALSE(world.store.writes.empty());
    const auto& first = world.store.writes[0].change.set;
    ASSERT_FALSE(first.empty());
    EXPECT_EQ(first[0].first.attribute, "notices");
    EXPECT_EQ(first[0].first.entry, "i-0aaa");
}

TEST(Handler, ANoticeThatFindsTheLeaseHeldIsStillThereForTheNextPass) {
    CalmWorld world;
    look_once(world);
    const Claim other{.owner = "other",
                      .fresh_generation = "g",
                      .now = world.clock.now(),
                      .monotonic = world.clock.monotonic(),
                      .length = std::chrono::minutes(30)};
    ASSERT_TRUE(acquire(world.store, world.codec, "prod", other));
    const Json record = answer(world, spot);
    EXPECT_EQ(record["decision"], "hold");
    EXPECT_EQ(record["reasons"][0]["code"], "lease_held");
    const auto state = read_state(world.store, world.codec, "prod");
    ASSERT_TRUE(state);
    ASSERT_TRUE(state->interruptions.contains("i-0aaa"));
    EXPECT_EQ(state->interruptions.at("i-0aaa").kind, "spot_warning");
}

TEST(Handler, ANoticeThatCannotBeWrittenIsSaidAndThePassGoesOn) {
    CalmWorld world;
    look_once(world);
    bool first = true;
    world.store.before_update = [&](const Key&) {
        if (first) world.store.faults.push_back({});
        first = false;
    };
    EXPECT_EQ(answer(world, spot)["trigger"], "spot_warning");
    EXPECT_TRUE(world.log.has("notice_lost"));
    EXPECT_THAT(world.log.passes, SizeIs(1));
}

TEST(Handler, AStateThatCannotBeReadIsANormalAnswerAndAFailedPass) {
    for (const std::string& body : {std::string(scheduled), spot}) {
        CalmWorld world;
        world.store.away = test::StoreFault{};
        const Json record = answer(world, body);
        EXPECT_EQ(record["decision"], "hold");
        EXPECT_EQ(record["reasons"][0]["code"], "state_unavailable");
        EXPECT_THAT(record["reasons"][0]["text"].get<std::string>(),
                    testing::HasSubstr("the store is away"));
        ASSERT_THAT(world.log.passes, SizeIs(1));
        EXPECT_FALSE(world.log.passes[0].second);
        EXPECT_THAT(world.fleet.launches, IsEmpty());
        EXPECT_THAT(world.fleet.terminations, IsEmpty());
    }
}

}  // namespace
}  // namespace nodenap
