#include "adapters/golden.hpp"
#include "adapters/json/decision_json.hpp"
#include "adapters/json/decision_json_samples.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace nodenap {
namespace {

using namespace test;
using Json = nlohmann::ordered_json;

Settings settings() {
    Settings out;
    out.cluster = "prod";
    out.policy.mode = Mode::add_only;
    return out;
}

State busy_state() {
    State state;
    state.epoch = 42;
    state.lease_owner = "lambda-5f3a";
    state.lease_until = at(60);
    state.memory = busy_memory(2);
    state.last_pass_at = at(-120);
    state.last_action_at = at(-600);
    state.paused_until = at(7200);
    state.pause_reason = "moving the database";
    Operation launch;
    launch.id = "5f3a";
    launch.since = at(-5);
    launch.offering = {"workers", "t3.small", "us-east-1a", Capacity::on_demand};
    Operation removal;
    removal.id = "77aa";
    removal.kind = OperationKind::remove;
    removal.since = at(-4);
    state.open_operations = {launch, removal};
    return state;
}

TEST(StatusJson, OfABusyCluster) {
    const auto record = full_record();
    expect_golden("status.json", status_json(busy_state(), settings(), at(0), &record));
}

TEST(StatusJson, OfAClusterNeverSeen) {
    expect_golden("status_never_seen.json", status_json({}, settings(), at(0), nullptr));
}

Json status_of(const State& state, const Record* last = nullptr) {
    return Json::parse(status_json(state, settings(), at(0), last));
}

TEST(StatusJson, ExpiredEntriesAreNotShown) {
    auto state = busy_state();
    state.lease_until = at(-1);
    state.paused_until = at(-1);
    state.memory.unavailable_offerings[0].until = at(-1);
    const auto status = status_of(state);
    EXPECT_EQ(status["lease"]["held"], false);
    EXPECT_TRUE(status["paused_until"].is_null());
    EXPECT_TRUE(status["resting_offers"].empty());
}

TEST(StatusJson, WithoutARecordTheMemoryIsUsed) {
    const auto status = status_of(busy_state());
    EXPECT_EQ(status["last_decision"]["decision"], "hold");
    EXPECT_EQ(status["last_decision"]["reasons"][0]["code"], "would_fire_again");
    EXPECT_EQ(status["unplaceable"].size(), 1U);
    EXPECT_EQ(status["unplaceable"][0]["pod"], "batch/Job/report/4000m/16384Mi");
}

}  // namespace
}  // namespace nodenap
