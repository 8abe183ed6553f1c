#include "cli_world.hpp"

#include "app/version.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nodenap {
namespace {

using test::CalmWorld;
using test::Printed;
using test::run_line;
using testing::HasSubstr;

struct LineCase {
    std::string name;
    std::vector<std::string> words;
    std::string wanted;
};

class BadLine : public testing::TestWithParam<LineCase> {};

TEST_P(BadLine, IsExplained) {
    CalmWorld world;
    const Printed printed = run_line(world, GetParam().words);
    EXPECT_EQ(printed.exit, Exit::usage);
    EXPECT_THAT(printed.err, HasSubstr(GetParam().wanted));
    EXPECT_EQ(printed.out, "");
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadLine,
    testing::Values(
        LineCase{"Nothing", {}, "See `nodenap --help`."},
        LineCase{"Misspelled", {"tik"}, "Did you mean tick?"},
        LineCase{"NoCommand", {"bogus"}, "nodenap: unknown command \"bogus\""},
        LineCase{"NoCommandOfConfig", {"config", "bogus"}, "unknown command \"bogus\""},
        LineCase{"TwoFiles", {"config", "check", "--config", "a", "b"}, "excludes"},
        LineCase{"NoSeed", {"simulate", "chaos", "--seed", "-1"}, "write a whole number"},
        LineCase{"NoOption", {"--bogus"}, "A subcommand is required"},
        LineCase{"NoOptionOfSimulate", {"simulate", "--bogus"}, "scenario is required"},
        LineCase{"TooLong", {"pause", "--for", "99999h"}, "of a year at most"},
        LineCase{"UnknownOption", {"tick", "--outpt"}, "Did you mean --output?"},
        LineCase{"NoDuration", {"run", "--every", "5x"}, "write a duration"},
        LineCase{"NoForm", {"plan", "--output", "xml"}, "must be one of json|table"},
        LineCase{"NoLimit", {"history", "--limit", "0"}, "--limit"},
        LineCase{"ConfigAlone", {"config"}, "See `nodenap config --help`."},
        LineCase{
            "OptionOfAnotherCommand", {"nodes", "--from", "x"}, "See `nodenap nodes --help`."}),
    [](const auto& test) { return test.param.name; });

TEST(Help, OfEveryCommandHasAnExample) {
    for (const char* command :
         {"plan", "tick", "run", "status", "history", "pause", "resume", "unlock"}) {
        CalmWorld world;
        const Printed printed = run_line(world, {command, "--help"});
        EXPECT_EQ(printed.exit, Exit::decided);
        EXPECT_THAT(printed.out, HasSubstr(std::string("Example:\n  nodenap ") + command));
        EXPECT_THAT(printed.out, HasSubstr(std::string("Usage: nodenap ") + command));
    }
}

TEST(Version, IsTheBuildsOwn) {
    const Result<std::string> build =
        read_file(std::string(NODENAP_SOURCE_DIR) + "/CMakeLists.txt");
    ASSERT_TRUE(build);
    EXPECT_THAT(*build, HasSubstr(std::string("project(nodenap VERSION ") + version + " "));
    CalmWorld world;
    EXPECT_EQ(run_line(world, {"--version"}).out, std::string("nodenap ") + version + "\n");
}

}  // namespace
}  // namespace nodenap
