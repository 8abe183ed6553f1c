#include "base/result.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace nodenap::test {
namespace {

TEST(Result, HoldsAValue) {
    Result<std::string> result(std::string("value"));
    ASSERT_TRUE(result);
    EXPECT_EQ(*result, "value");
    EXPECT_EQ(result->size(), 5u);
    *result += "!";
    result->append("?");
    EXPECT_EQ(std::as_const(result)->size(), 7u);
    EXPECT_EQ(*std::as_const(result), "value!?");
}

TEST(Result, MovesMoveOnlyValues) {
    Result<std::unique_ptr<int>> result(std::make_unique<int>(7));
    const std::unique_ptr<int> taken = *std::move(result);
    EXPECT_EQ(*taken, 7);
}

TEST(Result, HoldsAnError) {
    const Result<int> result(Error{ErrorKind::no_capacity, "none left", "InsufficientCapacity"});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error(), (Error{ErrorKind::no_capacity, "none left", "InsufficientCapacity"}));
}

TEST(Result, CanHoldAnErrorAsValue) {
    EXPECT_TRUE(Status(Done{}));
    EXPECT_FALSE(Status(Error{ErrorKind::denied, "no right"}));
    EXPECT_EQ(Done{}, Done{});
}

TEST(ResultDeathTest, ReadingTheWrongSideAborts) {
    EXPECT_DEATH({ [[maybe_unused]] const int v = *Result<int>(Error{}); }, "index");
    EXPECT_DEATH({ [[maybe_unused]] const auto e = Result<int>(1).error(); }, "index");
}

}  // namespace
}  // namespace nodenap::test
