#include "app/cli/command_clock.hpp"

#include "cli_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nodenap {
namespace {

TEST(CommandClock, SleepsAsLongAsAsked) {
    test::FakeClock clock;
    Terminal terminal({}, ColorChoice::never, false);
    const std::atomic<bool> never{false};
    CommandClock watched(clock, terminal, never);
    const Milliseconds before = watched.monotonic();
    watched.sleep_for(Milliseconds(2'500));
    EXPECT_EQ(watched.monotonic() - before, Milliseconds(2'500));
    EXPECT_EQ(watched.now(), test::fake_start + Milliseconds(2'500));
}

TEST(CommandClock, OnceInterruptedEndsTheWaitAndTheInvocationsTime) {
    test::FakeClock clock;
    Terminal terminal({}, ColorChoice::never, false);
    std::atomic<bool> interrupted{false};
    CommandClock watched(clock, terminal, interrupted);
    clock.on_sleep = [&] { interrupted = true; };
    const Milliseconds before = watched.monotonic();
    watched.sleep_for(std::chrono::minutes(2));
    EXPECT_EQ(clock.sleeps.size(), 1U);
    EXPECT_GT(watched.monotonic() - before, longest_invocation);
    EXPECT_EQ(watched.now(), test::fake_start + std::chrono::seconds(1))
        << "records keep real time";
}

}  // namespace
}  // namespace nodenap
