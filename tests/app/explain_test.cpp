#include "cli_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace nodenap {
namespace {

using test::CalmWorld;
using test::Printed;
using test::run_line;
using testing::HasSubstr;
using Json = nlohmann::json;

const std::string recorded =
    std::string(NODENAP_SOURCE_DIR) + "/tests/fixtures/kubernetes/kubectl_get.json";
const std::string example = std::string(NODENAP_SOURCE_DIR) + "/docs/nodenap.example.toml";

Printed explain(std::vector<std::string> words) {
    CalmWorld world;
    words.insert(words.begin(), "explain");
    return run_line(world, words);
}

std::string file_of(const std::string& name, const std::string& text) {
    auto path = testing::TempDir() + name;
    std::ofstream(path) << text;
    return path;
}

TEST(Explain, PodsFromWhatKubectlPrints) {
    const auto printed = explain({"pods", "--from", recorded});
    EXPECT_EQ(printed.exit, Exit::decided);
    EXPECT_THAT(printed.out, HasSubstr("shop/gated\n  no launch     has the scheduling gate "
                                       "example.com/wait\n"));
    EXPECT_THAT(printed.out, HasSubstr("  does not fit  i-0b: the node is cordoned\n"));
    EXPECT_THAT(printed.err, HasSubstr("passed over 2 objects of kind \"Service\""));
}

TEST(Explain, PodsAsJsonWithTheConfigurationsPools) {
    const auto printed =
        explain({"pods", "--from", recorded, "--config", example, "--output", "json"});
    ASSERT_EQ(printed.exit, Exit::decided) << printed.err;
    const auto out = Json::parse(printed.out);
    EXPECT_EQ(out["version"], 1);
    const auto& pod = out["pods"][0];
    EXPECT_EQ(pod["pod"], "shop/budgeted");
    EXPECT_EQ(pod["why_not"]["i-0b"], "the node is cordoned");
    EXPECT_TRUE(pod["fits"].is_array());
    EXPECT_TRUE(pod["pools"].contains("workers"));
}

TEST(Explain, NodesAsTableAndJson) {
    const auto table = explain({"nodes", "--from", recorded});
    EXPECT_EQ(table.exit, Exit::decided);
    EXPECT_THAT(table.out, HasSubstr("NODE  REMOVABLE  BECAUSE"));
    EXPECT_THAT(table.out, HasSubstr("i-0b  no         is cordoned by someone else"));
    const auto out = Json::parse(explain({"nodes", "--from", recorded, "-o", "json"}).out);
    EXPECT_EQ(out["nodes"][1], (Json{{"node", "i-0b"},
                                     {"ours", true},
                                     {"removable", false},
                                     {"reason", "is cordoned by someone else"}}));
}

TEST(Explain, ReadsSeveralFiles) {
    const auto pods = file_of("nodenap_pods.json", R"({"kind":"List","items":[
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":"a"},"spec":{}}]})");
    const auto nodes = file_of("nodenap_nodes.json", R"({"kind":"List","items":[
        {"apiVersion":"v1","kind":"Node","metadata":{"name":"one"},
         "status":{"allocatable":{"cpu":"1","memory":"1Gi","pods":"10"}}}]})");
    EXPECT_THAT(explain({"pods", "--from", pods, nodes}).out,
                HasSubstr("a/web\n  fits on       one"));
    EXPECT_THAT(explain({"pods", "--from", pods}).err, HasSubstr("no Nodes were read"));
    EXPECT_THAT(explain({"nodes", "--from", nodes}).err, HasSubstr("no Pods were read"));
    EXPECT_EQ(explain({"pods", "--from", nodes}).out, "No pending pods.\n");
    EXPECT_EQ(explain({"nodes", "--from", pods}).out, "No nodes.\n");
}

TEST(Explain, NamesWhatItCannotRead) {
    const auto broken = file_of("nodenap_broken.json", "{\"kind\":\"List\",");
    const auto quantity = file_of("nodenap_quantity.json", R"({"kind":"List","items":[
        {"apiVersion":"v1","kind":"Node","metadata":{"name":"one"},
         "status":{"allocatable":{"cpu":"1x"}}}]})");
    for (const auto& [file, told] :
         {std::pair(broken, broken), std::pair(quantity, std::string("\"1x\" is not a quantity")),
          std::pair(std::string("/nowhere.json"), std::string("/nowhere.json cannot be read"))}) {
        const auto printed = explain({"pods", "--from", file});
        EXPECT_EQ(printed.exit, Exit::usage);
        EXPECT_THAT(printed.err, HasSubstr(told));
        const auto json = explain({"nodes", "--from", file, "--output", "json"});
        EXPECT_THAT(std::string(Json::parse(json.out)["error"]["text"]), HasSubstr(told));
    }
}

TEST(Explain, TakesAConfigurationThatNobodyCarriesOut) {
    const auto offline = file_of("nodenap_offline.toml", R"(
[cluster]
id = "c"
[aws]
region = "us-east-1"
[metrics]
url = "http://10.0.0.1:30090"
[state]
dynamodb_table = "nodenap"
[limits]
max_nodes = 100000
max_launches_per_pass = 100000
max_launches_per_hour = 100000
[[pool]]
name = "workers"
launch_template = "lt-0123456789abcdef0"
launch_template_version = "1"
subnets = ["subnet-zone-a"]
zones = ["zone-a"]
instance_types = ["t3.small"]
max_nodes = 100000
)");
    EXPECT_EQ(explain({"pods", "--from", recorded, "--config", offline}).exit, Exit::decided);
    const auto wrong = file_of("nodenap_wrong.toml", "[cluster]\nid = 7\n");
    const auto printed = explain({"pods", "--from", recorded, "--config", wrong});
    EXPECT_EQ(printed.exit, Exit::usage);
    EXPECT_THAT(printed.err, HasSubstr("cluster.id"));
}

TEST(Explain, SteersNoTerminal) {
    const auto hostile = file_of("nodenap_hostile.json", R"({"kind":"List","items":[
        {"apiVersion":"v1","kind":"Pod",
         "metadata":{"name":"\u001b]0;t\u0007","namespace":"\u202e"},
         "spec":{"nodeSelector":{"\u001b[41m":"\u009b"}}},
        {"apiVersion":"v1","kind":"Node","metadata":{"name":"\u001b[1m"}}]})");
    for (const auto* what : {"pods", "nodes"}) {
        for (const auto* form : {"table", "json"}) {
            const auto printed = explain({what, "--from", hostile, "--output", form});
            EXPECT_THAT(printed.out + printed.err, testing::Not(HasSubstr("\033"))) << what;
            EXPECT_THAT(printed.out + printed.err, testing::Not(HasSubstr("\u202e"))) << what;
        }
    }
}

}  // namespace
}  // namespace nodenap
