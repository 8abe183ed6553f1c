#include "cli_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace nodenap {
namespace {

using test::CalmWorld;
using test::Printed;
using test::run_line;
using testing::HasSubstr;
using Json = nlohmann::json;

TEST(Nodes, ShowsEachWorkerAndWhatTheyCost) {
    CalmWorld world;
    const Printed printed = run_line(world, {"nodes"});
    EXPECT_EQ(printed.exit, Exit::decided);
    EXPECT_THAT(printed.out, HasSubstr("i-0aaa  workers  t2.small  us-east-1a  on-demand  ready"));
    EXPECT_THAT(printed.out, HasSubstr("3h0m  0"));
    EXPECT_THAT(printed.out, HasSubstr("▕████    ▏ 50%"));
    EXPECT_THAT(printed.out, HasSubstr("runs pods, and this version cannot drain nodes"));
    EXPECT_THAT(printed.out, HasSubstr("\n2 workers: $0.0580/h ($42.34/month)\n"));
    EXPECT_THAT(world.store.writes, testing::IsEmpty()) << "it takes no lease";
}

TEST(Nodes, AsJsonHasEveryKeyOfAWorker) {
    CalmWorld world;
    const Json document = Json::parse(run_line(world, {"nodes", "--output", "json"}).out);
    ASSERT_EQ(document["nodes"].size(), 2U);
    for (const char* key : {"instance_id", "node", "pool", "instance_type", "zone", "capacity",
                            "stage", "age_seconds", "requested", "allocatable", "cpu_percent",
                            "memory_percent", "price_per_hour_usd", "blocker"}) {
        EXPECT_TRUE(document["nodes"][0].contains(key)) << key;
    }
    EXPECT_EQ(document["totals"]["price_per_month_usd"], 42.34);
    EXPECT_EQ(document["version"], 1);
}

TEST(Nodes, WithoutTheNodesShowsInstancesAndFails) {
    CalmWorld world;
    world.metrics.signals.nodes = Unknown{"no targets"};
    const Printed printed = run_line(world, {"nodes"});
    EXPECT_EQ(printed.exit, Exit::failed);
    EXPECT_THAT(printed.out, HasSubstr("i-0bbb"));
    EXPECT_THAT(printed.err, HasSubstr("node data unavailable: no targets"));
}

TEST(Nodes, WithoutEc2SaysSo) {
    CalmWorld world;
    world.fleet.list_error = Error{ErrorKind::unavailable, "no route"};
    const Printed printed = run_line(world, {"nodes"});
    EXPECT_EQ(printed.exit, Exit::failed);
    EXPECT_THAT(printed.err, HasSubstr("EC2 instances could not be listed: no route"));
}

TEST(Nodes, WatchesUntilInterrupted) {
    CalmWorld world;
    const std::atomic<bool> interrupted = true;
    EXPECT_EQ(run_line(world, {"nodes", "--watch"}, interrupted).exit, Exit::interrupted);
}

}  // namespace
}  // namespace nodenap
