#include "sim/world/fiber.hpp"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

TEST(Fiber, SuspendsAndResumes) {
    std::string log;
    Fiber fiber([&] {
        log += "a";
        Fiber::suspend();
        log += "b";
    });
    EXPECT_EQ(log, "");
    fiber.resume();
    EXPECT_EQ(log, "a");
    EXPECT_FALSE(fiber.ended());
    EXPECT_EQ(Fiber::current(), nullptr);
    fiber.resume();
    EXPECT_EQ(log, "ab");
    EXPECT_TRUE(fiber.ended());
}

TEST(Fiber, ManyRunAlternatelyWithTheirOwnVariables) {
    constexpr int turns = 100;
    std::vector<std::unique_ptr<Fiber>> fibers;
    std::vector<int> sums(50, 0);
    for (std::size_t i = 0; i < sums.size(); ++i) {
        fibers.push_back(std::make_unique<Fiber>([&sums, i] {
            int own = 0;
            for (int turn = 0; turn < turns; ++turn) {
                own += static_cast<int>(i);
                Fiber::suspend();
            }
            sums[i] = own;
        }));
    }
    for (int turn = 0; turn <= turns; ++turn) {
        for (const auto& fiber : fibers) fiber->resume();
    }
    for (std::size_t i = 0; i < sums.size(); ++i) EXPECT_EQ(sums[i], static_cast<int>(i) * turns);
}

}  // namespace
}  // namespace nodenap::sim
