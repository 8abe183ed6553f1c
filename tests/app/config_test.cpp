#include "config_file.hpp"

#include "app/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <tuple>

namespace nodenap {
namespace {

using test::good_file;
using test::good_with;
using testing::ElementsAre;
using testing::IsEmpty;

LoadedConfig read(const std::string& text, Program program = Program::command) {
    return read_config({.file = "f.toml", .text = text, .region = "", .program = program});
}

TEST(Config, AFileOfTheNecessaryIsTheDefaultsOfTheStructs) {
    const LoadedConfig loaded = read(std::string(good_file), Program::function);
    ASSERT_THAT(loaded.faults, IsEmpty());
    const Settings& settings = loaded.settings;
    EXPECT_EQ(settings.cluster, "prod");
    EXPECT_EQ(settings.region, "us-east-1");
    EXPECT_EQ(settings.metrics.url, "http://10.0.1.10:30090");
    EXPECT_EQ(settings.state.dynamodb_table, "nodenap");
    EXPECT_EQ(settings.state.sqlite_path, "");
    ASSERT_EQ(settings.policy.pools.size(), 1U);
    const Pool& pool = settings.policy.pools[0];
    ASSERT_EQ(pool.subnets.size(), 2U);
    EXPECT_EQ(pool.subnets[1].id, "subnet-0000000b");
    EXPECT_EQ(settings.policy.mode, Mode::observe) << "what says no mode is not let loose";
    EXPECT_FALSE(settings.mode_named);
    EXPECT_EQ(pool.subnets[1].zone, "us-east-1b");
    EXPECT_THAT(pool.instance_types, ElementsAre("t2.small"));
}

TEST(Config, EveryValueOfTheFileReachesTheSettings) {
    const LoadedConfig loaded = read(R"(
[cluster]
id = "x"
mode = "add_only"
[aws]
region = "eu-west-1"
[limits]
min_nodes = 1
max_nodes = 7
max_price_per_hour_usd = 2
max_launches_per_pass = 3
max_launches_per_hour = 4
[scale_up]
cpu_above_percent = 80.5
memory_above_percent = 85
cpu_window = "5m"
pending_for = "30s"
join_timeout = "1h30m"
[scale_down]
cpu_below_percent = 20
requested_below_percent = 40
unneeded_for = "6m"
cooldown = "7m"
drain_timeout = "8m"
max_removals_per_pass = 2
max_empty_removals_per_pass = 3
victim = "oldest"
without_drain = "any"
[metrics]
url = "https://prometheus:9090/p"
timeout = "500ms"
max_age = "1m"
matcher = "c='d'"
cpu_query = "a"
memory_query = "b"
pending_query = "c"
[state]
sqlite = "x.db"
[reserve]
cpu_millicores = 200
memory_mib = 400
price_per_hour_usd = 0.01
[relook]
every = "1s"
for = "10s"
[[pool]]
name = "p"
launch_template = "lt-00000001"
launch_template_version = "9"
subnets = ["subnet-00000001"]
zones = ["eu-west-1c"]
instance_types = ["custom.big", "t2.small"]
capacity = "spot-then-on-demand"
min_nodes = 1
max_nodes = 5
max_pods = 50
labels = { tier = "web" }
taints = ["a=b:NoExecute"]
[[instance_type]]
name = "custom.big"
vcpu = 8
memory_mib = 16384
price_per_hour_usd = 0.3
baseline_percent = 20
max_pods = 60
[[instance_type]]
name = "t2.small"
vcpu = 3
memory_mib = 3000
price_per_hour_usd = 1
)");
    ASSERT_THAT(loaded.faults, IsEmpty());
    const Settings& s = loaded.settings;
    const Policy& p = s.policy;
    using std::chrono::minutes;
    using std::chrono::seconds;
    EXPECT_EQ(p.mode, Mode::add_only);
    EXPECT_TRUE(s.mode_named);
    EXPECT_EQ(p.limits.min_nodes, 1);
    EXPECT_EQ(p.limits.max_nodes, 7);
    EXPECT_EQ(p.limits.max_price_per_hour_usd, 2);
    EXPECT_EQ(p.limits.max_launches_per_pass, 3);
    EXPECT_EQ(p.limits.max_launches_per_hour, 4);
    EXPECT_EQ(p.scale_up.cpu_above_percent, 80.5);
    EXPECT_EQ(p.scale_up.memory_above_percent, 85);
    EXPECT_EQ(p.scale_up.cpu_window, minutes(5));
    EXPECT_EQ(p.scale_up.pending_for, seconds(30));
    EXPECT_EQ(p.scale_up.join_timeout, minutes(90));
    EXPECT_EQ(p.scale_down.cpu_below_percent, 20);
    EXPECT_EQ(p.scale_down.requested_below_percent, 40);
    EXPECT_EQ(p.scale_down.unneeded_for, minutes(6));
    EXPECT_EQ(p.scale_down.cooldown, minutes(7));
    EXPECT_EQ(p.scale_down.drain_timeout, minutes(8));
    EXPECT_EQ(p.scale_down.max_removals_per_pass, 2);
    EXPECT_EQ(p.scale_down.max_empty_removals_per_pass, 3);
    EXPECT_EQ(p.scale_down.victim, Victim::oldest);
    EXPECT_EQ(p.scale_down.without_drain, WithoutDrain::any);
    EXPECT_EQ(s.metrics.timeout, Milliseconds(500));
    EXPECT_EQ(s.metrics.max_age, minutes(1));
    EXPECT_EQ(s.metrics.matcher, "c='d'");
    EXPECT_EQ(s.metrics.cpu_query, "a");
    EXPECT_EQ(s.metrics.memory_query, "b");
    EXPECT_EQ(s.metrics.pending_query, "c");
    EXPECT_EQ(s.state.sqlite_path, "x.db");
    EXPECT_EQ(p.reserve.cpu.value, 200);
    EXPECT_EQ(p.reserve.memory.value, 400);
    EXPECT_EQ(p.reserve.price_per_hour_usd, 0.01);
    EXPECT_EQ(s.relook.every, seconds(1));
    EXPECT_EQ(s.relook.span, seconds(10));
    EXPECT_EQ(p.pools[0].capacity, CapacityChoice::spot_then_on_demand);
    EXPECT_EQ(p.pools[0].max_pods, 50);
    EXPECT_EQ(p.pools[0].labels.at("tier"), "web");
    EXPECT_THAT(p.pools[0].taints, ElementsAre("a=b:NoExecute"));
    const InstanceType* added = find_type(p, "custom.big");
    ASSERT_NE(added, nullptr);
    EXPECT_EQ(added->vcpu, 8);
    EXPECT_EQ(added->baseline_percent, 20);
    EXPECT_EQ(added->architecture, "x86_64");
    const InstanceType* replaced = find_type(p, "t2.small");
    ASSERT_NE(replaced, nullptr);
    EXPECT_EQ(replaced->memory.value, 3000);
    EXPECT_EQ(p.catalogue.size(), built_in_instance_types().size() + 1);
}

TEST(Config, ADirectoryIsNoFile) {
    const auto text = read_file("/");
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().text, "/ cannot be read: Is a directory");
}

TEST(Config, ATextOfManyLinesMayHoldLettersOfAnyScript) {
    const char* query = "[metrics]\ncpu_query = \"\"\"\\\n  \u00e9\u3042\u025e\"\"\"\n";
    const auto loaded = read(good_with("[metrics]\n", query), Program::function);
    ASSERT_THAT(loaded.faults, IsEmpty());
    EXPECT_EQ(loaded.settings.metrics.cpu_query, "\u00e9\u3042\u025e");
}

TEST(Config, TheCatalogueIsBuiltInWhole) {
    const auto types = built_in_instance_types();
    EXPECT_EQ(types.size(), 189U);
    const auto* small = types.find("t2.small");
    ASSERT_NE(small, nullptr);
    EXPECT_EQ(small->vcpu, 1);
    EXPECT_EQ(small->memory.value, 2048);
    EXPECT_EQ(small->baseline_percent, 20);
    EXPECT_EQ(small->price_per_hour_usd, 0.023);
}

TEST(Config, WhatARegionSellsIsBuiltIn) {
    EXPECT_FALSE(is_sold("t2.small", "eu-north-1"));
    EXPECT_TRUE(is_sold("t2.small", "us-east-1"));
    EXPECT_TRUE(is_sold("t3.small", "eu-north-1"));
    EXPECT_FALSE(is_sold("m7i-flex.large", "me-south-1"));
    EXPECT_TRUE(is_sold("x9.huge", "of-no-list"));
    auto file = good_with("\"us-east-1a\", \"us-east-1b\"", "\"eu-north-1a\", \"eu-north-1b\"");
    file.replace(file.find("us-east-1"), 9, "eu-north-1");
    EXPECT_EQ(read(file, Program::command).faults.size(), 1U);
    EXPECT_THAT(read(file, Program::function).faults, IsEmpty())
        << "a list that may be old does not stop a function";
}

TEST(Config, TheExampleHasEveryKeyAtItsDefault) {
    const std::string file = std::string(NODENAP_SOURCE_DIR) + "/docs/nodenap.example.toml";
    const Result<std::string> text = read_file(file);
    ASSERT_TRUE(text);
    // As it stands, and with the lines of its commented keys made real.
    const LoadedConfig loaded = read(*text, Program::function);
    ASSERT_THAT(loaded.faults, IsEmpty());
    const LoadedConfig bare = read(std::string(good_file), Program::function);
    const auto tied = [](const Settings& settings) {
        const Policy& p = settings.policy;
        const Pool& pool = p.pools.at(0);
        return std::tuple_cat(
            std::tuple(settings.cluster, settings.region, p.mode, p.limits.min_nodes,
                       p.limits.max_nodes, p.limits.max_price_per_hour_usd,
                       p.limits.max_launches_per_pass, p.limits.max_launches_per_hour),
            std::tuple(p.scale_up.cpu_above_percent, p.scale_up.memory_above_percent,
                       p.scale_up.cpu_window, p.scale_up.pending_for, p.scale_up.join_timeout),
            std::tuple(p.scale_down.cpu_below_percent, p.scale_down.requested_below_percent,
                       p.scale_down.unneeded_for, p.scale_down.cooldown, p.scale_down.drain_timeout,
                       p.scale_down.max_removals_per_pass, p.scale_down.max_empty_removals_per_pass,
                       p.scale_down.victim, p.scale_down.without_drain),
            std::tuple(settings.metrics.url, settings.metrics.timeout, settings.metrics.max_age,
                       settings.metrics.cpu_query, settings.metrics.memory_query,
                       settings.metrics.pending_query, settings.state.dynamodb_table,
                       settings.relook.every, settings.relook.span),
            std::tuple(p.reserve.cpu, p.reserve.memory, p.reserve.price_per_hour_usd, pool.name,
                       pool.launch_template, pool.launch_template_version, pool.instance_types),
            std::tuple(pool.capacity, pool.min_nodes, pool.max_nodes, pool.max_pods, pool.labels,
                       pool.taints, p.catalogue.size()));
    };
    EXPECT_EQ(tied(loaded.settings), tied(bare.settings));
}

TEST(Config, TheExamplesCommentedKeysAreRealOnes) {
    const Result<std::string> text =
        read_file(std::string(NODENAP_SOURCE_DIR) + "/docs/nodenap.example.toml");
    ASSERT_TRUE(text);
    std::string uncommented;
    std::istringstream lines(*text);
    for (std::string line; std::getline(lines, line);) {
        const bool is_key = line.starts_with("# ") && line.find(" = ") != std::string::npos &&
                            line.find("nodenap config") == std::string::npos;
        const bool is_type = line == "# [[instance_type]]";
        uncommented += (is_key || is_type ? line.substr(2) : line) + "\n";
    }
    EXPECT_THAT(read(uncommented).faults,
                ElementsAre(testing::HasSubstr(
                    "state.sqlite: cannot be set together with dynamodb_table")));
}

TEST(Config, AFileThatNamesNoStoreIsRefused) {
    const std::string text = good_with("[state]\ndynamodb_table = \"nodenap\"\n", "");
    EXPECT_THAT(read(text).faults,
                ElementsAre("f.toml:1: state.dynamodb_table: is missing; name the store: "
                            "dynamodb_table, or sqlite = \"nodenap.db\" for a file on this "
                            "machine"));
    EXPECT_THAT(read(text, Program::function).faults,
                ElementsAre("f.toml:1: state.dynamodb_table: is missing; the function keeps its "
                            "state in DynamoDB"));
}

TEST(Config, APoolMayHaveAsManyNodesAsTheClusterUnlessItSaysOtherwise) {
    const auto of_the_pool = [](const std::string& limits, const std::string& pool) {
        const auto loaded = read(std::string(good_file) + pool + limits);
        EXPECT_THAT(loaded.faults, IsEmpty());
        return loaded.settings.policy.pools.at(0).max_nodes;
    };
    EXPECT_EQ(of_the_pool("", ""), 10);
    EXPECT_EQ(of_the_pool("\n[limits]\nmax_nodes = 20\n", ""), 20);
    EXPECT_EQ(of_the_pool("\n[limits]\nmax_nodes = 20\n", "\nmax_nodes = 7\n"), 7);
}

TEST(Config, TheVictimHasAnOldName) {
    const auto victim = [](const std::string& word) {
        return read(std::string(good_file) + "\n[scale_down]\nvictim = \"" + word + "\"\n")
            .settings.policy.scale_down.victim;
    };
    EXPECT_EQ(victim("saving"), Victim::saving);
    EXPECT_EQ(victim("cheapest"), Victim::saving);
    EXPECT_EQ(victim("oldest"), Victim::oldest);
}

TEST(Config, TheFilesRegionComesBeforeTheEnvironments) {
    const std::string without = good_with("region = \"us-east-1\"\n", "");
    EXPECT_EQ(read_config({"f", without, "us-east-1"}).settings.region, "us-east-1");
    EXPECT_THAT(
        read_config({"f", without, "us-esat-1"}).faults,
        ElementsAre(testing::StartsWith("f:3: aws.region: \"us-esat-1\" is not an AWS region")))
        << "of a command's environment";
    const ConfigSource of_lambda{"f", without, "us-esat-1", Program::function};
    EXPECT_THAT(read_config(of_lambda).faults,
                testing::Not(testing::Contains(testing::HasSubstr("aws.region"))));
    EXPECT_EQ(read_config({"f", std::string(good_file), "eu-west-3"}).settings.region, "us-east-1");
    EXPECT_THAT(read_config({"f", without, ""}).faults,
                ElementsAre("f:3: aws.region: is missing, and the environment has no AWS_REGION"));
}

TEST(Config, NoRegionIsPartOfAnotherAddress) {
    const std::string without = good_with("region = \"us-east-1\"\n", "");
    for (const std::string region : {"us-east-1:x@localhost:9440/", "us-east-1.evil.org/", "a/b-1",
                                     "us-east-1#", "us-east-1\n", "us-east-1\\", "US-EAST-1"}) {
        for (const auto program : {Program::command, Program::function}) {
            EXPECT_THAT(read_config({"f", without, region, program}).faults,
                        testing::Contains(testing::HasSubstr("does not have the form of a region")))
                << region;
        }
    }
    const std::string of_the_file = good_with("us-east-1\"\n[m", "us-east-1:x@localhost/\"\n[m");
    EXPECT_THAT(read_config({"f", of_the_file, "", Program::function}).faults,
                testing::Contains(testing::HasSubstr("does not have the form of a region")));
}

TEST(Config, EveryEndpointOfTheEnvironmentIsAnAddress) {
    const std::string file = testing::TempDir() + "nodenap_endpoints.toml";
    std::ofstream(file) << good_file;
    Environment environment;
    EXPECT_THAT(load_config(file, environment, Program::command).faults, testing::IsEmpty());
    environment.endpoint = "http://127.0.0.1:4566";
    environment.service_endpoints = {{"ec2", "https://user:word@localhost"}, {"iam", "ftp://x"}};
    environment.credentials.imds_endpoint = "http://bad host";
    EXPECT_THAT(load_config(file, environment, Program::command).faults,
                ElementsAre(testing::StartsWith("AWS_ENDPOINT_URL_EC2 must not hold a password"),
                            testing::StartsWith("AWS_ENDPOINT_URL_IAM must begin with http"),
                            testing::StartsWith("AWS_EC2_METADATA_SERVICE_ENDPOINT must name")));
}

TEST(Config, ARegionOfAnotherDomainNeedsTheAddressesOfWhatIsAskedThere) {
    const std::string file = testing::TempDir() + "nodenap_partition.toml";
    auto text = good_with("region = \"us-east-1\"\n[m", "region = \"cn-north-1\"\n[m");
    for (std::size_t at = text.find("us-east-1"); at != text.npos; at = text.find("us-east-1"))
        text.replace(at, std::string("us-east-1").size(), "cn-north-1");
    std::ofstream(file) << text;
    Environment environment;
    EXPECT_THAT(load_config(file, environment, Program::command).faults,
                ElementsAre(testing::StartsWith("AWS_ENDPOINT_URL_EC2 must be set"),
                            testing::StartsWith("AWS_ENDPOINT_URL_DYNAMODB must be set")));
    environment.service_endpoints = {{"dynamodb", "https://dynamodb.cn-north-1.amazonaws.com.cn"},
                                     {"ec2", "https://ec2.cn-north-1.amazonaws.com.cn"}};
    EXPECT_THAT(load_config(file, environment, Program::command).faults, testing::IsEmpty());
    environment.service_endpoints.clear();
    environment.endpoint = "http://127.0.0.1:4566";
    EXPECT_THAT(load_config(file, environment, Program::command).faults, testing::IsEmpty());
}

TEST(Config, AFileThatIsNotThereIsAFault) {
    EXPECT_THAT(load_config("/nowhere/nodenap.toml", Environment{}, Program::command).faults,
                ElementsAre("/nowhere/nodenap.toml cannot be read: No such file or directory. Pass "
                            "--config FILE or set NODENAP_CONFIG; `nodenap config init` writes a "
                            "file"));
}

}  // namespace
}  // namespace nodenap
