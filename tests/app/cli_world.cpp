#include "cli_world.hpp"

#include "controller/lease.hpp"

#include <gtest/gtest.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace nodenap::test {

CaughtStream::CaughtStream() : file_(std::tmpfile(), &std::fclose) {}

std::string CaughtStream::text() const {
    std::string text(static_cast<std::size_t>(std::ftell(file_.get())), '\0');
    std::rewind(file_.get());
    text.resize(std::fread(text.data(), 1, text.size(), file_.get()));
    return text;
}

PseudoTerminal::PseudoTerminal() : master_(posix_openpt(O_RDWR | O_NOCTTY)) {
    grantpt(master_);
    unlockpt(master_);
    file_ = std::fopen(ptsname(master_), "r+");
}

PseudoTerminal::~PseudoTerminal() {
    std::fclose(file_);
    ::close(master_);
}

void PseudoTerminal::type(const std::string& text) const {
    EXPECT_EQ(::write(master_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

std::string PseudoTerminal::shown() const {
    std::string text;
    pollfd waiting{master_, POLLIN, 0};
    // The kernel may hand out what was shown in parts: the first is waited for, the rest is there.
    while (poll(&waiting, 1, text.empty() ? 10'000 : 0) == 1) {
        std::array<char, 4096> part{};
        const ssize_t got = ::read(master_, part.data(), part.size());
        if (got <= 0) break;
        text.append(part.data(), static_cast<std::size_t>(got));
    }
    return text;
}

Printed run_on(CalmWorld& world, std::vector<std::string> words, const Streams& streams,
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
    Terminal terminal(streams, line.common.color, false, line.common.output);
    Session session{world.ports,       world.settings, line.common,          terminal,
                    counting_random(), interrupted,    world.preflight.ports};
    const Environment environment;
    FileSession file{line.common.config, line.common, terminal, environment, interrupted};
    return {line.command ? line.command(session) : line.file_command(file), "", ""};
}

Printed run_line(CalmWorld& world, const std::vector<std::string>& words,
                 const std::atomic<bool>& interrupted) {
    const CaughtStream in;
    const CaughtStream out;
    const CaughtStream err;
    Printed printed = run_on(world, words, {in.get(), out.get(), err.get()}, interrupted);
    printed.out += out.text();
    printed.err += err.text();
    return printed;
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
