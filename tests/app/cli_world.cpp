#include "cli_world.hpp"

#include "controller/lease.hpp"

#include <gtest/gtest.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <sstream>
#include <utility>

namespace nodenap::test {

CaughtStream::CaughtStream() : file_(std::tmpfile(), &std::fclose) {}

std::string CaughtStream::text() const {
    std::string text(static_cast<std::size_t>(std::ftell(file_.get())), '\0');
    std::rewind(file_.get());
    text.resize(std::fread(text.data(), 1, text.size(), file_.get()));
    return text;
}

Printed run_line(CalmWorld& world, std::vector<std::string> words,
                 const std::atomic<bool>& interrupted) {
    CLI::App app;
    CommandLine line;
    describe(app, line);
    std::reverse(words.begin(), words.end());  // CLI11 takes them off the end
    try {
        app.parse(std::move(words));
    } catch (const CLI::ParseError& error) {
        std::ostringstream out;
        std::ostringstream err;
        const bool asked_for_help = app.exit(error, out, err) == 0;
        return {asked_for_help ? Exit::decided : Exit::usage, out.str(), err.str()};
    }
    const CaughtStream in;
    const CaughtStream out;
    const CaughtStream err;
    Terminal terminal({in.get(), out.get(), err.get()}, line.common.color, false);
    Session session{world.ports, world.settings,    line.common,
                    terminal,    counting_random(), interrupted};
    const Environment environment;
    FileSession file{line.common.config, line.common, terminal, environment};
    const Exit exit = line.command ? line.command(session) : line.file_command(file);
    return {exit, out.text(), err.text()};
}

Printed run_line(CalmWorld& world, const std::vector<std::string>& words) {
    const std::atomic<bool> never{false};
    return run_line(world, words, never);
}

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

}  // namespace nodenap::test
