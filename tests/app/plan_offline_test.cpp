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
using testing::IsEmpty;
using Json = nlohmann::json;

/// One node of 2 cores with a pod, and three pods of 1 core that wait.
std::string cluster_file() {
    Json list{{"kind", "List"}, {"items", Json::array()}};
    const Json room{{"cpu", "2"}, {"memory", "4Gi"}, {"pods", "110"}};
    list["items"].push_back(
        {{"apiVersion", "v1"},
         {"kind", "Node"},
         {"metadata",
          {{"name", "one"},
           {"labels",
            {{"topology.kubernetes.io/zone", "us-east-1a"},
             {"node.kubernetes.io/instance-type", "t3.medium"}}}}},
         {"status",
          {{"allocatable", room},
           {"capacity", room},
           {"conditions", Json::array({{{"type", "Ready"}, {"status", "True"}}})}}}});
    for (int i = 0; i < 4; ++i) {
        Json pod{
            {"apiVersion", "v1"},
            {"kind", "Pod"},
            {"metadata",
             {{"name", "web-" + std::to_string(i)},
              {"namespace", "shop"},
              {"ownerReferences", Json::array({{{"kind", "ReplicaSet"},
                                                {"name", "web"},
                                                {"uid", "1"},
                                                {"controller", true}}})}}},
            {"spec",
             {{"containers", Json::array({{{"name", "main"},
                                           {"resources", {{"requests", {{"cpu", "1500m"}}}}}}})}}}};
        if (i == 0) pod["spec"]["nodeName"] = "one";
        list["items"].push_back(std::move(pod));
    }
    auto path = testing::TempDir() + "nodenap_plan_offline.json";
    std::ofstream(path) << list.dump();
    return path;
}

Printed plan(CalmWorld& world, std::vector<std::string> words) {
    words.insert(words.begin(), "plan");
    return run_line(world, words);
}

TEST(PlanOffline, AsksNobody) {
    CalmWorld world;
    const auto printed = plan(world, {"--from", cluster_file(), "--types", "t3.medium,m5.large",
                                      "--now", "2026-12-01T12:00:00Z"});
    EXPECT_EQ(printed.exit, Exit::decided) << printed.err;
    EXPECT_THAT(printed.out, HasSubstr("at 2026-12-01 12:00:00 UTC"));
    EXPECT_THAT(printed.out, HasSubstr("3 unschedulable pods: 3 on 3 new nodes [pending_pods]"));
    EXPECT_THAT(printed.out, HasSubstr("workers  t3.medium  us-east-1a  on-demand  3"));
    EXPECT_THAT(printed.out, HasSubstr("Workers cost $34.75 a month, and $138.99 after this "
                                       "(+$104.24)."));
    EXPECT_THAT(printed.out, HasSubstr("Note: CPU use is not known: rules on it are left out."));
    EXPECT_THAT(world.store.writes, IsEmpty());
    EXPECT_EQ(world.fleet.lists, 0);
}

TEST(PlanOffline, AsJsonIsThePlansObject) {
    CalmWorld world;
    const auto printed =
        plan(world, {"--from", cluster_file(), "--types", "t3.medium", "--output", "json"});
    const auto out = Json::parse(printed.out);
    EXPECT_EQ(out["decision"], "scale_up");
    EXPECT_EQ(out["launch"][0]["count"], 3);
    EXPECT_EQ(out["could_remove"], Json::array());
}

TEST(PlanOffline, WithoutTypesItStillSaysWhatCouldGo) {
    CalmWorld world;
    const auto printed = plan(world, {"--from", cluster_file()});
    EXPECT_EQ(printed.exit, Exit::decided);
    EXPECT_THAT(printed.out, HasSubstr("no instance types are known: give --types or --config"));
    EXPECT_THAT(printed.out, HasSubstr("Not counted: 1 worker of an unknown instance type (one)"));
}

TEST(PlanOffline, WrongOptionsAreNamed) {
    struct Row {
        std::vector<std::string> words;
        std::string text;
    };
    const auto file = cluster_file();
    const Row rows[] = {
        {{"--from", file, "--types", "x9.huge"}, "--types x9.huge is not in the catalogue"},
        {{"--from", file, "--now", "noon"}, "--now noon is no time in UTC"},
        {{"--from", file, "--types", "t3.small", "--config", "nodenap.toml"},
         "--types stands in for a configuration"},
        {{"--types", "t3.small"}, "--types requires --from"},
        {{"--from", file, "--assume-cpu", "101"}, "--assume-cpu"},
        {{"--from", "/nowhere.json"}, "/nowhere.json cannot be read"},
    };
    for (const auto& [words, text] : rows) {
        CalmWorld world;
        const auto printed = plan(world, words);
        EXPECT_EQ(printed.exit, Exit::usage) << text;
        EXPECT_THAT(printed.err, HasSubstr(text));
    }
}

}  // namespace
}  // namespace nodenap
