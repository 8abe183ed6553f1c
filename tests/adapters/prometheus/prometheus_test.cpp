#include "adapters/prometheus/prometheus.hpp"

#include "adapters/fake_server.hpp"
#include "adapters/fixture.hpp"
#include "base/time_text.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <cstdlib>
#include <ctime>
#include <map>
#include <mutex>
#include <sstream>

namespace nodenap {
namespace {

using test::answer;
using test::FakeReply;
using test::FakeRequest;
using test::FakeServer;
using testing::AllOf;
using testing::HasSubstr;

/// Which of the four requests this is.
std::string request_name(const FakeRequest& request) {
    const auto asks = [&](const char* text) {
        return request.body.find(text) != std::string::npos;
    };
    if (asks("kube_node_status_condition")) return "nodes";
    if (asks("container_cpu_usage_seconds_total")) return "cpu";
    return asks("container_memory_working_set_bytes") ? "memory" : "pending";
}

/// What a real Prometheus answered, as tests/promql/record.py wrote it down.
struct Recording {
    Time now{};
    std::map<std::string, std::pair<int, std::string>> answers;
};

Recording recording(const std::string& scene) {
    Recording out;
    std::istringstream file(test::fixture("prometheus/" + scene + ".txt"));
    std::string name;
    double seconds = 0;
    file >> name >> seconds;
    out.now = Time(Milliseconds(std::llround(seconds * 1000)));
    int status = 0;
    while (file >> name >> status) {
        std::getline(file >> std::ws, out.answers[name].second);
        out.answers[name].first = status;
    }
    EXPECT_EQ(out.answers.size(), 4U) << scene;
    return out;
}

MetricsSettings settings_for(const std::string& url) {
    MetricsSettings settings;
    settings.url = url;
    return settings;
}

Signals read_with(const FakeServer::Handler& handler, Time now,
                  const std::function<void(MetricsSettings&)>& change = {}) {
    FakeServer server(handler);
    NetworkHttp http({});
    auto settings = settings_for(server.url(""));
    if (change) change(settings);
    return Prometheus(http, settings).read(now, std::chrono::minutes(2));
}

Signals replay(const std::string& scene) {
    const auto recorded = recording(scene);
    return read_with(
        [&](const FakeRequest& request) -> FakeReply {
            const auto& [status, body] = recorded.answers.at(request_name(request));
            return {answer(status, body)};
        },
        recorded.now);
}

struct SceneRow {
    const char* scene;
    double cpu_percent;  // below 0: unknown
    const char* cpu_says;
    std::int64_t pending;  // below 0: unknown
    int nodes;             // below 0: unknown
};

/// Server: 0.4 of 2 cores busy. Worker a: 0.8 of 1, b: 0.4 of 1. Together 1.6 of 4.
TEST(Prometheus, RecordedScenes) {
    const SceneRow rows[] = {
        {"quiet", 40, "", 0, 3},
        {"pending", 40, "", 3, 3},
        {"scraped_twice", 40, "", 0, 3},
        {"half_duplicate", 40, "", 0, 3},
        {"per_cpu", 40, "", 0, 3},
        {"node_left", 40, "", 0, 3},
        {"root_dropped", -1, "container_cpu_usage_seconds_total{id=\"/\"}", 0, 3},
        {"root_dropped_but_resource", 40, "", 0, 3},
        {"nan", -1, "NaN", 0, 3},
        {"stale", -1, "old", 0, 3},
        {"target_missing", -1, "worker-b", 0, 3},
        {"no_cadvisor", -1, "machine_cpu_cores", 0, 3},
        {"no_kube_state_metrics", 40, "", -1, -1},
        {"nothing", -1, "machine_cpu_cores", -1, -1},
        {"only_the_server", 20, "", 0, 1},
        {"not_for_pods", 40, "", 0, 4},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.scene);
        const auto signals = replay(row.scene);
        ASSERT_EQ(signals.cpu.known(), row.cpu_percent >= 0)
            << (signals.cpu.known() ? "" : signals.cpu.cause());
        if (signals.cpu.known())
            EXPECT_NEAR(signals.cpu.value().percent, row.cpu_percent, 0.5);
        else
            EXPECT_THAT(signals.cpu.cause(), HasSubstr(row.cpu_says));
        EXPECT_EQ(signals.pending.known() ? signals.pending.value().count : -1, row.pending);
        EXPECT_EQ(signals.nodes.known() ? std::ssize(signals.nodes.value()) : -1, row.nodes);
    }
}

const HostUse* host(const Reading<Use>& use, const std::string& name) {
    if (!use.known()) return nullptr;
    for (const auto& one : use.value().hosts)
        if (one.host == name) return &one;
    return nullptr;
}

const Node* node(const Signals& signals, const std::string& name) {
    if (!signals.nodes.known()) return nullptr;
    for (const auto& one : signals.nodes.value())
        if (one.name == name) return &one;
    return nullptr;
}

TEST(Prometheus, IdleCluster) {
    const auto signals = replay("quiet");
    const auto* busy = host(signals.cpu, "i-0aaaaaaaaaaaaaaa1");
    ASSERT_TRUE(busy);
    EXPECT_NEAR(busy->busy, 0.8, 0.005);
    EXPECT_DOUBLE_EQ(busy->size, 1);
    const auto* memory = host(signals.memory, "i-0aaaaaaaaaaaaaaa1");
    ASSERT_TRUE(memory);
    EXPECT_NEAR(memory->busy, 819.2, 0.1);
    EXPECT_DOUBLE_EQ(memory->size, 2048);
    EXPECT_NEAR(signals.memory.value().percent, 40, 0.1);

    const auto* a = node(signals, "i-0aaaaaaaaaaaaaaa1");
    ASSERT_TRUE(a);
    EXPECT_EQ(a->instance_id, "i-0aaaaaaaaaaaaaaa1");
    EXPECT_EQ(a->allocatable, (Resources{{900}, {1748}, 110}));
    EXPECT_EQ(a->requested, (Resources{{550}, {288}, 3}));
    EXPECT_EQ(a->daemonset_requested, (Resources{{50}, {32}, 1}));
    EXPECT_FALSE(a->only_daemonset_pods);
    const auto* b = node(signals, "worker-b");
    ASSERT_TRUE(b);
    EXPECT_EQ(b->instance_id, "i-0bbbbbbbbbbbbbbb2");
    EXPECT_TRUE(b->only_daemonset_pods) << "its Job has ended";
    EXPECT_EQ(b->requested, (Resources{{50}, {32}, 1}));
    const auto* server = node(signals, "server-0");
    ASSERT_TRUE(server);
    EXPECT_TRUE(server->server);
    EXPECT_FALSE(a->server);
}

TEST(Prometheus, PendingPods) {
    const auto signals = replay("pending");
    ASSERT_TRUE(signals.pending.known()) << signals.pending.cause();
    std::map<std::string, PendingPod> pods;
    for (const auto& pod : signals.pending.value().pods) pods[pod.name] = pod;
    ASSERT_EQ(pods.size(), 3U);
    ASSERT_TRUE(pods.contains("batch/bare"));
    EXPECT_EQ(pods["batch/bare"].owner, "");
    EXPECT_EQ(pods["batch/bare"].requests, (Resources{{700}, {64}, 1}));
    EXPECT_EQ(pods["default/nginx-1"].owner, "ReplicaSet/nginx-7c5");
    EXPECT_EQ(pods["default/nginx-2"].requests, (Resources{{500}, {256}, 1}));
    ASSERT_TRUE(pods["default/nginx-1"].unschedulable_since);
    const auto waited = recording("pending").now - *pods["default/nginx-1"].unschedulable_since;
    EXPECT_GT(waited, std::chrono::minutes(3));
    EXPECT_LT(waited, std::chrono::minutes(5));
}

TEST(Prometheus, NodesThatAcceptNoPods) {
    const auto signals = replay("not_for_pods");
    EXPECT_FALSE(node(signals, "i-0aaaaaaaaaaaaaaa1")->schedulable) << "cordoned";
    EXPECT_FALSE(node(signals, "worker-b")->schedulable) << "leaving";
    EXPECT_TRUE(node(signals, "i-0ccccccccccccccc3")->schedulable);
    EXPECT_FALSE(node(signals, "i-0ccccccccccccccc3")->ready);
}

// --- what is sent, and what else may come back --------------------------------------------------

const std::string nothing = R"({"status":"success","data":{"resultType":"vector","result":[]}})";
const Time now(Milliseconds{1'795'464'000'250});

TEST(Prometheus, SendsFourQueriesInParallelForOneTime) {
    FakeServer server([](const FakeRequest&) -> FakeReply { return {answer(200, nothing)}; });
    NetworkHttp http({});
    Prometheus(http, settings_for(server.url("/"))).read(now, std::chrono::minutes(2));
    const auto requests = server.requests();
    ASSERT_EQ(requests.size(), 4U);
    for (const auto& request : requests) {
        EXPECT_EQ(request.method, "POST");
        EXPECT_EQ(request.target, "/api/v1/query");
        EXPECT_EQ(request.headers.at("content-type"), "application/x-www-form-urlencoded");
        EXPECT_THAT(request.body,
                    AllOf(HasSubstr("&time=1795464000.250"), HasSubstr("&timeout=2s")));
        EXPECT_EQ(request.body.find_first_of(" \n"), std::string::npos);
    }
}

TEST(Prometheus, OneFailedRequestKeepsTheOthers) {
    const auto recorded = recording("quiet");
    const auto signals = read_with(
        [&](const FakeRequest& request) -> FakeReply {
            const auto name = request_name(request);
            if (name == "memory") return {answer(500, "oops")};
            if (name == "pending")
                return {answer(400,
                               R"({"status":"error","errorType":"bad_data","error":"bad \"x\""})")};
            return {answer(200, recorded.answers.at(name).second)};
        },
        recorded.now);
    EXPECT_TRUE(signals.cpu.known());
    EXPECT_TRUE(signals.nodes.known());
    EXPECT_THAT(signals.memory.cause(), HasSubstr("HTTP 500"));
    EXPECT_THAT(signals.pending.cause(), AllOf(HasSubstr("HTTP 400"), HasSubstr("bad \"x\"")));
}

/// The recorded scene "quiet", asked for `later` than it was, by a Prometheus with this Date.
Signals quiet_dated(Milliseconds later, const std::string& date) {
    const auto recorded = recording("quiet");
    return read_with(
        [&](const FakeRequest& request) -> FakeReply {
            const auto& body = recorded.answers.at(request_name(request)).second;
            return {answer(200, body, "Date: " + date + "\r\n")};
        },
        recorded.now + later);
}

std::string http_date(Time time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    char text[40];
    std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", std::gmtime(&seconds));
    return text;
}

TEST(Prometheus, ClockSkewMakesAllUnknown) {
    const auto ours = recording("quiet").now;
    for (const auto off : {std::chrono::seconds(95), std::chrono::seconds(-95)}) {
        const auto signals = quiet_dated(Milliseconds{0}, http_date(ours + off));
        ASSERT_FALSE(signals.nodes.known());
        EXPECT_THAT(signals.nodes.cause(),
                    AllOf(HasSubstr("this machine's says " + time_text(ours)),
                          HasSubstr(time_text(ours + off))));
        for (const bool known :
             {signals.cpu.known(), signals.memory.known(), signals.pending.known()})
            EXPECT_FALSE(known);
    }
}

TEST(Prometheus, SmallClockSkewIsTolerated) {
    const auto ours = recording("quiet").now;
    const auto behind = quiet_dated(Milliseconds{0}, http_date(ours - std::chrono::minutes(1)));
    EXPECT_TRUE(behind.nodes.known()) << behind.nodes.cause();
    EXPECT_TRUE(quiet_dated(Milliseconds{0}, "nonsense").nodes.known());
}

TEST(Prometheus, SlowClockDoesNotHideStaleData) {
    const auto seen = recording("quiet").now;
    const Milliseconds later{40'000};
    EXPECT_TRUE(quiet_dated(later, http_date(seen + later)).pending.known());
    const auto slow = quiet_dated(later, http_date(seen + std::chrono::seconds(125)));
    ASSERT_FALSE(slow.pending.known());
    EXPECT_THAT(slow.pending.cause(), HasSubstr("old"));
}

TEST(Prometheus, ASlowOneIsUnknown) {
    const auto signals = read_with(
        [](const FakeRequest&) -> FakeReply {
            return {answer(200, nothing), false, std::chrono::seconds(2)};
        },
        now, [](MetricsSettings& settings) { settings.timeout = Milliseconds{200}; });
    for (const auto* cause : {&signals.cpu.cause(), &signals.nodes.cause()})
        EXPECT_THAT(*cause, HasSubstr("Prometheus did not answer"));
}

TEST(Prometheus, UnreachablePrometheusIsUnknown) {
    NetworkHttp http({});
    const auto signals =
        Prometheus(http, settings_for("http://127.0.0.1:1")).read(now, std::chrono::minutes(2));
    EXPECT_THAT(signals.cpu.cause(), HasSubstr("Prometheus did not answer"));
    EXPECT_THAT(signals.pending.cause(), HasSubstr("Prometheus did not answer"));
}

TEST(Prometheus, MatcherIsOnlyInBuiltInQueries) {
    std::vector<std::string> bodies;
    std::mutex guard;
    read_with(
        [&](const FakeRequest& request) -> FakeReply {
            const std::lock_guard lock(guard);
            bodies.push_back(request.body);
            return {answer(200, nothing)};
        },
        now,
        [](MetricsSettings& settings) {
            settings.matcher = "cluster=\"prod\"";
            settings.cpu_query = "my_cpu";
        });
    ASSERT_EQ(bodies.size(), 4U) << "a pass asks four times, whatever it asks";
    for (const auto& body : bodies) {
        const bool own = body.find("my_cpu") != std::string::npos;
        EXPECT_EQ(body.find("cluster=\"prod\"") == std::string::npos, own) << body;
    }
}

TEST(Prometheus, CustomQueriesReplaceBuiltInOnes) {
    const auto signals = read_with(
        [](const FakeRequest& request) -> FakeReply {
            const bool asks_cpu = request.body.find("my_cpu") != std::string::npos;
            const bool asks_pods = request.body.find("my_pods") != std::string::npos;
            if (asks_cpu)
                return {answer(200, R"({"status":"success","data":{"resultType":"scalar",)"
                                    R"("result":[1,"42.5"]}})")};
            if (asks_pods)
                return {answer(200, R"({"status":"success","data":{"resultType":"vector",)"
                                    R"("result":[{"metric":{},"value":[1,"7"]}]}})")};
            return {answer(200, nothing)};
        },
        now,
        [](MetricsSettings& settings) {
            settings.cpu_query = "my_cpu{a=\"b\"}";
            settings.pending_query = "sum(my_pods)";
        });
    ASSERT_TRUE(signals.cpu.known()) << signals.cpu.cause();
    EXPECT_DOUBLE_EQ(signals.cpu.value().percent, 42.5);
    EXPECT_TRUE(signals.cpu.value().hosts.empty());
    ASSERT_TRUE(signals.pending.known()) << signals.pending.cause();
    EXPECT_EQ(signals.pending.value().count, 7);
    EXPECT_FALSE(signals.memory.known());
}

}  // namespace
}  // namespace nodenap
