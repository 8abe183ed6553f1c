#include "adapters/prometheus/queries.hpp"

#include "adapters/prometheus/matcher.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <sys/wait.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

namespace nodenap {
namespace {

using testing::HasSubstr;

/// Every query under its name ("cpu.used"), and each request as a whole ("cpu").
std::map<std::string, std::string> queries() {
    const std::pair<std::string, std::vector<QueryPart>> requests[] = {
        {"cpu", cpu_parts(std::chrono::minutes(2))},
        {"memory", memory_parts()},
        {"pending", pending_parts()},
        {"nodes", node_parts(std::chrono::seconds(90))}};
    std::map<std::string, std::string> out;
    for (const auto& [name, parts] : requests) {
        out[name] = combined(parts);
        for (const auto& part : parts) out[name + "." + std::string(part.name)] = part.text;
    }
    return out;
}

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The queries in place of "@name@", each on one line. An unknown name stays and fails the run.
std::string filled(std::string text, std::string_view matcher) {
    for (auto [name, query] : queries()) {
        query = with_matcher(query, matcher);
        std::replace(query.begin(), query.end(), '\n', ' ');
        const auto mark = "@" + name + "@";
        for (auto at = text.find(mark); at != text.npos; at = text.find(mark, at + query.size()))
            text.replace(at, mark.size(), query);
    }
    return text;
}

/// From the path, or from where the lab unpacks Debian's package.
std::string promtool() {
    const auto value = [](const char* name) {
        const char* found = std::getenv(name);
        return std::string(found == nullptr ? "" : found);
    };
    const auto cache =
        value("NODENAP_CACHE").empty() ? value("HOME") + "/.cache/nodenap" : value("NODENAP_CACHE");
    const auto in_cache = cache + "/debian-prometheus/usr/bin/promtool";
    if (std::filesystem::exists(in_cache)) return in_cache;
    return std::system("command -v promtool >/dev/null 2>&1") == 0 ? "promtool" : "";
}

class PrometheusReadsThem : public testing::TestWithParam<const char*> {};

/// Prometheus's own rule tester judges the very texts that are sent, also with a matcher, which
/// here lets every series through.
TEST_P(PrometheusReadsThem, Correctly) {
    const auto tool = promtool();
    if (tool.empty()) GTEST_SKIP() << "promtool is not here; the lab brings it";
    const std::string matcher = GetParam();
    const auto folder =
        std::filesystem::path(NODENAP_BINARY_DIR) / (matcher.empty() ? "promql" : "promql-matcher");
    std::filesystem::create_directories(folder);
    std::string command = "'" + tool + "' test rules";
    for (const char* name : {"cpu.yml", "pending.yml", "nodes.yml", "whole.yml"}) {
        const auto text =
            read_file(std::filesystem::path(NODENAP_SOURCE_DIR) / "tests/promql" / name);
        ASSERT_FALSE(text.empty()) << name;
        std::ofstream(folder / name, std::ios::binary) << filled(text, matcher);
        command += " '" + (folder / name).string() + "'";
    }
    const auto said = folder / "promtool.txt";
    const int status = std::system((command + " >'" + said.string() + "' 2>&1").c_str());
    EXPECT_EQ(WEXITSTATUS(status), 0) << read_file(said);
}

INSTANTIATE_TEST_SUITE_P(PrometheusQueries, PrometheusReadsThem,
                         testing::Values("", "other!=\"x\",more=~\".*\""));

/// For tests/fixtures/prometheus/record.py, which asks a real Prometheus the same.
TEST(PrometheusQueries, MatchTheRecordedFile) {
    const auto folder = std::filesystem::path(NODENAP_BINARY_DIR) / "promql";
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "queries.json") << nlohmann::json(queries()).dump(1) << '\n';
}

TEST(PrometheusQueries, TheWindowIsInTheCpuQueriesOnly) {
    EXPECT_THAT(combined(cpu_parts(std::chrono::minutes(2))), HasSubstr("[120s]"));
    EXPECT_THAT(combined(cpu_parts(Milliseconds{1500})), HasSubstr("[1500ms]"));
    for (const auto& [name, query] : queries()) {
        for (auto at = query.find('$'); at != query.npos; at = query.find('$', at + 1))
            EXPECT_EQ(query.substr(at, 2), "$1") << name << ": " << query;
        if (name.find("used") == name.npos && name != "cpu") {
            EXPECT_EQ(query.find("[120s]"), query.npos) << name;
        }
    }
}

TEST(PrometheusQueries, PartsAreMarked) {
    EXPECT_EQ(combined({{"one", "up"}, {"two", "sum(up)"}}),
              "label_replace(up,\"part\",\"one\",\"\",\"\")\n"
              "or label_replace(sum(up),\"part\",\"two\",\"\",\"\")");
}

}  // namespace
}  // namespace nodenap
