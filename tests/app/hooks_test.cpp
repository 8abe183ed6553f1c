#include "app/hooks.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>

namespace nodenap {
namespace {

/// This program is one for tests: it is linked with the hooks on.
Environment with(const std::string& variable, const std::string& text) {
    return environment_from([&](const std::string& name) -> std::optional<std::string> {
        return name == variable ? std::optional(text) : std::nullopt;
    });
}

TEST(Hooks, AKillPointIsExactOrNone) {
    for (const char* text : {"", "3", "before", "0:before", "-1:after", "3:later", "3:before "}) {
        EXPECT_FALSE(with("NODENAP_TEST_KILL_AT", text).on_call) << text;
    }
    EXPECT_TRUE(with("NODENAP_TEST_KILL_AT", "1:before").has_test_hooks());
}

TEST(HooksDeathTest, DiesAtTheKillPointAndNotBefore) {
    const Environment environment = with("NODENAP_TEST_KILL_AT", "2:after");
    ASSERT_TRUE(environment.on_call);
    const auto three_calls = [&] {
        environment.on_call(true);
        environment.on_call(false);
        environment.on_call(true);
        std::fputs("second sent", stderr);
        environment.on_call(false);
        std::fputs("too late", stderr);
    };
    EXPECT_EXIT(three_calls(), testing::KilledBySignal(SIGKILL), "second sent$");
}

TEST(Hooks, AWrongClockIsWrongByWholeSeconds) {
    const auto off = [](const std::string& text) {
        return with("NODENAP_TEST_CLOCK_OFF_S", text).clock_wrong_by;
    };
    EXPECT_EQ(with("", "").clock_wrong_by, Milliseconds{0});
    EXPECT_EQ(off("-60"), Milliseconds{-60'000});
    EXPECT_EQ(off("60s"), Milliseconds{0});
    for (const char* absurd : {"9223372036854775807", "-9223372036854775808", "31622400"}) {
        EXPECT_EQ(off(absurd), Milliseconds{0});
    }
}

}  // namespace
}  // namespace nodenap
