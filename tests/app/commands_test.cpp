#include "cli_world.hpp"

#include "app/version.hpp"
#include "controller/lease.hpp"

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
using testing::SizeIs;
using Json = nlohmann::json;

/// Somebody else's pass is at work, and will be for longer than any command waits.
void hold_lease(CalmWorld& world) {
    const Claim other{.owner = "other",
                      .fresh_generation = "g",
                      .now = world.clock.now(),
                      .monotonic = world.clock.monotonic(),
                      .length = std::chrono::minutes(30)};
    ASSERT_TRUE(acquire(world.store, world.codec, "prod", other));
}

State state_of(CalmWorld& world) {
    const auto state = read_state(world.store, world.codec, "prod");
    EXPECT_TRUE(state);
    return state ? *state : State{};
}

TEST(Plan, SaysAndChangesNothing) {
    CalmWorld world;
    const Printed printed = run_line(world, {"plan"});
    EXPECT_EQ(printed.exit, Exit::decided);
    EXPECT_THAT(printed.out, HasSubstr("Decision: change nothing (hold)"));
    EXPECT_THAT(printed.out, HasSubstr("CPU      50 % of 2 cores"));
    EXPECT_EQ(printed.err, "") << "no progress line where nobody watches";
    EXPECT_THAT(world.store.writes, IsEmpty());
    EXPECT_THAT(world.fleet.launches, IsEmpty());
}

