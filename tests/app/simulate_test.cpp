#include "app/cli/simulate_scenario.hpp"

#include "cli_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>

namespace nodenap {
namespace {

using test::CalmWorld;
using test::Printed;
using test::run_line;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using Json = nlohmann::json;

const std::string scenarios = std::string(NODENAP_SOURCE_DIR) + "/scenarios";

std::string written(const std::string& text) {
    const std::string file = testing::TempDir() + "nodenap_scenario.toml";
    std::ofstream(file) << text;
    return file;
}

Json told(std::vector<std::string> words) {
    CalmWorld world;
    words.insert(words.begin(), {"simulate", "--output", "json"});
    const Printed printed = run_line(world, words);
    const Json json = Json::parse(printed.out, nullptr, false);
    EXPECT_FALSE(json.is_discarded()) << printed.out << printed.err;
    return json;
}

TEST(Scenarios, OfTheTreeKeepEveryPromise) {
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(scenarios)) {
        const std::string file = entry.path();
        ++files;
        EXPECT_THAT(load_scenario(file).faults, IsEmpty());
        const Json run_result = told({file});
        EXPECT_THAT(run_result["broken"], IsEmpty()) << file << run_result["broken"];
        EXPECT_EQ(run_result["scenario"], entry.path().stem().string());
        EXPECT_FALSE(run_result["about"].get<std::string>().empty()) << file;
        EXPECT_GT(run_result["launches"], 0) << file;
    }
    EXPECT_EQ(files, 8);
}

TEST(Scenarios, OfTheArticleGrowAndShrink) {
    for (const char* name : {"article-stress", "article-nginx"}) {
        const Json run_result = told({scenarios + "/" + name + ".toml"});
        const Json& samples = run_result["samples"];
        int most = 0;
        for (const Json& sample : samples) most = std::max(most, sample["ready"].get<int>());
        EXPECT_GT(most, 2) << name;
        EXPECT_EQ(samples.back()["ready"], 2) << name;
        EXPECT_EQ(samples.back()["waiting_pods"], 0) << name;
    }
}

TEST(Scenarios, APodAsksForNoLessThanNothing) {
    const LoadedScenario loaded = read_scenario("f.toml", R"([scenario]
name = "x"
[[step]]
at = "1m"
deployment = "default/web"
replicas = 1
cpu_millicores = -1
memory_mib = -1
uses_millicores = -9223372036854775808
)");
    const std::vector<std::string> wanted = {
        "f.toml:7: step[0].cpu_millicores: must not be negative",
        "f.toml:8: step[0].memory_mib: must not be negative",
        "f.toml:9: step[0].uses_millicores: must be at most 1000000000"};
    EXPECT_EQ(loaded.faults, wanted);
}

TEST(Scenarios, NameEveryFaultWithItsLine) {
    const LoadedScenario loaded = load_scenario(written(R"([scenario]
length = "9d"
[[step]]
at = "soon"
replicas = -1
colour = "red"
[faults]
no_capacity = 2.0
gremlins = 0.5
[limits]
min_nodes = 5
max_nodes = 3
)"));
    std::string all;
    for (const auto& fault : loaded.faults) all += fault + "\n";
    for (const char* wanted :
         {":1: scenario.name", ":2: scenario.length", ":4: step[0].at", ":5: step[0].replicas",
          ":6: step[0].colour", ":8: faults.no_capacity", ":9: faults.gremlins",
          ":11: limits.min_nodes"}) {
        EXPECT_THAT(all, HasSubstr(wanted));
    }
}

TEST(Scenarios, AStepKeepsWhatItDoesNotName) {
    const LoadedScenario loaded = load_scenario(written(R"([scenario]
name = "x"
[[step]]
at = "1m"
deployment = "a"
replicas = 3
cpu_millicores = 700
[[step]]
at = "2m"
deployment = "b"
replicas = 1
[[step]]
at = "3m"
deployment = "a"
replicas = 5
)"));
    ASSERT_THAT(loaded.faults, IsEmpty());
    ASSERT_THAT(loaded.scenario.steps, SizeIs(3));
    EXPECT_EQ(loaded.scenario.steps[2].deployment.requests.cpu, Millicores{700});
    EXPECT_EQ(loaded.scenario.steps[2].deployment.replicas, 5);
    EXPECT_EQ(loaded.scenario.steps[1].deployment.requests.cpu, Millicores{100});
}

TEST(Simulate, TellsTheSameStoryForTheSameSeed) {
    const Json first = told({"chaos", "--seed", "7", "--trace"});
    EXPECT_EQ(first, told({"chaos", "--seed", "7", "--trace"}));
    EXPECT_NE(first["trace"], told({"chaos", "--seed", "8", "--trace"})["trace"]);
    EXPECT_EQ(first["seed"], 7);
}

TEST(Simulate, GoesThroughTheAdaptersWhereItIsTold) {
    const std::string file = scenarios + "/burst.toml";
    EXPECT_EQ(told({file})["adapters"], false);
    const Json run_result = told({file, "--adapters"});
    EXPECT_EQ(run_result["adapters"], true);
    EXPECT_THAT(run_result["broken"], IsEmpty()) << run_result["broken"];
    EXPECT_GT(run_result["launches"], 0);
    CalmWorld world;
    const Printed one = run_line(world, {"simulate", "chaos", "--seed", "100"});
    EXPECT_THAT(one.out, HasSubstr("chaos, seed 100, through the adapters"));
    const Printed many = run_line(world, {"simulate", "chaos", "--seed", "99", "--seeds", "2"});
    EXPECT_THAT(many.out, HasSubstr("1 seeds ran through the adapters"));
}

TEST(Simulate, IsReadByPeople) {
    CalmWorld world;
    const Printed printed = run_line(world, {"simulate", scenarios + "/article-nginx.toml"});
    EXPECT_EQ(printed.exit, Exit::decided) << printed.err;
    EXPECT_THAT(printed.out, HasSubstr("16 unschedulable pods"));
    EXPECT_THAT(printed.out, HasSubstr("All promises were kept."));
}

TEST(Simulate, ComparesWithTheArticleOnTheSameDice) {
    const Json json = told({"chaos", "--seeds", "10", "--compare", "article"});
    const Json& tallies = json["tallies"];
    ASSERT_THAT(tallies, SizeIs(2));
    EXPECT_EQ(tallies[0]["rules"], "nodenap");
    EXPECT_EQ(tallies[0]["seeds_broken"], 0);
    EXPECT_EQ(tallies[1]["rules"], "article");
    EXPECT_GT(tallies[1]["seeds_broken"], 5);
    EXPECT_GT(tallies[0]["node_hours"], 0);
}

TEST(Simulate, AFingerprintIsTheSameForTheSameSeed) {
    const auto prints = told({"chaos", "--seed", "7", "--seeds", "2", "--fingerprint"});
    ASSERT_THAT(prints["fingerprints"], SizeIs(2));
    EXPECT_EQ(prints["fingerprints"][0]["seed"], 7);
    EXPECT_NE(prints["fingerprints"][0]["fingerprint"], prints["fingerprints"][1]["fingerprint"]);
    EXPECT_EQ(told({"chaos", "--seed", "7", "--seeds", "2", "--fingerprint"}), prints);
}

TEST(Simulate, ManySeedsAloneAreNotSampledAndSayNothingOfHours) {
    const Json json = told({"chaos", "--seeds", "2"});
    EXPECT_GT(json["tallies"][0]["passes"], 0);
    for (const char* name : {"node_hours", "dollars", "pending_pod_seconds"}) {
        EXPECT_TRUE(json["tallies"][0][name].is_null()) << name;
    }
    CalmWorld world;
    EXPECT_THAT(run_line(world, {"simulate", "chaos", "--seeds", "2"}).out,
                AllOf(HasSubstr("PASSES"), Not(HasSubstr("COST"))));
}

TEST(Simulate, TakesThePolicyOfAConfiguration) {
    const std::string own = std::string(NODENAP_SOURCE_DIR) + "/docs/nodenap.example.toml";
    const std::string file = scenarios + "/burst.toml";
    const Json plain = told({file});
    const Json with_own = told({file, "--config", own});
    EXPECT_THAT(with_own["broken"], IsEmpty());
    EXPECT_GT(with_own["launches"], 0) << "it acts, although the file only observes";
    EXPECT_NE(with_own["decisions"], plain["decisions"]);
    for (const auto& [type, count] : with_own["samples"].back()["types"].items()) {
        EXPECT_EQ(type, "t2.small");
    }
    CalmWorld world;
    const Printed chaos = run_line(world, {"simulate", "chaos", "--config", own});
    EXPECT_EQ(chaos.exit, Exit::usage);
    EXPECT_THAT(chaos.err, HasSubstr("name a scenario file"));
    const Printed bad = run_line(world, {"simulate", file, "--config", file});
    EXPECT_EQ(bad.exit, Exit::usage);
    EXPECT_THAT(bad.err, HasSubstr("cluster.id"));
}

TEST(Simulate, PrintsThePartThatRanBeforeItWasInterrupted) {
    CalmWorld world;
    const std::atomic<bool> interrupted{true};
    const std::string file = scenarios + "/burst.toml";
    const Printed one = run_line(world, {"simulate", file}, interrupted);
    EXPECT_EQ(one.exit, Exit::interrupted);
    EXPECT_THAT(one.out, HasSubstr("Interrupted at 00:00:00 of 02:00:00"));
    const Printed json = run_line(world, {"simulate", file, "-o", "json"}, interrupted);
    EXPECT_EQ(Json::parse(json.out)["stopped"], true);
    const Printed many = run_line(world, {"simulate", "chaos", "--seeds", "5"}, interrupted);
    EXPECT_EQ(many.exit, Exit::interrupted);
    EXPECT_THAT(many.err, HasSubstr("interrupted: 0 of 5 seeds ran"));
    const Printed prints =
        run_line(world, {"simulate", "chaos", "--seeds", "5", "--fingerprint"}, interrupted);
    EXPECT_EQ(prints.exit, Exit::interrupted);
}

TEST(Simulate, SaysHowLongPodsWaited) {
    const std::string file = scenarios + "/burst.toml";
    const Json json = told({file});
    EXPECT_GT(json["waited_pods"], 0);
    EXPECT_LE(json["median_wait_seconds"], json["longest_wait_seconds"]);
    EXPECT_GE(json["pending_pod_seconds"], json["longest_wait_seconds"]);
    CalmWorld world;
    EXPECT_THAT(run_line(world, {"simulate", file}).out,
                testing::ContainsRegex("pod-seconds; .* pods waited: median .*, longest "));
    const Json storm = told({scenarios + "/spot-storm.toml"});
    ASSERT_THAT(storm["interruptions"], Not(IsEmpty()));
    EXPECT_FALSE(storm["interruptions"][0]["instance_type"].get<std::string>().empty());
}

TEST(Simulate, SaysWhichFileItCannotRead) {
    CalmWorld world;
    const Printed printed = run_line(world, {"simulate", "/nowhere.toml"});
    EXPECT_EQ(printed.exit, Exit::usage);
    EXPECT_THAT(printed.err, HasSubstr("/nowhere.toml cannot be read"));
}

}  // namespace
}  // namespace nodenap
