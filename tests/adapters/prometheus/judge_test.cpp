#include "adapters/prometheus/judge.hpp"

#include <gmock/gmock.h>

#include <cmath>

namespace nodenap {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using Samples = std::vector<Sample>;

constexpr double now_seconds = 1'795'464'000;
const Moment moment{time_of_seconds(now_seconds), std::chrono::minutes(2),
                    std::chrono::seconds(90)};

Sample sample(std::string part, decltype(Sample::labels) labels, double value) {
    labels.emplace_back("part", std::move(part));
    return {std::move(labels), value};
}

/// A host whose CPU is seen well.
void add_host(Samples& to, const std::string& instance, double used, double size) {
    to.push_back(sample("used", {{"instance", instance}}, used));
    to.push_back(sample("size", {{"instance", instance}}, size));
    to.push_back(sample("seen", {{"instance", instance}}, now_seconds - 10));
}

Samples hosts(const std::vector<std::string>& instances) {
    Samples out;
    for (const auto& instance : instances) add_host(out, instance, 0.5, 1);
    return out;
}

Node node(std::string name, std::string ip = {}, bool ready = true) {
    Node out;
    out.name = std::move(name);
    out.internal_ip = std::move(ip);
    out.ready = ready;
    return out;
}

Node young(const std::string& name) {
    auto out = node(name);
    out.created_at = time_of_seconds(now_seconds - 60);
    return out;
}

const Reading<std::vector<Node>> no_nodes{Unknown{"not read"}};

void erase_part(Samples& from, std::string_view part, std::string_view instance) {
    std::erase_if(from, [&](const Sample& one) {
        return one.label("part") == part && one.label("instance") == instance;
    });
}

void set_value(Samples& in, std::string_view part, double value) {
    for (auto& one : in)
        if (one.label("part") == part) one.value = value;
}

TEST(JudgeUse, PercentIsOverAllHosts) {
    Samples samples;
    add_host(samples, "10.0.1.5:10250", 1.5, 2);
    add_host(samples, "10.0.1.6:10250", 0.5, 8);
    const auto use = judge_use(samples, cpu_use, no_nodes, moment);
    ASSERT_TRUE(use.known()) << use.cause();
    EXPECT_DOUBLE_EQ(use.value().percent, 20);
    ASSERT_EQ(use.value().hosts.size(), 2U);
    EXPECT_EQ(use.value().hosts[0].host, "10.0.1.5");
    EXPECT_DOUBLE_EQ(use.value().hosts[0].busy, 1.5);
    EXPECT_DOUBLE_EQ(use.value().hosts[1].size, 8);
}

TEST(JudgeUse, MemoryIsInMebibytes) {
    Samples samples;
    add_host(samples, "a", 512.0 * 1048576, 2048.0 * 1048576);
    const auto use = judge_use(samples, memory_use, no_nodes, moment);
    ASSERT_TRUE(use.known()) << use.cause();
    EXPECT_DOUBLE_EQ(use.value().hosts[0].busy, 512);
    EXPECT_DOUBLE_EQ(use.value().hosts[0].size, 2048);
    EXPECT_DOUBLE_EQ(use.value().percent, 25);
}

TEST(JudgeUse, SlightlyNegativeUsageIsZero) {
    auto samples = hosts({"a"});
    set_value(samples, "used", -1e-12);
    const auto use = judge_use(samples, cpu_use, no_nodes, moment);
    ASSERT_TRUE(use.known()) << use.cause();
    EXPECT_EQ(use.value().percent, 0);
}

struct HostRow {
    const char* instance;
    const char* host;
};

TEST(JudgeUse, TheHostIsTheInstanceWithoutItsPort) {
    const HostRow rows[] = {{"10.0.1.5:10250", "10.0.1.5"}, {"10.0.1.5", "10.0.1.5"},
                            {"i-0abc:10250", "i-0abc"},     {"i-0abc", "i-0abc"},
                            {"[fd00::5]:10250", "fd00::5"}, {"[fd00::5]", "fd00::5"},
                            {"fd00::5", "fd00::5"},         {"", ""}};
    for (const auto& row : rows) {
        const auto use = judge_use(hosts({row.instance}), cpu_use, no_nodes, moment);
        ASSERT_TRUE(use.known()) << use.cause();
        EXPECT_EQ(use.value().hosts[0].host, row.host);
    }
}

TEST(JudgeUse, HostUnderTwoNamesCountsOnce) {
    Samples samples;
    add_host(samples, "worker-a:10250", 0.8, 1);
    add_host(samples, "10.0.1.5:10250", 0.6, 1);
    add_host(samples, "10.0.1.5:10255", 0.7, 1);
    const auto use = judge_use(samples, cpu_use, {{node("worker-a", "10.0.1.5")}}, moment);
    ASSERT_TRUE(use.known()) << use.cause();
    ASSERT_EQ(use.value().hosts.size(), 1U);
    EXPECT_DOUBLE_EQ(use.value().percent, 80);
}

TEST(JudgeUse, RemovedNodeDoesNotCount) {
    auto samples = hosts({"a", "left"});
    erase_part(samples, "size", "left");
    const auto use = judge_use(samples, cpu_use, {{node("a")}}, moment);
    ASSERT_TRUE(use.known()) << use.cause();
    EXPECT_EQ(use.value().hosts.size(), 1U);
    EXPECT_DOUBLE_EQ(use.value().percent, 50);
}

TEST(JudgeUse, HostOutsideTheClusterDoesNotCount) {
    auto samples = hosts({"a"});
    add_host(samples, "db.example.com:8080", 15, 16);
    const auto use = judge_use(samples, cpu_use, {{node("a")}}, moment);
    ASSERT_TRUE(use.known()) << use.cause();
    EXPECT_EQ(use.value().hosts.size(), 1U);
    EXPECT_DOUBLE_EQ(use.value().percent, 50);

    samples.back().value = now_seconds - 600;
    EXPECT_TRUE(judge_use(samples, cpu_use, {{node("a")}}, moment).known())
        << "nor is it looked at";
}

TEST(JudgeUse, TheInstanceIdNamesANodeToo) {
    auto named = node("ip-10-0-1-5");
    named.instance_id = "i-0abcdef1";
    const auto use =
        judge_use(hosts({"i-0abcdef1:10250", "b"}), cpu_use, {{named, node("b")}}, moment);
    ASSERT_TRUE(use.known()) << use.cause();
    EXPECT_EQ(use.value().hosts.size(), 2U);
}

TEST(JudgeUse, CauseExplainsHostsThatMatchNoNode) {
    const auto use = judge_use(hosts({"x"}), cpu_use, {{node("a"), node("b")}}, moment);
    ASSERT_FALSE(use.known());
    EXPECT_EQ(use.cause(),
              "machine_cpu_cores is reported for 1 host, and none matches a node by name, address "
              "or instance id; 2 nodes are Ready, so it cannot be verified that all are reported: "
              "set the label \"instance\" to "
              "a node's name or address");
}

struct CompleteRow {
    const char* name;
    std::vector<std::string> instances;
    std::vector<Node> nodes;
    bool known;
};

TEST(JudgeUse, EveryReadyNodeMustBeReported) {
    const CompleteRow rows[] = {
        {"all by name", {"a", "b"}, {node("a"), node("b")}, true},
        {"all by address",
         {"10.0.0.1:1", "10.0.0.2:1"},
         {node("a", "10.0.0.1"), node("b", "10.0.0.2")},
         true},
        {"one is not seen", {"a"}, {node("a"), node("b")}, false},
        {"none is seen, but as many others", {"x", "y"}, {node("a"), node("b")}, true},
        {"fewer others than nodes", {"x"}, {node("a"), node("b")}, false},
        {"more others than nodes", {"x", "y", "z"}, {node("a"), node("b")}, false},
        {"another does not stand for one", {"a", "db"}, {node("a"), node("b")}, false},
        {"nor do many", {"a", "db", "dc"}, {node("a"), node("b")}, false},
        {"others, one node has just joined", {"x"}, {node("a"), young("b")}, true},
        {"others, and the one that has just joined", {"x", "y"}, {node("a"), young("b")}, true},
        {"others, one node is not Ready", {"x"}, {node("a"), node("b", "", false)}, true},
        {"two names of one node do not stand for two",
         {"a", "10.0.0.1:1"},
         {node("a", "10.0.0.1"), node("b", "10.0.0.2")},
         false},
        {"a node that is not Ready need not be seen",
         {"a"},
         {node("a"), node("b", "", false)},
         true},
        {"its machine does not stand for another",
         {"a", "b"},
         {node("a"), node("b", "", false), node("c")},
         false},
        {"one that has just joined need not be seen yet", {"a"}, {node("a"), young("b")}, true},
        {"no nodes at all", {"a"}, {}, true},
    };
    for (const auto& row : rows) {
        const auto use = judge_use(hosts(row.instances), cpu_use, {row.nodes}, moment);
        EXPECT_EQ(use.known(), row.known) << row.name;
    }
}

/// A saturated machine measures some percent too much; far more is nonsense, and buys no nodes.
TEST(JudgeUse, UsageIsCappedAndImplausibleUsageIsUnknown) {
    for (const auto& kind : {cpu_use, memory_use}) {
        const auto used = [&](double share) {
            auto samples = hosts({"a"});
            for (auto& one : samples) {
                if (one.label("part") == "size") one.value = 4 * kind.unit;
                if (one.label("part") == "used") one.value = 4 * kind.unit * share;
            }
            return judge_use(samples, kind, no_nodes, moment);
        };
        EXPECT_DOUBLE_EQ(used(0.5).value().percent, 50);
        EXPECT_DOUBLE_EQ(used(1.06).value().percent, 100);
        EXPECT_DOUBLE_EQ(used(1.5).value().hosts[0].busy, 4);
        ASSERT_FALSE(used(1.51).known());
        EXPECT_THAT(used(110047.86).cause(),
                    HasSubstr(" usage of a is 11004786% of its capacity; more than 150%"));
    }
}

/// A dead Node whose address a new one was given.
TEST(JudgeUse, OfTwoNodesAtOneAddressTheReadyAndNewestCounts) {
    auto dead = node("dead", "10.0.0.1", false);
    const auto use =
        judge_use(hosts({"10.0.0.1:10250"}), cpu_use, {{dead, node("live", "10.0.0.1")}}, moment);
    ASSERT_TRUE(use.known()) << use.cause();
    EXPECT_EQ(use.value().hosts[0].node, "live");
}

TEST(JudgeUse, NewNodeIsLeftOut) {
    auto samples = hosts({"a", "young"});
    erase_part(samples, "used", "young");
    const auto use = judge_use(samples, cpu_use, {{node("a"), young("young")}}, moment);
    ASSERT_TRUE(use.known()) << use.cause();
    EXPECT_EQ(use.value().hosts.size(), 1U);

    const auto hidden = judge_use(samples, cpu_use, {{node("a"), node("young")}}, moment);
    ASSERT_FALSE(hidden.known());
    EXPECT_THAT(hidden.cause(), HasSubstr("too few samples"));

    erase_part(samples, "seen", "young");
    const auto dropped = judge_use(samples, cpu_use, {{node("a"), node("young")}}, moment);
    ASSERT_FALSE(dropped.known());
    EXPECT_THAT(dropped.cause(), AllOf(HasSubstr("of young"), HasSubstr("relabel rule")));
}

TEST(JudgeUse, FallsBackToTheKubeletsEndpoint) {
    auto samples = hosts({"a", "b"});
    erase_part(samples, "used", "b");
    erase_part(samples, "seen", "b");
    samples.push_back(sample("kubelet_used", {{"instance", "b"}}, 0.9));
    samples.push_back(sample("kubelet_seen", {{"instance", "b"}}, now_seconds - 5));
    samples.push_back(sample("kubelet_used", {{"instance", "a"}}, 0.1));
    samples.push_back(sample("kubelet_seen", {{"instance", "a"}}, now_seconds - 5));
    const auto use = judge_use(samples, cpu_use, no_nodes, moment);
    ASSERT_TRUE(use.known()) << use.cause();
    EXPECT_DOUBLE_EQ(use.value().hosts[0].busy, 0.5);
    EXPECT_DOUBLE_EQ(use.value().hosts[1].busy, 0.9);
}

struct UnknownRow {
    const char* name;
    std::function<void(Samples&)> spoil;
    const char* says;
};

TEST(JudgeUse, UntrustedDataIsUnknownWithACause) {
    const auto nan = std::nan("");
    const auto infinite = std::numeric_limits<double>::infinity();
    const UnknownRow rows[] = {
        {"nothing", [](Samples& s) { s.clear(); }, "no machine_cpu_cores"},
        {"no size", [](Samples& s) { erase_part(s, "size", "a"); }, "no machine_cpu_cores"},
        {"no use",
         [](Samples& s) {
             erase_part(s, "used", "a");
             erase_part(s, "seen", "a");
         },
         "container_cpu_usage_seconds_total{id=\"/\"}"},
        {"one sample", [](Samples& s) { erase_part(s, "used", "a"); }, "too few samples"},
        {"NaN", [&](Samples& s) { set_value(s, "used", nan); }, "NaN"},
        {"infinite", [&](Samples& s) { set_value(s, "size", infinite); }, "infinite"},
        {"minus infinite", [&](Samples& s) { set_value(s, "seen", -infinite); }, "infinite"},
        {"no cores", [](Samples& s) { set_value(s, "size", 0); }, "not above 0"},
        {"hardly any cores", [](Samples& s) { set_value(s, "size", 5e-324); }, "not above 0"},
        {"too many cores", [](Samples& s) { set_value(s, "size", 1e300); }, "impossibly high"},
        {"too busy", [](Samples& s) { set_value(s, "used", 1e300); }, "impossibly high"},
        {"below 0", [](Samples& s) { set_value(s, "used", -0.1); }, "below 0"},
        {"old", [](Samples& s) { set_value(s, "seen", now_seconds - 91); }, "1m31s old"},
        {"negative", [](Samples& s) { set_value(s, "used", -1e-3); }, "below 0"},
        {"ancient", [](Samples& s) { set_value(s, "seen", -1e18); }, "old"},
    };
    for (const auto& row : rows) {
        auto samples = hosts({"a"});
        row.spoil(samples);
        const auto use = judge_use(samples, cpu_use, no_nodes, moment);
        ASSERT_FALSE(use.known()) << row.name;
        EXPECT_THAT(use.cause(), HasSubstr(row.says)) << row.name;
    }
}

TEST(JudgeUse, OneStaleHostMakesUsageUnknown) {
    auto samples = hosts({"a", "b"});
    samples.back().value = now_seconds - 600;
    const auto use = judge_use(samples, cpu_use, no_nodes, moment);
    ASSERT_FALSE(use.known());
    EXPECT_THAT(use.cause(), HasSubstr("of b is 10m old"));
}

TEST(AddRequest, SumIsClamped) {
    Resources sum;
    const Sample huge{{{"resource", "memory"}}, 1e300};
    for (int i = 0; i < 20'000; ++i) add_request(sum, huge);
    EXPECT_EQ(sum.memory.value, 1'000'000'000'000'000);
    EXPECT_EQ(add_request(sum, {{{"resource", "cpu"}}, -1}).cpu.value, 0);
}

TEST(JudgePercentage, AcceptsASingleNumberOnly) {
    const auto of = [](const std::vector<double>& values) {
        Samples samples;
        for (const double value : values) samples.push_back({{}, value});
        return judge_percentage(samples, "cpu_query");
    };
    EXPECT_DOUBLE_EQ(of({42.5}).value().percent, 42.5);
    EXPECT_TRUE(of({0}).known());
    EXPECT_THAT(of({}).cause(), HasSubstr("cpu_query returns no result"));
    EXPECT_THAT(of({1, 2}).cause(), HasSubstr("2 series"));
    EXPECT_THAT(of({std::nan("")}).cause(), HasSubstr("NaN"));
    EXPECT_THAT(of({-1}).cause(), HasSubstr("below 0"));
    EXPECT_DOUBLE_EQ(of({120}).value().percent, 100) << "no more than all can be busy";
    EXPECT_DOUBLE_EQ(of({150}).value().percent, 100);
    EXPECT_THAT(of({151}).cause(), HasSubstr("cpu_query gives 151%; more than 150% is impossible"));
    EXPECT_FALSE(of({1e300}).known());
}

TEST(JudgePending, NumberFromACustomQuery) {
    const auto of = [](const std::vector<double>& values) {
        Samples samples;
        for (const double value : values) samples.push_back({{}, value});
        return judge_pending_number(samples);
    };
    EXPECT_EQ(of({7}).value().count, 7);
    EXPECT_EQ(of({0.4}).value().count, 1);
    EXPECT_TRUE(of({7}).value().pods.empty());
    EXPECT_FALSE(of({}).known()) << "a family that is missing is not 0";
    for (const double bad : {-1.0, std::nan(""), 1e12}) EXPECT_FALSE(of({bad}).known());
}

TEST(JudgeAll, FailedResponseIsTheCause) {
    const Error down{ErrorKind::unavailable, "Prometheus did not answer: refused"};
    const auto signals = judge({down, down, down, down}, moment, {});
    EXPECT_EQ(signals.cpu.cause(), down.text);
    EXPECT_EQ(signals.memory.cause(), down.text);
    EXPECT_EQ(signals.pending.cause(), down.text);
    EXPECT_EQ(signals.nodes.cause(), down.text);
}

}  // namespace
}  // namespace nodenap
