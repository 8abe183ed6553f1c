#include "cli_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace nodenap {
namespace {

using test::CalmWorld;
using test::Printed;
using test::run_line;
using test::state_of;
using testing::HasSubstr;
using Json = nlohmann::json;

TEST(Pause, HoldsForAWhile) {
    CalmWorld world;
    run_line(world, {"tick"});
    const Printed paused = run_line(world, {"pause", "--for", "2h"});
    EXPECT_EQ(paused.exit, Exit::decided);
    EXPECT_EQ(paused.out,
              "prod is paused until 2026-11-23 22:00:00 UTC. Nodenap keeps deciding and recording, "
              "but launches and terminates nothing.\n");
    EXPECT_EQ(state_of(world).paused_until, test::fake_start + std::chrono::hours(2));
}

TEST(Pause, WithoutAnEndLastsUntilResumed) {
    CalmWorld world;
    EXPECT_THAT(run_line(world, {"pause"}).out, HasSubstr("until `nodenap resume`"));
    EXPECT_THAT(run_line(world, {"status"}).out,
                HasSubstr("paused         until `nodenap resume`"));
    const Json status = Json::parse(run_line(world, {"status", "--output", "json"}).out);
    EXPECT_EQ(status["paused_until"], "9999-12-31T00:00:00Z");
}

TEST(Pause, SaysItsReasonUntilItEnds) {
    CalmWorld world;
    run_line(world, {"pause", "--for", "2h", "--reason", "moving the database"});
    EXPECT_THAT(run_line(world, {"status"}).out,
                HasSubstr("until 2026-11-23 22:00:00 UTC: moving the database\n"));
    const Json status = Json::parse(run_line(world, {"status", "--output", "json"}).out);
    EXPECT_EQ(status["pause_reason"], "moving the database");
    EXPECT_THAT(run_line(world, {"plan"}).out,
                HasSubstr("paused for 2h more: moving the database [paused]"));
    EXPECT_THAT(run_line(world, {"tick"}).out, HasSubstr("more: moving the database [paused]"));
    run_line(world, {"resume"});
    EXPECT_EQ(state_of(world).pause_reason, "");
    const Printed refused = run_line(world, {"pause", "--reason", std::string(201, 'x')});
    EXPECT_EQ(refused.exit, Exit::usage);
    EXPECT_THAT(refused.err, HasSubstr("must have at most 200 bytes"));
}

TEST(Pause, ForNoTimeIsRefused) {
    CalmWorld world;
    EXPECT_EQ(run_line(world, {"pause", "--for", "0s"}).exit, Exit::usage);
    EXPECT_THAT(run_line(world, {"run", "--every", "0s"}).err, HasSubstr("must be at least 1s"));
    EXPECT_EQ(state_of(world).paused_until, std::nullopt);
}

TEST(Pause, IsSeenByTheNextPass) {
    CalmWorld world;
    world.fleet.instances.pop_back();
    run_line(world, {"pause"});
    const Printed ticked = run_line(world, {"tick"});
    EXPECT_THAT(ticked.out, HasSubstr("[paused]"));
    EXPECT_THAT(ticked.out, HasSubstr("Would launch (but not"));
    EXPECT_THAT(world.fleet.launches, testing::IsEmpty());
}

TEST(Pause, OfAStateThatIsAwayFails) {
    CalmWorld world;
    world.store.away = test::StoreFault{};
    EXPECT_EQ(run_line(world, {"pause"}).exit, Exit::failed);
}

}  // namespace
}  // namespace nodenap
