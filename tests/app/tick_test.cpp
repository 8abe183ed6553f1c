#include "cli_world.hpp"

#include "controller/lease.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace nodenap {
namespace {

using test::CalmWorld;
using test::hold_lease;
using test::Printed;
using test::run_line;
using test::state_of;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Json = nlohmann::json;

TEST(Tick, IsOnePassEvenWhileNodesBoot) {
    CalmWorld world;
    world.fleet.instances.pop_back();
    const Printed printed = run_line(world, {"tick"});
    EXPECT_EQ(printed.exit, Exit::decided);
    EXPECT_THAT(printed.out, HasSubstr("Decision: scale_up (add nodes)"));
    EXPECT_THAT(printed.out, HasSubstr("\nDone\n"));
    EXPECT_THAT(world.fleet.launches, SizeIs(1));
    EXPECT_THAT(world.log.passes, SizeIs(1));
    EXPECT_EQ(state_of(world).lease_owner, "");
}

TEST(Tick, AsJsonIsTheRecord) {
    CalmWorld world;
    const Json record = Json::parse(run_line(world, {"tick", "--output", "json"}).out);
    EXPECT_EQ(record["decision"], "hold");
    EXPECT_EQ(record["trigger"], "tick");
}

TEST(Tick, ThatCouldNotLaunchFails) {
    CalmWorld world;
    world.fleet.instances.pop_back();
    world.fleet.launch_errors.assign(10, Error{ErrorKind::denied, "no right", "AccessDenied"});
    const Printed printed = run_line(world, {"tick"});
    EXPECT_EQ(printed.exit, Exit::failed);
    EXPECT_THAT(printed.out, HasSubstr("no right"));
}

TEST(Tick, WaitsForALeaseWhereToldSoAndThenSaysThatItIsHeld) {
    CalmWorld world;
    hold_lease(world);
    const Printed printed = run_line(world, {"tick", "--wait"});
    EXPECT_EQ(printed.exit, Exit::decided);
    EXPECT_THAT(printed.out, HasSubstr("[lease_held]"));
    EXPECT_GT(world.clock.passed, Milliseconds(1'000) + longest_invocation);
}

TEST(Tick, TakesTheLeaseOnceItIsFree) {
    CalmWorld world;
    hold_lease(world);
    world.clock.on_sleep = [&] {
        if (world.clock.sleeps.size() == 3) (void)unlock(world.store, "prod");
    };
    EXPECT_THAT(run_line(world, {"tick", "--wait"}).out, HasSubstr("CPU      50%"));
    EXPECT_THAT(world.clock.sleeps, SizeIs(3));
}

TEST(Tick, SaysAtOnceThatTheLeaseIsHeld) {
    CalmWorld world;
    hold_lease(world);
    const Printed printed = run_line(world, {"tick"});
    EXPECT_EQ(printed.exit, Exit::decided);
    EXPECT_THAT(printed.out, HasSubstr("[lease_held]"));
    EXPECT_THAT(world.clock.sleeps, IsEmpty());
}

TEST(Tick, ThatWasInterruptedEndsItsPassAndSaysSo) {
    CalmWorld world;
    const std::atomic<bool> interrupted{true};
    EXPECT_EQ(run_line(world, {"tick"}, interrupted).exit, Exit::interrupted);
    EXPECT_EQ(state_of(world).lease_owner, "");
}

}  // namespace
}  // namespace nodenap
