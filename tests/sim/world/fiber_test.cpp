#include "sim/world/fiber.hpp"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

TEST(Fiber, StopsInTheMiddleAndGoesOn) {
    std::string told;
    Fiber fiber([&] {
        told += "a";
        Fiber::suspend();
        told += "b";
    });
    EXPECT_EQ(told, "");
    fiber.resume();
    EXPECT_EQ(told, "a");
    EXPECT_FALSE(fiber.ended());
    EXPECT_EQ(Fiber::current(), nullptr);
    fiber.resume();
    EXPECT_EQ(told, "ab");
    EXPECT_TRUE(fiber.ended());
}

TEST(Fiber, ManyTakeTurnsAndKeepTheirOwnVariables) {
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
