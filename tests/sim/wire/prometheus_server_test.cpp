#include "sim/wire/prometheus_server.hpp"

#include "adapters/fixture.hpp"
#include "adapters/prometheus/judge.hpp"
#include "adapters/prometheus/prometheus.hpp"
#include "adapters/prometheus/queries.hpp"
#include "base/time_text.hpp"
#include "servers_world.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <map>
#include <set>
#include <sstream>

namespace nodenap::test {
namespace {

using namespace servers;

using namespace std::chrono_literals;
using Json = nlohmann::json;

constexpr Milliseconds window = 2min;

struct Peer : ServersWorld {
    Peer() {
        settings.url = "http://prometheus:9090";
        sim::Machine worker;
        worker.instance.state = InstanceState::running;
        worker.instance.offering = {"workers", "t2.small", "zone-a", Capacity::on_demand};
        const auto& placed = world.cloud.place(worker);
        world.cluster.join(placed.instance, 5s, [] {});
        pass(20min);
    }
    void pass(Milliseconds span) { world.timeline.run_until(world.timeline.now() + span); }
    void want(int replicas) {
        sim::Deployment web;
        web.name = "default/web";
        web.requests = {{500}, {300}, 1};
        web.uses = Millicores{250};
        web.replicas = replicas;
        world.cluster.set(web);
    }
    HttpResponse query(const std::string& text, Milliseconds clock_off = 0s) {
        const auto now = world.timeline.now() + clock_off;
        return ask(server, prometheus_request(text, now, settings));
    }
    /// All that the adapter asks, as the adapter judges it.
    Signals look() {
        const auto now = world.timeline.now();
        const auto ask_for = [&](const std::vector<QueryPart>& parts) {
            return parse_answer(query(combined(parts)));
        };
        return judge({ask_for(cpu_parts(window)), ask_for(memory_parts()), ask_for(pending_parts()),
                      ask_for(node_parts(std::chrono::seconds(90)))},
                     {now, window, world.settings.metrics.max_age, now}, {});
    }

