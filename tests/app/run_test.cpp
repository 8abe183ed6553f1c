#include "cli_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

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

std::string service_text() {
    std::ostringstream text;
    text << std::ifstream(NODENAP_SOURCE_DIR "/docs/nodenap.service").rdbuf();
    return text.str();
}

/// What stands behind `key` in the unit, in words.
std::vector<std::string> service_words(const std::string& key) {
    const std::string text = service_text();
    const auto at = text.find("\n" + key + "=");
    if (at == std::string::npos) return {};
    const auto begin = at + key.size() + 2;
    std::istringstream line(text.substr(begin, text.find('\n', begin) - begin));
    return {std::istream_iterator<std::string>(line), {}};
}

TEST(Service, StartsWhatTheCommandUnderstands) {
    auto words = service_words("ExecStart");
    ASSERT_FALSE(words.empty());
    EXPECT_EQ(words.front(), "/usr/local/bin/nodenap");
    words.erase(words.begin());
    CLI::App app;
    CommandLine line;
    describe(app, line);
    std::reverse(words.begin(), words.end());  // CLI11 takes them off the end
    app.parse(std::move(words));
    EXPECT_TRUE(line.is_service) << "SIGTERM must end it well";
    EXPECT_EQ(line.common.config, "/etc/nodenap/nodenap.toml");
}

TEST(Service, GivesAPassTheTimeToEnd) {
    const auto words = service_words("TimeoutStopSec");
    ASSERT_FALSE(words.empty());
    EXPECT_GE(std::chrono::seconds(std::stoi(words.front())), longest_invocation);
}

TEST(Service, IsAUnitForSystemd) {
    if (std::system("systemd-analyze --version > /dev/null 2>&1") != 0) {
        GTEST_SKIP() << "systemd-analyze is not installed";
    }
    auto text = service_text();
    const std::string program = "/usr/local/bin/nodenap";  // need not be installed here
    text.replace(text.find("=" + program) + 1, program.size(), "/bin/true");
    const std::string file = testing::TempDir() + "nodenap-test.service";
    std::ofstream(file) << text;
    EXPECT_EQ(std::system(("systemd-analyze verify " + file).c_str()), 0);
}

}  // namespace
}  // namespace nodenap
