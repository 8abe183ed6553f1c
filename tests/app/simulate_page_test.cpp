#include "app/cli/simulate_page.hpp"

#include "cli_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <fstream>
#include <sstream>

namespace nodenap {
namespace {

using namespace std::chrono_literals;
using test::CalmWorld;
using test::Printed;
using test::run_line;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using Json = nlohmann::json;

const std::string burst = std::string(NODENAP_SOURCE_DIR) + "/scenarios/burst.toml";

sim::Scenario named(const std::string& name) {
    sim::Scenario scenario;
    scenario.name = name;
    scenario.settings = sim::plain_settings();
    return scenario;
}

sim::Sample sample(Milliseconds at, int alive) {
    sim::Sample made;
    made.at = sim::world_begins + at;
    made.alive = alive;
    made.types = {{"t2.small", alive}};
    return made;
}

/// What stands between the marks of the data, as a browser would hand it to the script.
std::string data_text(const std::string& page) {
    const std::string begins = R"(<script type="application/json" id="story">)";
    const auto from = page.find(begins) + begins.size();
    return page.substr(from, page.find("</script>", from) - from);
}

Json data_of(const std::string& page) {
    const Json json = Json::parse(data_text(page), nullptr, false);
    EXPECT_FALSE(json.is_discarded()) << data_text(page);
    return json;
}

std::string file_text(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

TEST(StoryPage, NoTextCanEndTheScriptItStandsIn) {
    auto scenario = named("</script><script>alert(1)</script>");
    scenario.about = "<!-- <script> & \"quotes\" {{story}} \xff";
    const auto page = run_page(scenario, {{}}, "nodenap simulate '</script>'");
    EXPECT_THAT(data_text(page), Not(HasSubstr("<")));
    const Json data = data_of(page);
    EXPECT_EQ(data["scenario"], scenario.name);
    EXPECT_EQ(data["command"], "nodenap simulate '</script>'");
    EXPECT_EQ(data["about"], "<!-- <script> & \"quotes\" {{story}} \xef\xbf\xbd");
    EXPECT_THAT(page, HasSubstr("<title>&lt;/script&gt;&lt;script&gt;alert(1)"));
}

TEST(StoryPage, IsWholeAndAsksNoNetwork) {
    const auto page = run_page(named("x"), {{}}, "nodenap");
    EXPECT_THAT(page, HasSubstr("default-src 'none'"));
    EXPECT_THAT(page, Not(HasSubstr("{{")));
    EXPECT_THAT(page, Not(HasSubstr(".js@")));
    EXPECT_THAT(page, Not(HasSubstr(".css@")));
    EXPECT_THAT(page, Not(HasSubstr("src=")));
    EXPECT_THAT(page, Not(HasSubstr("https://")));
}

TEST(StoryPage, OfAnEmptyStoryHasEmptyLists) {
    const Json data = data_of(run_page(named("x"), {{}}, "nodenap"));
    ASSERT_THAT(data["stories"], SizeIs(1));
    for (const char* list : {"samples", "decisions", "broken"}) {
        EXPECT_THAT(data["stories"][0][list], IsEmpty()) << list;
    }
    EXPECT_EQ(data["stories"][0]["end"], 0);
    EXPECT_THAT(data["faults"], IsEmpty());
    EXPECT_THAT(data["steps"], IsEmpty());
}

TEST(StoryPage, KeepsASampleOnlyWhereSomethingChanges) {
    PolicyRun told;
    told.run_result.samples = {sample(0s, 2), sample(30s, 2), sample(60s, 3), sample(90s, 3)};
    told.run_result.samples[2].cpu_percent = 41.26;
    told.run_result.samples[3].cpu_percent = 41.28;
    const Json run_result = data_of(run_page(named("x"), {told}, "nodenap"))["stories"][0];
    EXPECT_EQ(run_result["samples"],
              Json::parse("[[0,2,0,0,0,0.0,null,[2]],[60,3,0,0,0,0.0,41.3,[3]]]"));
    EXPECT_EQ(run_result["end"], 120);
    const Json types = data_of(run_page(named("x"), {told}, "nodenap"))["types"];
    ASSERT_THAT(types, SizeIs(1));
    EXPECT_EQ(types[0]["name"], "t2.small");
    EXPECT_GT(types[0]["price_per_hour_usd"], 0.02);
}

TEST(StoryPage, NamesBrokenPromisesFaultsAndLoad) {
    auto scenario = named("x");
    scenario.faults.no_capacity = 0.3;
    scenario.steps = {{10min, {"default/web", 12, {Millicores{500}, Mebibytes{400}}, {}}}};
    PolicyRun told;
    told.rules = sim::Rules::baseline;
    told.run_result.breaches = {{"I1", sim::world_begins + 90s, "a server was terminated"}};
    const Json data = data_of(run_page(scenario, {told}, "nodenap"));
    EXPECT_EQ(data["faults"], Json::parse(R"([{"name":"no_capacity","chance":0.3}])"));
    EXPECT_EQ(data["steps"][0]["at"], 600);
    EXPECT_EQ(data["steps"][0]["replicas"], 12);
    EXPECT_EQ(data["stories"][0]["rules"], "article");
    EXPECT_EQ(data["stories"][0]["broken"],
              Json::parse(R"([{"at":90,"promise":"I1","text":"a server was terminated"}])"));
}

TEST(StoryPage, SaysWhatADecisionSawDidAndWhy) {
    Record record;
    record.plan.now = sim::world_begins + 42s;
    record.plan.reasons = {{ReasonCode::pending_pods, "3 pods wait"},
                           {ReasonCode::no_capacity, "one offer rests"}};
    record.plan.signals.pending_pods = 3;
    record.done = {{"launch", "i-1", "launched"},
                   {"launch", "i-2", "launched"},
                   {"launch", "n-3", "refused", "none left"},
                   {"launch", "n-4", "refused", "none left"},
                   {"terminate", "i-4", "terminated"},
                   {"adopt", "i-5", "adopted"}};
    PolicyRun told;
    told.run_result.decisions = {record};
    const Json run_result = data_of(run_page(named("x"), {told}, "nodenap"))["stories"][0];
    const Json& decision = run_result["decisions"][0];
    EXPECT_EQ(decision["at"], 42);
    EXPECT_EQ(decision["launched"], 2);
    EXPECT_EQ(decision["removed"], 1);
    EXPECT_EQ(decision["refused"], 2);
    EXPECT_EQ(decision["settled"], 1);
    EXPECT_EQ(decision["saw"], "3 pending, 0 ready");
    EXPECT_EQ(decision["did"],
              "launched i-1, i-2; terminated i-4; took over i-5; "
              "launch refused: none left (2 times)");
    EXPECT_EQ(decision["why"], Json::parse(R"(["3 pods wait", "one offer rests"])"));
}

TEST(StoryPage, NamesInterruptionsAndWaits) {
    PolicyRun told;
    told.run_result.interruptions = {{sim::world_begins + 5min, "i-7", "t3.small"}};
    told.run_result.waited_pods = 3;
    told.run_result.median_wait_seconds = 90;
    told.run_result.longest_wait_seconds = 240;
    const Json run_result = data_of(run_page(named("x"), {told}, "nodenap"))["stories"][0];
    EXPECT_EQ(run_result["interruptions"],
              Json::parse(R"([{"at": 300, "instance": "i-7", "type": "t3.small"}])"));
    EXPECT_EQ(run_result["waited_pods"], 3);
    EXPECT_EQ(run_result["median_wait_seconds"], 90);
    EXPECT_EQ(run_result["longest_wait_seconds"], 240);
}

TEST(StoryPage, OfAWeekThatChangesAllTheTimeIsBelowTwoMegabytes) {
    PolicyRun told;
    for (int i = 0; i < 7 * 24 * 120; ++i) {
        told.run_result.samples.push_back(sample(i * sim::sampled_every, 10 + i % 90));
        told.run_result.samples.back().cpu_percent = 30 + i % 41;
    }
    Record record;
    record.plan.reasons = {
        {ReasonCode::pending_pods, "41 unschedulable pods: 500m CPU each"},
        {ReasonCode::no_capacity, "every suitable offering is in backoff for 6m"}};
    record.done = {{"launch", "i-0a1b2c3d4e5f60718", "launched"},
                   {"launch", "i-0a1b2c3d4e5f60719", "launched"}};
    told.run_result.decisions.assign(3000, record);
    const auto page = run_page(named("x"), {told}, "nodenap");
    EXPECT_GT(page.size(), 1'000'000U);
    EXPECT_LT(page.size(), 2'000'000U);
}

TEST(ShellWord, IsQuotedWhereAShellWouldReadMore) {
    EXPECT_EQ(shell_word("scenarios/a-b_1.toml"), "scenarios/a-b_1.toml");
    EXPECT_EQ(shell_word("my file"), "'my file'");
    EXPECT_EQ(shell_word("it's"), R"('it'\''s')");
    EXPECT_EQ(shell_word("$(x)"), "'$(x)'");
    EXPECT_EQ(shell_word(""), "''");
}

TEST(SimulateHtml, WritesThePageBesideWhatIsPrinted) {
    const std::string file = testing::TempDir() + "nodenap_story.html";
    CalmWorld world;
    const Printed plain = run_line(world, {"simulate", burst, "--seed", "7"});
    const Printed both = run_line(world, {"simulate", burst, "--seed", "7", "--html", file});
    EXPECT_EQ(both.exit, Exit::decided) << both.err;
    EXPECT_EQ(both.out, plain.out);
    const Json data = data_of(file_text(file));
    EXPECT_EQ(data["scenario"], "burst");
    EXPECT_EQ(data["seed"], "7");
    EXPECT_EQ(data["command"], "nodenap simulate " + burst + " --seed 7");
    ASSERT_THAT(data["stories"], SizeIs(1));
    const Printed json = run_line(world, {"simulate", burst, "--seed", "7", "--output", "json"});
    const Json told = Json::parse(json.out);
    const Json& run_result = data["stories"][0];
    EXPECT_NEAR(run_result["dollars"].get<double>(), told["dollars"].get<double>(), 1e-4);
    EXPECT_EQ(run_result["decisions"].size(), told["decisions"].size());
}

TEST(SimulateHtml, HasBothStoriesWhereTheyAreCompared) {
    const std::string file = testing::TempDir() + "nodenap_compared.html";
    CalmWorld world;
    const Printed printed =
        run_line(world, {"simulate", burst, "--compare", "article", "--html", file});
    EXPECT_EQ(printed.exit, Exit::decided) << printed.err;
    EXPECT_THAT(printed.out, HasSubstr("article"));
    const Json data = data_of(file_text(file));
    ASSERT_THAT(data["stories"], SizeIs(2));
    EXPECT_EQ(data["stories"][0]["rules"], "nodenap");
    EXPECT_EQ(data["stories"][1]["rules"], "article");
    EXPECT_THAT(data["stories"][0]["decisions"], Not(IsEmpty()));
    EXPECT_THAT(data["stories"][1]["decisions"], IsEmpty());
    EXPECT_THAT(data["command"].get<std::string>(), HasSubstr("--compare article"));
}

TEST(SimulateHtml, IsOfOneSeedAndOfAFileThatCanBeWritten) {
    CalmWorld world;
    const Printed many = run_line(world, {"simulate", burst, "--seeds", "3", "--html", "x.html"});
    EXPECT_EQ(many.exit, Exit::usage);
    const Printed nowhere = run_line(world, {"simulate", burst, "--html", "/nowhere/x.html"});
    EXPECT_EQ(nowhere.exit, Exit::failed);
    EXPECT_THAT(nowhere.err, HasSubstr("/nowhere/x.html cannot be written"));
}

}  // namespace
}  // namespace nodenap
