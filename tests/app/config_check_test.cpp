#include "cli_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <sstream>

namespace nodenap {
namespace {

using test::CalmWorld;
using test::Printed;
using test::run_line;
using testing::HasSubstr;
using Json = nlohmann::json;

std::string text_of(const std::string& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

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
    EXPECT_EQ(verdict["version"], 1);
    EXPECT_EQ(verdict["ok"], false);
    const Json fault = Json::parse(R"({"line": 2, "key": "cluster.id",
              "message": "must be a string, not a whole number"})");
    EXPECT_THAT(verdict["faults"], testing::Contains(fault));
}

TEST(ConfigCheck, SaysOfOtherCommandsTooWhatIsWrong) {
    CalmWorld world;
    const std::string file = testing::TempDir() + "nodenap_no_toml.toml";
    std::FILE* bad = std::fopen(file.c_str(), "w");
    std::fputs("[cluster]\nid = prod\n", bad);
    std::fclose(bad);
    const Printed printed =
        run_line(world, {"cost", "--offline", "--config", file, "--output", "json"});
    EXPECT_EQ(printed.exit, Exit::usage);
    const Json refusal = Json::parse(printed.out);
    EXPECT_EQ(refusal["version"], 1);
    EXPECT_EQ(refusal["error"]["code"], "configuration");
    EXPECT_EQ(refusal["file"], file);
    EXPECT_EQ(refusal["faults"][0]["line"], 2);
    EXPECT_TRUE(refusal["faults"][0]["key"].is_null());
}

TEST(ConfigInit, WritesTheExampleAndNothingOverAFile) {
    CalmWorld world;
    const std::string file = testing::TempDir() + "nodenap_init.toml";
    std::remove(file.c_str());
    const Printed first = run_line(world, {"config", "init", file});
    EXPECT_EQ(first.exit, Exit::decided) << first.err;
    EXPECT_THAT(first.out, HasSubstr("`nodenap config check --config " + file + "`"));
    EXPECT_EQ(text_of(file), text_of(NODENAP_SOURCE_DIR "/docs/nodenap.example.toml"));
    EXPECT_EQ(run_line(world, {"config", "check", file}).exit, Exit::decided);
    const Printed again = run_line(world, {"config", "init", "--config", file, "-o", "json"});
    EXPECT_EQ(again.exit, Exit::failed);
    EXPECT_THAT(again.err, HasSubstr("exists already and is left as it is"));
    EXPECT_THAT(Json::parse(again.out)["error"]["text"].get<std::string>(), HasSubstr(file));
    EXPECT_EQ(run_line(world, {"config", "init", "/nowhere/x.toml"}).exit, Exit::failed);
}

}  // namespace
}  // namespace nodenap
