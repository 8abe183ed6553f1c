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
using testing::IsEmpty;
using Json = nlohmann::json;

TEST(Plan, SaysAndChangesNothing) {
    CalmWorld world;
    const Printed printed = run_line(world, {"plan"});
    EXPECT_EQ(printed.exit, Exit::decided);
    EXPECT_THAT(printed.out, HasSubstr("Decision: hold (no change)"));
    EXPECT_THAT(printed.out, HasSubstr("CPU      50% of 2 cores"));
    EXPECT_EQ(printed.err, "") << "no progress line where nobody watches";
    EXPECT_THAT(world.store.writes, IsEmpty());
    EXPECT_THAT(world.fleet.launches, IsEmpty());
}

TEST(Plan, AsJsonHasEveryKey) {
    CalmWorld world;
    const Printed printed = run_line(world, {"plan", "--output", "json"});
    const Json plan = Json::parse(printed.out, nullptr, false);
    for (const char* key : {"version", "now", "cluster", "decision", "reasons", "signals", "launch",
                            "placed", "remove", "could_remove", "unplaceable", "kept", "totals"}) {
        EXPECT_TRUE(plan.contains(key)) << key;
    }
}

TEST(Plan, OfSourcesThatDoNotAnswerFails) {
    CalmWorld world;
    world.metrics.signals.cpu = Unknown{"no targets"};
    const Printed printed = run_line(world, {"plan"});
    EXPECT_EQ(printed.exit, Exit::failed);
    EXPECT_THAT(printed.out, HasSubstr("CPU      unknown: no targets"));
}

TEST(Plan, MissesNoMemoryThatNoRuleAsksFor) {
    CalmWorld world;
    world.metrics.signals.memory = Unknown{"no node_exporter"};
    EXPECT_EQ(run_line(world, {"plan"}).exit, Exit::decided);
    world.settings.policy.scale_up.memory_above_percent = 80;
    EXPECT_EQ(run_line(world, {"plan"}).exit, Exit::failed);
}

TEST(Plan, WithoutAStateSaysWhatToDo) {
    CalmWorld world;
    world.store.away = test::StoreFault{};
    const Printed printed = run_line(world, {"plan"});
    EXPECT_EQ(printed.exit, Exit::failed);
    EXPECT_EQ(printed.out, "");
    EXPECT_THAT(printed.err, HasSubstr("nodenap: The plan could not be made: the store is away\n"));
    EXPECT_THAT(printed.err, HasSubstr("try again"));
}

}  // namespace
}  // namespace nodenap
