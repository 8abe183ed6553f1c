#include "cli_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

namespace nodenap {
namespace {

using test::CalmWorld;
using test::Printed;
using test::run_line;
using test::state_of;
using testing::HasSubstr;
using testing::SizeIs;

TEST(Run, WakesEveryTwoMinutesUntilInterrupted) {
    CalmWorld world;
    std::atomic<bool> interrupted{false};
    world.clock.on_sleep = [&] { interrupted = world.clock.sleeps.size() == 3; };
    const Printed printed = run_line(world, {"run", "--every", "3m"}, interrupted);
    EXPECT_EQ(printed.exit, Exit::interrupted);
    EXPECT_THAT(world.clock.sleeps, testing::Each(std::chrono::minutes(3)));
    EXPECT_THAT(world.log.passes, SizeIs(3));
    EXPECT_EQ(std::count(printed.out.begin(), printed.out.end(), '\n'), 3);
    EXPECT_THAT(printed.out, testing::StartsWith("2026-11-23 20:00:00  hold"));
    EXPECT_EQ(state_of(world).lease_owner, "");
}

TEST(Run, GoesOnAfterAFailedPass) {
    CalmWorld world;
    std::atomic<bool> interrupted{false};
    world.store.away = test::StoreFault{};
    world.clock.on_sleep = [&] {
        world.store.away.reset();
        interrupted = world.clock.sleeps.size() == 2;
    };
    const Printed printed = run_line(world, {"run"}, interrupted);
    EXPECT_THAT(printed.err, HasSubstr("The pass failed: the store is away"));
    EXPECT_THAT(printed.out, HasSubstr("hold"));
}

TEST(Run, SaysWhichFileKeepsTheState) {
    CalmWorld world;
    std::atomic<bool> interrupted{false};
    world.clock.on_sleep = [&] { interrupted = true; };
    EXPECT_EQ(run_line(world, {"run"}, interrupted).err, "");
    world.settings.state = {.dynamodb_table = "", .sqlite_path = "mine.db"};
    interrupted = false;
    const std::string here = std::filesystem::current_path().string();
    EXPECT_EQ(run_line(world, {"run"}, interrupted).err,
              "nodenap: the state is kept in the SQLite file " + here + "/mine.db\n");
}

TEST(Run, WithoutAModeItSaysThatItOnlyObserves) {
    CalmWorld world;
    world.settings.mode_named = false;
    for (const char* command : {"run", "tick"}) {
        std::atomic<bool> interrupted{false};
        world.clock.on_sleep = [&] { interrupted = true; };
        EXPECT_THAT(run_line(world, {command}, interrupted).err, HasSubstr("mode is not set"));
    }
}

}  // namespace
}  // namespace nodenap