    MetricsSettings settings;
    PrometheusServer server{world};
};

TEST(PrometheusServer, ReturnsTheActualState) {
    Peer peer;
    peer.want(20);
    peer.pass(3min);
    const auto seen = peer.look();
    const auto truth = peer.world.monitoring.read(peer.world.timeline.now(), window).signals;
    ASSERT_TRUE(seen.nodes.known()) << seen.nodes.cause();
    ASSERT_TRUE(seen.pending.known()) << seen.pending.cause();
    ASSERT_TRUE(seen.cpu.known()) << seen.cpu.cause();
    ASSERT_EQ(seen.nodes.value().size(), 2U);
    std::map<std::string, Node> nodes;
    for (const auto& node : truth.nodes.value()) nodes[node.name] = node;
    for (const auto& node : seen.nodes.value()) {
        const auto& real = nodes.at(node.name);
        EXPECT_EQ(node.instance_id, real.instance_id) << node.name;
        EXPECT_EQ(node.internal_ip, real.internal_ip) << node.name;
        EXPECT_EQ(node.ready, real.ready) << node.name;
        EXPECT_EQ(node.server, real.server) << node.name;
        EXPECT_EQ(node.allocatable, real.allocatable) << node.name;
        EXPECT_EQ(node.requested, real.requested) << node.name;
        EXPECT_EQ(node.daemonset_requested, real.daemonset_requested) << node.name;
        EXPECT_EQ(node.only_daemonset_pods, real.only_daemonset_pods) << node.name;
    }
    EXPECT_EQ(seen.pending.value().count, truth.pending.value().count);
    EXPECT_GT(seen.pending.value().count, 0);
    EXPECT_EQ(seen.pending.value().pods.front().requests, (Resources{{500}, {300}, 1}));
    EXPECT_EQ(seen.pending.value().pods.front().owner, "ReplicaSet/web-1");
    EXPECT_NEAR(seen.cpu.value().percent, truth.cpu.value().percent, 1e-6);
    EXPECT_TRUE(peer.is_kept("wire"));
}

/// The labels of each part must be of those that a real Prometheus gave for the same queries.
TEST(PrometheusServer, MatchesRecordedResponses) {
    using Labels = std::set<std::string>;
    const auto labels_of = [](const std::string& body) {
        const auto answer = Json::parse(body);
        std::map<std::string, std::set<Labels>> parts;
        for (const auto& series : answer["data"]["result"]) {
            Labels labels;
            for (const auto& [name, value] : series["metric"].items()) labels.insert(name);
            parts[series["metric"]["part"]].insert(labels);
        }
        return parts;
    };
    std::map<std::string, std::string> recorded;
    std::istringstream lines(fixture("prometheus/pending.txt"));
    for (std::string line; std::getline(lines, line);) {
        const auto name = line.substr(0, line.find(' '));
        recorded[name] = line.substr(std::min(line.find('{'), line.size()));
    }
    Peer peer;
    peer.want(20);
    peer.pass(1min);
    const std::map<std::string, std::vector<QueryPart>> queries = {
        {"cpu", cpu_parts(window)},
        {"pending", pending_parts()},
        {"nodes", node_parts(std::chrono::seconds(90))}};
    for (const auto& [name, parts] : queries) {
        const auto theirs = labels_of(recorded[name]);
        const auto ours = labels_of(peer.query(combined(parts)).body);
        EXPECT_GE(ours.size(), 3U) << name;
        for (const auto& [part, labels] : ours) {
            // The kubelet's own are in no recording with cAdvisor's root group.
            const auto found = theirs.find(part.starts_with("kubelet_") ? part.substr(8) : part);
            ASSERT_NE(found, theirs.end()) << name << " " << part;
            for (const auto& each : labels) EXPECT_TRUE(found->second.contains(each)) << part;
        }
    }
}

TEST(PrometheusServer, OutagesMakeSignalsUnknown) {
    struct Case {
        const char* name;
        void (*break_it)(sim::MetricsFaults&);
        bool cpu, nodes;
    };
    const Case cases[] = {
        {"nothing", [](sim::MetricsFaults&) {}, true, true},
        {"cadvisor", [](sim::MetricsFaults& faults) { faults.cadvisor_away = true; }, false, true},
        {"kube-state", [](sim::MetricsFaults& faults) { faults.kube_state_away = true; }, true,
         false}};
    for (const auto& each : cases) {
        Peer peer;
        each.break_it(peer.world.monitoring.faults);
        // Each form that it has on the wire.
        for (int i = 0; i < 21; ++i, peer.pass(1min)) {
            const auto seen = peer.look();
            EXPECT_EQ(seen.cpu.known(), each.cpu) << each.name;
            EXPECT_EQ(seen.nodes.known(), each.nodes) << each.name;
            EXPECT_EQ(seen.pending.known(), each.nodes) << each.name;
        }
    }
}

TEST(PrometheusServer, StaleDataIsUnknownAndThenExpires) {
    Peer peer;
    peer.world.monitoring.freeze(true);
    EXPECT_TRUE(peer.look().nodes.known());
    peer.pass(2min);
    EXPECT_FALSE(peer.look().nodes.known());
    EXPECT_FALSE(peer.look().cpu.known());
    peer.pass(4min);
    EXPECT_EQ(Json::parse(
                  peer.query(combined(node_parts(std::chrono::seconds(90)))).body)["data"]["result"]
                  .size(),
              0U);
}

TEST(PrometheusServer, UnknownQueryIsRefusedAndReported) {
    Peer peer;
    const auto response = peer.query("up");
    EXPECT_EQ(response.status, 400);
    EXPECT_FALSE(parse_answer(response));
    EXPECT_FALSE(peer.is_kept("wire"));
}

TEST(PrometheusServer, ShowsItsClock) {
    Peer peer;
    const auto now = peer.world.timeline.now();
    EXPECT_EQ(peer.query(combined(node_parts(std::chrono::seconds(90)))).headers["date"],
              http_date(now));
    EXPECT_EQ(http_date(*time_from_text("2026-11-23T20:00:09Z")), "Mon, 23 Nov 2026 20:00:09 GMT");
    for (Time at = now; at < now + 24h * 400; at += 24h * 13 + 3s) {
        EXPECT_EQ(time_from_http(http_date(at)), std::chrono::floor<std::chrono::seconds>(at));
    }
}

}  // namespace
}  // namespace nodenap::test
