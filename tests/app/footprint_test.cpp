// What `nodenap cost` counts with is what passes do: a change that makes them dearer shows here.

#include "cost/footprint.hpp"

#include "adapters/log/event_log.hpp"
#include "adapters/prometheus/queries.hpp"
#include "app/cli_world.hpp"
#include "app/steady_cluster.hpp"
#include "base/percent.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

namespace nodenap::test {
namespace {

constexpr int many = 10;

/// No more than it is counted for, and not counted for much more. --gtest_output=json shows it.
void expect_about(double measured, double counted, const char* what) {
    testing::Test::RecordProperty(what, std::to_string(measured));
    EXPECT_LE(measured, counted) << what;
    EXPECT_GE(measured, counted * 0.75) << what;
}

long writes_of(const FakeStore& store, const std::string& record) {
    return std::count_if(store.writes.begin(), store.writes.end(),
                         [&](const auto& write) { return write.key.record.starts_with(record); });
}

/// The size of the state while a pass holds the lease, which is what its writes cost.
std::size_t size_within_a_pass(SteadyCluster& cluster) {
    EXPECT_TRUE(cluster.pass(cluster.log));
    std::size_t size = 0;
    cluster.metrics.answer = [&](Time) {
        size = cluster.state_size();
        return cluster.metrics.signals;
    };
    cluster.clock.advance(std::chrono::minutes(2));
    EXPECT_TRUE(cluster.pass(cluster.log));
    cluster.metrics.answer = nullptr;
    return size;
}

/// Two nodes are missing and are launched.
struct Launching {
    Launching() : cluster(2) {
        idle_bytes = size_within_a_pass(cluster);
        cluster.store.writes.clear();
        cluster.settings.policy.limits.min_nodes = 4;
        cluster.settings.policy.limits.max_nodes = 4;
        cluster.settings.policy.pools.front().max_nodes = 4;
        cluster.fleet.on_launch = [this](const Operation&) { busy_bytes = cluster.state_size(); };
        cluster.clock.advance(std::chrono::minutes(2));
        EXPECT_TRUE(cluster.pass(cluster.log));
    }

    SteadyCluster cluster;
    std::size_t idle_bytes = 0;
    std::size_t busy_bytes = 0;
};

TEST(Footprint, AnIdlePassWritesAndReadsWhatIsCounted) {
    SteadyCluster cluster(many);
    size_within_a_pass(cluster);
    cluster.store.writes.clear();
    cluster.clock.advance(std::chrono::minutes(2));
    ASSERT_TRUE(cluster.pass(cluster.log));
    EXPECT_EQ(writes_of(cluster.store, "state"), our_footprint.pass_writes);
    EXPECT_EQ(std::ssize(cluster.store.writes), our_footprint.pass_writes) << "no record";
    EXPECT_EQ(cluster.store.gets + cluster.store.queries, 0);
}

TEST(Footprint, ALaunchWritesWhatIsCounted) {
    Launching launch;
    ASSERT_EQ(launch.cluster.fleet.launches.size(), 2U);
    EXPECT_EQ(writes_of(launch.cluster.store, "state"),
              our_footprint.pass_writes + our_footprint.change_writes);
    EXPECT_EQ(writes_of(launch.cluster.store, "journal"), 1);
    launch.cluster.store.writes.clear();
    launch.cluster.clock.advance(std::chrono::seconds(5));
    ASSERT_TRUE(launch.cluster.pass(launch.cluster.log));
    EXPECT_EQ(writes_of(launch.cluster.store, "state"), our_footprint.pass_writes) << "it boots";
}

TEST(Footprint, TheStateIsAsLargeAsCounted) {
    for (const int nodes : {0, 2, many, 50}) {
        SteadyCluster cluster(nodes);
        expect_about(static_cast<double>(size_within_a_pass(cluster)),
                     our_footprint.state_bytes + nodes * our_footprint.node_bytes, "state");
    }
}

TEST(Footprint, AnIntentAndARecordAreAsLargeAsCounted) {
    const Launching launch;
    expect_about(static_cast<double>(launch.busy_bytes - launch.idle_bytes),
                 our_footprint.operation_bytes, "intent");
    std::int64_t ends = 0;
    for (const auto& [key, item] : launch.cluster.store.items) {
        if (!key.second.starts_with("journal")) continue;
        const auto& body = item.at("body");
        if (std::get<std::string>(body.value).find("\"launch\"") == std::string::npos) continue;
        expect_about(static_cast<double>(size_of(item)), our_footprint.record_bytes, "record");
        ends = std::get<std::int64_t>(item.at("expires_at").value);
    }
    const auto now = launch.cluster.clock.wall.time_since_epoch().count() / 1000;
    EXPECT_EQ(static_cast<double>(ends - now), our_footprint.record_kept_days * 24 * 3600);
}

TEST(Footprint, TheEventLogsLineIsAsLongAsCounted) {
    SteadyCluster cluster(many);
    ASSERT_TRUE(cluster.pass(cluster.log));
    const CaughtStream out;
    JsonEventLog log(cluster.clock, fileno(out.get()), "production");
    ASSERT_TRUE(cluster.pass(log));
    std::fseek(out.get(), 0, SEEK_END);
    const std::string text = out.text();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
    constexpr double added_by_cloudwatch = 26;
    // Such as "timestamp":"2026-11-24T20:00:00.123Z","level":"INFO", where the log format is JSON.
    constexpr double added_by_lambda = 60;
    expect_about(static_cast<double>(text.size()) + added_by_cloudwatch + added_by_lambda,
                 our_footprint.pass_log_bytes, "log_line");
}

double form_bytes(const std::vector<QueryPart>& parts) {
    return static_cast<double>(form_encoded(combined(parts)).size());
}

TEST(Footprint, PrometheusIsAskedAndAnswersAsMuchAsCounted) {
    constexpr double headers = 4 * 450;  // of four questions and answers
    const double asked = form_bytes(cpu_parts(std::chrono::minutes(2))) +
                         form_bytes(memory_parts()) + form_bytes(pending_parts()) +
                         form_bytes(node_parts(std::chrono::seconds(90)));
    expect_about(asked + headers, our_footprint.metrics_bytes, "questions");
    std::ifstream recorded(NODENAP_SOURCE_DIR "/tests/fixtures/prometheus/quiet.txt");
    const std::string answers{std::istreambuf_iterator<char>(recorded), {}};
    constexpr double machines = 3;
    expect_about(static_cast<double>(answers.size()) / machines, our_footprint.host_metrics_bytes,
                 "answers");
}

TEST(Footprint, TheCpuOfAPassIsAtLeastWhatTheBenchMeasured) {
    std::ifstream page(NODENAP_SOURCE_DIR "/docs/internals/benchmarks.md");
    const std::string row = "| CPU of a warm idle pass, TLS and kept connections | ";
    double measured = 0;
    for (std::string line; std::getline(page, line);) {
        if (line.starts_with(row)) measured = std::stod(line.substr(row.size()));
    }
    EXPECT_GT(measured, 0) << "the page has no such row";
    EXPECT_LE(measured, our_footprint.pass_cpu_ms);
}

}  // namespace
}  // namespace nodenap::test