TEST(Plan, AsJsonHasEveryKey) {
    CalmWorld world;
    const Printed printed = run_line(world, {"plan", "--output", "json"});
    const Json plan = Json::parse(printed.out, nullptr, false);
    for (const char* key : {"version", "now", "cluster", "decision", "reasons", "signals", "launch",
                            "placed", "remove", "unplaceable", "kept", "totals"}) {
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
    EXPECT_THAT(printed.err, HasSubstr("Try again"));
}

TEST(Tick, IsOnePassEvenWhileNodesBoot) {
    CalmWorld world;
    world.fleet.instances.pop_back();
    const Printed printed = run_line(world, {"tick"});
    EXPECT_EQ(printed.exit, Exit::decided);
    EXPECT_THAT(printed.out, HasSubstr("Decision: add nodes (scale_up)"));
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

TEST(Tick, WaitsForALeaseAndThenSaysThatItIsHeld) {
    CalmWorld world;
    hold_lease(world);
    const Printed printed = run_line(world, {"tick"});
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
    EXPECT_THAT(run_line(world, {"tick"}).out, HasSubstr("CPU      50 %"));
    EXPECT_THAT(world.clock.sleeps, SizeIs(3));
}

TEST(Tick, DoesNotWaitWhereToldSo) {
    CalmWorld world;
    hold_lease(world);
    const Printed printed = run_line(world, {"tick", "--no-wait"});
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

TEST(Status, OfAClusterNeverSeen) {
    CalmWorld world;
    const Printed printed = run_line(world, {"status"});
    EXPECT_EQ(printed.exit, Exit::decided);
    EXPECT_THAT(printed.out, HasSubstr("last decision  none yet"));
    EXPECT_THAT(world.store.writes, IsEmpty());
}

TEST(History, IsTheJournalNewestFirst) {
    CalmWorld world;
    run_line(world, {"tick"});
    world.clock.advance(std::chrono::minutes(2));
    world.metrics.signals.cpu = Unknown{"no targets"};
    run_line(world, {"tick"});
    const Printed table = run_line(world, {"history", "--since", "1h"});
    EXPECT_EQ(table.exit, Exit::decided);
    EXPECT_THAT(table.out, testing::ContainsRegex("2026-11-23 20:02:00.*unknown: CPU(.|\n)*"
                                                  "2026-11-23 20:00:00"));
    const Json records = Json::parse(
        run_line(world, {"history", "--output", "json", "--limit", "1"}).out, nullptr, false);
    ASSERT_THAT(records, SizeIs(1));
    EXPECT_EQ(records[0]["now"], "2026-11-23T20:02:00Z");
    EXPECT_EQ(records[0]["epoch"], 2);
}

TEST(History, WithoutARecordSaysSo) {
    CalmWorld world;
    EXPECT_THAT(run_line(world, {"history"}).out, HasSubstr("No record of the last 24h"));
    EXPECT_EQ(run_line(world, {"history", "--output", "json"}).out, "[]\n");
}

TEST(Pause, HoldsForAWhileUntilResumed) {
    CalmWorld world;
    run_line(world, {"tick"});
    const Printed paused = run_line(world, {"pause", "--for", "2h"});
    EXPECT_EQ(paused.exit, Exit::decided);
    EXPECT_EQ(paused.out, "prod is paused until 2026-11-23 22:00:00 UTC: passes go on deciding and "
                          "touch nothing.\n");
    EXPECT_EQ(state_of(world).paused_until, test::fake_start + std::chrono::hours(2));
    EXPECT_EQ(run_line(world, {"resume"}).out, "prod is no longer paused.\n");
    EXPECT_FALSE(state_of(world).paused_until);
}

TEST(Pause, WithoutAnEndLastsUntilResumed) {
    CalmWorld world;
    EXPECT_THAT(run_line(world, {"pause"}).out, HasSubstr("until `nodenap resume`"));
    EXPECT_THAT(run_line(world, {"status"}).out, HasSubstr("paused         until `nodenap resume`"));
    const Json status = Json::parse(run_line(world, {"status", "--output", "json"}).out);
    EXPECT_EQ(status["paused_until"], "9999-12-31T00:00:00Z");
    const Json resumed = Json::parse(run_line(world, {"resume", "--output", "json"}).out);
    EXPECT_TRUE(resumed["paused_until"].is_null());
}

TEST(Unlock, AsksAndWithoutAPersonDoesNothing) {
    CalmWorld world;
    hold_lease(world);
    const Printed printed = run_line(world, {"unlock"});
    EXPECT_EQ(printed.exit, Exit::usage);
    EXPECT_THAT(printed.err, HasSubstr("--yes"));
    EXPECT_EQ(state_of(world).lease_owner, "other");
}

TEST(Unlock, FreesTheLeaseAndFencesItsHolderOff) {
    CalmWorld world;
    hold_lease(world);
    const std::int64_t epoch = state_of(world).epoch;
    EXPECT_EQ(run_line(world, {"unlock", "--yes"}).exit, Exit::decided);
    EXPECT_EQ(state_of(world).lease_owner, "");
    EXPECT_EQ(state_of(world).epoch, epoch + 1);
}

TEST(ConfigCheck, SaysOfAGoodFileWhatItMeans) {
    CalmWorld world;
    const std::string file = std::string(NODENAP_SOURCE_DIR) + "/docs/nodenap.example.toml";
    const Printed printed = run_line(world, {"config", "check", "--config", file});
    EXPECT_EQ(printed.exit, Exit::decided);
    EXPECT_THAT(printed.out, HasSubstr("is right.\n\nCLUSTER  prod\n"));
    EXPECT_THAT(printed.out, HasSubstr("nodes    2 to 10"));
}

TEST(ConfigCheck, NamesEveryFaultAndTheirNumber) {
    CalmWorld world;
    const std::string file = testing::TempDir() + "nodenap_bad.toml";
    std::FILE* bad = std::fopen(file.c_str(), "w");
    std::fputs("[cluster]\nid = 3\n[limit]\n", bad);
    std::fclose(bad);
    const Printed printed = run_line(world, {"config", "check", "--config", file});
    EXPECT_EQ(printed.exit, Exit::usage);
    EXPECT_THAT(printed.out, HasSubstr(file + ":2: cluster.id: must be a string"));
    EXPECT_THAT(printed.out, HasSubstr(file + ":3: limit: is not a known key"));
    EXPECT_THAT(printed.err, HasSubstr("faults in " + file));
    const Json verdict = Json::parse(
        run_line(world, {"config", "check", "--config", file, "--output", "json"}).out);
    EXPECT_EQ(verdict["ok"], false);
}

struct LineCase {
    std::string name;
    std::vector<std::string> words;
    std::string wanted;
};

class BadLine : public testing::TestWithParam<LineCase> {};

TEST_P(BadLine, IsExplained) {
    CalmWorld world;
    const Printed printed = run_line(world, GetParam().words);
    EXPECT_EQ(printed.exit, Exit::usage);
    EXPECT_THAT(printed.err, HasSubstr(GetParam().wanted));
    EXPECT_EQ(printed.out, "");
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadLine,
    testing::Values(LineCase{"Nothing", {}, "See `nodenap --help`."},
                    LineCase{"Misspelled", {"tik"}, "Did you mean tick?"},
                    LineCase{"UnknownOption", {"tick", "--outpt"}, "Did you mean --output?"},
                    LineCase{"NoDuration", {"run", "--every", "5x"}, "write a duration"},
                    LineCase{"NoForm", {"plan", "--output", "xml"}, "must be one of json|table"},
                    LineCase{"NoLimit", {"history", "--limit", "0"}, "--limit"},
                    LineCase{"ConfigAlone", {"config"}, "See `nodenap config --help`."},
                    LineCase{"LaterOption", {"plan", "--from", "x"}, "See `nodenap plan --help`."}),
    [](const auto& test) { return test.param.name; });

TEST(Help, OfEveryCommandHasAnExample) {
    for (const char* command : {"plan", "tick", "run", "status", "history", "pause", "resume", "unlock"}) {
        CalmWorld world;
        const Printed printed = run_line(world, {command, "--help"});
        EXPECT_EQ(printed.exit, Exit::decided);
        EXPECT_THAT(printed.out, HasSubstr(std::string("Example:\n  nodenap ") + command));
        EXPECT_THAT(printed.out, HasSubstr(std::string("Usage: nodenap ") + command));
    }
}

TEST(Version, IsTheBuildsOwn) {
    const Result<std::string> build = read_file(std::string(NODENAP_SOURCE_DIR) + "/CMakeLists.txt");
    ASSERT_TRUE(build);
    EXPECT_THAT(*build, HasSubstr(std::string("project(nodenap VERSION ") + version + " "));
    CalmWorld world;
    EXPECT_EQ(run_line(world, {"--version"}).out, std::string("nodenap ") + version + "\n");
}

}  // namespace
}  // namespace nodenap
