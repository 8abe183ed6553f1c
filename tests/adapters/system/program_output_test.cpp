#include "adapters/system/program_output.hpp"

#include "adapters/system/system_clock.hpp"

#include <gtest/gtest.h>

namespace nodenap {
namespace {

Result<std::string> run(const std::vector<std::string>& words) {
    SystemClock clock(nullptr);
    return program_output(words, clock);
}

TEST(ProgramOutput, ReturnsStandardOutput) {
    const auto got = run({"/bin/sh", "-c", "printf '%s|' \"$0\" a 'b c'", "zero"});
    ASSERT_TRUE(got);
    EXPECT_EQ(*got, "zero|a|b c|");
    EXPECT_EQ(*run({"true"}), "");
}

TEST(ProgramOutput, FailureIsReportedWithoutOutput) {
    const auto failed = run({"/bin/sh", "-c", "echo canary; exit 3"});
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind, ErrorKind::denied);
    EXPECT_EQ(failed.error().text, "exited with status 3");
    EXPECT_EQ(run({"/bin/sh", "-c", "kill -9 $$"}).error().text, "exited with status 137");
}

TEST(ProgramOutput, MissingProgramHasItsOwnCode) {
    const auto missing = run({"no-program-is-called-so"});
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, program_missing);
}

TEST(ProgramOutput, StopsAtTooMuchOutput) {
    const auto endless = run({"/bin/sh", "-c", "while :; do echo canary; done"});
    ASSERT_FALSE(endless);
    EXPECT_EQ(endless.error().text, "took longer than two minutes or wrote too much");
}

}  // namespace
}  // namespace nodenap
