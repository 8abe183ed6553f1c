#include "app/version.hpp"
#include "cli_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nodenap {
namespace {

using test::CalmWorld;
using test::run_line;
using testing::HasSubstr;

TEST(Help, OfACommandIsWhatItsOptionPrints) {
    CalmWorld world;
    EXPECT_EQ(run_line(world, {"help", "plan"}).out, run_line(world, {"plan", "--help"}).out);
    EXPECT_THAT(run_line(world, {"help"}).out, HasSubstr("Subcommands:"));
    const auto unknown = run_line(world, {"help", "grow"});
    EXPECT_EQ(unknown.exit, Exit::usage);
    EXPECT_THAT(unknown.err, HasSubstr("unknown command \"grow\""));
}

TEST(Version, IsACommandToo) {
    CalmWorld world;
    EXPECT_EQ(run_line(world, {"version"}).out, std::string("nodenap ") + version + "\n");
}

}  // namespace
}  // namespace nodenap
