#include "cli_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace nodenap {
namespace {

using test::CalmWorld;
using test::Printed;
using test::run_line;
using testing::HasSubstr;
using Json = nlohmann::json;

TEST(ConfigCheck, SaysOfAGoodFileWhatItMeans) {
    CalmWorld world;
    const std::string file = std::string(NODENAP_SOURCE_DIR) + "/docs/nodenap.example.toml";
    const Printed printed = run_line(world, {"config", "check", "--config", file});
    EXPECT_EQ(printed.exit, Exit::decided);
    EXPECT_THAT(printed.out, HasSubstr("is valid.\n\nCLUSTER  prod\n"));
    EXPECT_THAT(printed.out, HasSubstr("nodes    2 to 10"));
}

TEST(ConfigCheck, TakesTheFileWithoutItsOptionToo) {
    CalmWorld world;
    const std::string file = std::string(NODENAP_SOURCE_DIR) + "/docs/nodenap.example.toml";
    EXPECT_THAT(run_line(world, {"config", "check", file}).out, HasSubstr(file + " is valid."));
}

TEST(ConfigCheck, SaysOfAnEmptyFileWhatItLacks) {
    CalmWorld world;
    const std::string file = testing::TempDir() + "nodenap_empty.toml";
    std::fclose(std::fopen(file.c_str(), "w"));
    const Printed printed = run_line(world, {"config", "check", file});
    EXPECT_EQ(printed.exit, Exit::usage);
    EXPECT_THAT(printed.out, HasSubstr("cluster.id"));
}

TEST(ConfigCheck, NamesEveryFaultAndTheirNumber) {
    CalmWorld world;
    const std::string file = testing::TempDir() + "nodenap_bad.toml";
    std::FILE* bad = std::fopen(file.c_str(), "w");
    std::fputs("[cluster]\nid = 3\n[limit]\n", bad);
    std::fclose(bad);
    const Printed printed = run_line(world, {"config", "check", "--config", file});
    EXPECT_EQ(printed.exit, Exit::usage);
    EXPECT_THAT(printed.out, HasSubstr(file + ":2: cluster.id: must be a string"));
    EXPECT_THAT(printed.out, HasSubstr(file + ":3: limit: is not a known key"));
    EXPECT_THAT(printed.err, HasSubstr("faults in " + file));
    const Json verdict =
        Json::parse(run_line(world, {"config", "check", "--config", file, "--output", "json"}).out);
    EXPECT_EQ(verdict["ok"], false);
}

}  // namespace
}  // namespace nodenap
