#include "adapters/system/system_clock.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace nodenap {
namespace {

TEST(SystemClock, ReturnsTheWallClock) {
    SystemClock clock;
    const auto apart = std::chrono::system_clock::now() - clock.now();
    EXPECT_LT(std::chrono::abs(apart), std::chrono::seconds(10));
}

TEST(SystemClock, CanBeShifted) {
    SystemClock clock(nullptr, -std::chrono::hours(1));
    const auto behind = std::chrono::system_clock::now() - clock.now();
    EXPECT_GT(behind, std::chrono::minutes(59));
    EXPECT_LT(behind, std::chrono::minutes(61));
}

TEST(SystemClock, SleepsForTheGivenTime) {
    SystemClock clock;
    const auto before = clock.monotonic();
    clock.sleep_for(Milliseconds{150});
    EXPECT_GE(clock.monotonic() - before, Milliseconds{149});
}

TEST(SystemClock, DoesNotSleepForZeroOrLess) {
    SystemClock clock;
    clock.sleep_for(Milliseconds{0});
    clock.sleep_for(Milliseconds{-5000});
}

TEST(SystemClock, WakesWhenItIsInterrupted) {
    std::atomic<bool> interrupted{false};
    SystemClock clock(&interrupted);
    std::thread later([&] {
        std::this_thread::sleep_for(Milliseconds{50});
        interrupted = true;
    });
    clock.sleep_for(std::chrono::hours(1));
    later.join();
    clock.sleep_for(std::chrono::hours(1));  // and stays awake from then on
}

}  // namespace
}  // namespace nodenap
