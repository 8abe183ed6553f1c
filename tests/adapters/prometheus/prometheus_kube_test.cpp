#include "adapters/prometheus/judge.hpp"

#include <gmock/gmock.h>

#include <cmath>

namespace nodenap {
namespace {

using testing::HasSubstr;
using Samples = std::vector<Sample>;
using Labels = decltype(Sample::labels);

constexpr double now_seconds = 1'795'464'000;
const Moment moment{time_of_seconds(now_seconds), std::chrono::minutes(2),
                    std::chrono::seconds(90)};

Sample sample(std::string part, Labels labels, double value) {
    labels.emplace_back("part", std::move(part));
    return {std::move(labels), value};
}

Samples answered() {
    return {sample("any_pod", {}, 7), sample("pods_seen", {}, now_seconds - 10),
            sample("nodes_seen", {}, now_seconds - 10),
            sample("server", {{"node", "server-0"}}, 1)};
}

Labels pod(const std::string& name, const std::string& uid) {
    return {{"namespace", "default"}, {"pod", name}, {"uid", uid}};
}

Labels with(Labels labels, LabelName name, const std::string& value) {
    labels.emplace_back(name.text, value);
    return labels;
}

TEST(JudgePending, NoPendingPods) {
    const auto pending = judge_pending(answered(), moment);
    ASSERT_TRUE(pending.known()) << pending.cause();
    EXPECT_EQ(pending.value().count, 0);
}

TEST(JudgePending, PodsWithTheirRequests) {
    auto samples = answered();
    const auto web = pod("web-1", "u1");
    samples.push_back(sample("pending", web, 1));
    samples.push_back(sample("requests", with(web, "resource", "cpu"), 0.25));
    samples.push_back(sample("requests", with(web, "resource", "memory"), 100.5 * 1048576));
    samples.push_back(
        sample("owner", with(with(web, "owner_kind", "ReplicaSet"), "owner_name", "web-5d5"), 1));
    samples.push_back(sample("created", web, now_seconds - 300));
    samples.push_back(sample("since", web, now_seconds - 60));
    const auto bare = pod("bare", "u2");
    samples.push_back(sample("pending", bare, 1));
    samples.push_back(sample("owner", with(bare, "owner_kind", "<none>"), 1));
    samples.push_back(sample("created", bare, now_seconds - 300));
    samples.push_back(sample("requests", with(pod("other", "u3"), "resource", "cpu"), 8));

    const auto pending = judge_pending(samples, moment);
    ASSERT_TRUE(pending.known()) << pending.cause();
    ASSERT_EQ(pending.value().count, 2);
    const auto& first = pending.value().pods[0];
    EXPECT_EQ(first.name, "default/web-1");
    EXPECT_EQ(first.owner, "ReplicaSet/web-5d5");
    EXPECT_EQ(first.requests, (Resources{{250}, {101}, 1}));
    EXPECT_EQ(first.unschedulable_since, time_of_seconds(now_seconds - 60));
    const auto& second = pending.value().pods[1];
    EXPECT_EQ(second.name, "default/bare");
    EXPECT_EQ(second.owner, "");
    EXPECT_EQ(second.requests, (Resources{{0}, {0}, 1}));
    EXPECT_EQ(second.unschedulable_since, time_of_seconds(now_seconds - 300));
}

PendingPod judged_pod(const Samples& parts) {
    auto samples = answered();
    samples.push_back(sample("pending", pod("web", "u"), 1));
    samples.insert(samples.end(), parts.begin(), parts.end());
    const auto pending = judge_pending(samples, moment);
    return pending.known() ? pending.value().pods.at(0) : PendingPod{};
}

/// Of CPU; `more` are further labels.
Sample cpu(const char* part, double cores, Labels more = {}) {
    auto labels = with(pod("web", "u"), "resource", "cpu");
    labels.insert(labels.end(), more.begin(), more.end());
    return sample(part, labels, cores);
}

TEST(JudgePending, RequestsMatchTheScheduler) {
    const Labels mesh{{"container", "mesh"}};
    const Labels migrate{{"container", "migrate"}};
    const auto sidecar = sample("sidecars", {{"namespace", "default"}, {"container", "mesh"}}, 3);
    const auto elsewhere = sample("sidecars", {{"namespace", "x"}, {"container", "mesh"}}, 3);
    const std::vector<std::pair<Samples, std::int64_t>> rows{
        {{cpu("requests", 0.6)}, 600},
        {{cpu("requests", 0.6), cpu("init", 0.4, mesh)}, 600},
        {{cpu("requests", 0.6), cpu("init", 0.7, mesh), cpu("init", 0.2, migrate)}, 700},
        {{cpu("requests", 0.6), cpu("init", 0.4, mesh), sidecar}, 1000},
        {{cpu("requests", 0.6), cpu("init", 0.4, mesh), elsewhere}, 600},
        {{cpu("requests", 0.6), cpu("init", 0.4, mesh), cpu("init", 0.8, migrate), sidecar}, 1200},
        {{cpu("init", 0.4, mesh), sidecar}, 400},
        {{cpu("requests", 0.45), cpu("overhead", 0.25)}, 700},
        {{cpu("requests", 0.6), cpu("init", 0.4, mesh), sidecar, cpu("overhead", 0.1)}, 1100},
        {{cpu("requests", 0.6), cpu("scheduler", 2)}, 2000},
        {{cpu("scheduler", 0.5)}, 500},  // requested of the pod as a whole
    };
    for (const auto& [samples, millicores] : rows)
        EXPECT_EQ(judged_pod(samples).requests.cpu, Millicores{millicores});
}

TEST(JudgePending, ExtendedResourcesAreSeparate) {
    const auto gpu = [](const char* part, double amount) {
        return sample(part, with(pod("web", "u"), "resource", "nvidia_com_gpu"), amount);
    };
    const auto asks = judged_pod({gpu("requests", 1), gpu("init", 2), cpu("requests", 1)});
    EXPECT_EQ(asks.others, (std::vector<OtherResource>{{"nvidia_com_gpu", 2}}));
    EXPECT_TRUE(judged_pod({gpu("requests", 0)}).others.empty());
    auto samples = answered();
    samples.push_back(sample("others", {{"node", "n"}, {"resource", "nvidia_com_gpu"}}, 4));
    EXPECT_EQ(judge_pending(samples, moment).value().others,
              (std::vector<NodeResource>{{"n", {"nvidia_com_gpu", 4}}}));
}

TEST(JudgePending, CronJobOwnsPodsOfItsJobs) {
    const auto owner = [](const char* kind, const char* name) {
        return sample("owner", with(with(pod("web", "u"), "owner_kind", kind), "owner_name", name),
                      1);
    };
    const auto job = sample("job_owner",
                            {{"namespace", "default"},
                             {"job_name", "report-1"},
                             {"owner_kind", "CronJob"},
                             {"owner_name", "report"}},
                            1);
    EXPECT_EQ(judged_pod({owner("Job", "report-1"), job}).owner, "CronJob/report");
    EXPECT_EQ(judged_pod({owner("Job", "report-2"), job}).owner, "Job/report-2");
    EXPECT_EQ(judged_pod({owner("ReplicaSet", "report-1"), job}).owner, "ReplicaSet/report-1");
}

TEST(JudgePending, ClaimsThatPreventNewNodes) {
    const auto claim = [](const char* name, const char* state = "", const char* part = "claim") {
        const auto labels = with(pod("web", "u"), "persistentvolumeclaim", name);
        return sample(part, with(labels, "state", state), 1);
    };
    const auto class_of = [](const char* part, const char* name) {
        return sample(part, {{"namespace", "default"}, {"persistentvolumeclaim", name}}, 1);
    };
    EXPECT_EQ(judged_pod({claim("a"), claim("b"), class_of("claim_immediate", "a"),
                          class_of("claim_waits", "b"), claim("c", "lost"), claim("d", "on_a_node"),
                          claim("e", "", "missing_claim")})
                  .claims,
              (std::vector<HinderingClaim>{{"a", true},
                                           {"b", false},
                                           {"c", {}, ClaimState::lost},
                                           {"d", {}, ClaimState::on_a_node},
                                           {"e", {}, ClaimState::missing}}));
}

TEST(JudgePending, ResourcesFreedByEndingPods) {
    auto samples = answered();
    const Labels node{{"node", "n"}};
    samples.push_back(sample("freed_pods", node, 2));
    samples.push_back(sample("freed", with(node, "resource", "cpu"), 0.8));
    samples.push_back(sample("freed", with(node, "resource", "memory"), 1048576));
    EXPECT_EQ(judge_pending(samples, moment).value().freed,
              (std::map<std::string, Resources>{{"n", {{800}, {1}, 2}}}));
}

TEST(JudgePending, ReusedNameIsAnotherPod) {
    auto samples = answered();
    samples.push_back(sample("pending", pod("web-0", "old"), 1));
    samples.push_back(sample("pending", pod("web-0", "new"), 1));
    EXPECT_EQ(judge_pending(samples, moment).value().count, 2);
}

TEST(JudgePending, RoundingErrorsAreNotRoundedUp) {
    auto samples = answered();
    samples.push_back(sample("pending", pod("web", "u"), 1));
    samples.push_back(sample("requests", with(pod("web", "u"), "resource", "cpu"), 0.1 + 0.2));
    EXPECT_EQ(judge_pending(samples, moment).value().pods[0].requests.cpu, Millicores{300});
}

TEST(JudgePending, WithoutKubeStateMetricsPendingIsUnknown) {
    const auto pending = judge_pending({}, moment);
    ASSERT_FALSE(pending.known());
    EXPECT_THAT(pending.cause(), HasSubstr("no kube_pod_info"));

    auto old = answered();
    old[1].value = now_seconds - 200;
    EXPECT_THAT(judge_pending(old, moment).cause(), HasSubstr("3m20s old"));

    auto nan = answered();
    nan.push_back(sample("requests", with(pod("w", "u"), "resource", "cpu"), std::nan("")));
    EXPECT_THAT(judge_pending(nan, moment).cause(), HasSubstr("NaN"));
}

// --- nodes --------------------------------------------------------------------------------------

void add_node(Samples& to, const std::string& name, const std::string& provider_id = {}) {
    const Labels own{{"node", name}};
    to.push_back(
        sample("info", with(with(own, "provider_id", provider_id), "internal_ip", "10.0.1.5"), 1));
    to.push_back(sample("ready", own, 1));
    to.push_back(sample("created", own, now_seconds - 600));
    to.push_back(sample("allocatable", with(own, "resource", "cpu"), 1.93));
    to.push_back(sample("allocatable", with(own, "resource", "memory"), 1748.9 * 1048576));
    to.push_back(sample("allocatable", with(own, "resource", "pods"), 110));
    to.push_back(sample("cordoned", own, 0));
}

Samples one_node(const std::string& name = "a", const std::string& provider_id = {}) {
    auto samples = answered();
    add_node(samples, name, provider_id);
    return samples;
}

Node judged(const Samples& samples) {
    const auto nodes = judge_nodes(samples, moment);
    if (!nodes.known() || nodes.value().size() != 1) {
        ADD_FAILURE() << (nodes.known() ? "not one node" : nodes.cause());
        return {};
    }
    return nodes.value().front();
}

TEST(JudgeNodes, ReadsIdentityAndResources) {
    const auto node = judged(one_node());
    EXPECT_EQ(node.name, "a");
    EXPECT_EQ(node.internal_ip, "10.0.1.5");
    EXPECT_TRUE(node.ready);
    EXPECT_TRUE(node.schedulable);
    EXPECT_FALSE(node.server);
    EXPECT_EQ(node.created_at, time_of_seconds(now_seconds - 600));
    EXPECT_EQ(node.allocatable, (Resources{{1930}, {1748}, 110}));
    EXPECT_TRUE(node.only_daemonset_pods) << "it has no pod";
}

struct IdRow {
    const char* name;
    const char* provider_id;
    const char* id;
};

TEST(JudgeNodes, InstanceIdIsFromNameOrProviderId) {
    const IdRow rows[] = {
        {"i-0abcdef12", "", "i-0abcdef12"},
        {"i-0abcdef12", "aws:///us-east-1a/i-0fffffff1", "i-0abcdef12"},
        {"ip-10-0-1-5", "aws:///us-east-1a/i-0123456789abcdef0", "i-0123456789abcdef0"},
        {"ip-10-0-1-5", "i-0123456789abcdef0", "i-0123456789abcdef0"},
        {"ip-10-0-1-5", "k3s://ip-10-0-1-5", ""},
        {"i-abc", "", ""},
        {"i-0ABCDEF12", "", ""},
        {"i-0abcdef1x", "aws:///a/", ""},
    };
    for (const auto& row : rows)
        EXPECT_EQ(judged(one_node(row.name, row.provider_id)).instance_id, row.id)
            << row.name << " " << row.provider_id;
}

TEST(JudgeNodes, NotForPods) {
    auto cordoned = one_node();
    cordoned.push_back(sample("cordoned", {{"node", "a"}}, 1));
    EXPECT_FALSE(judged(cordoned).schedulable);
    auto tainted = one_node();
    tainted.push_back(sample(
        "tainted", {{"node", "a"}, {"key", "team"}, {"value", "a"}, {"effect", "NoSchedule"}}, 1));
    tainted.push_back(
        sample("tainted", {{"node", "a"}, {"key", "closed"}, {"effect", "NoExecute"}}, 1));
    EXPECT_FALSE(judged(tainted).schedulable);
    EXPECT_EQ(judged(tainted).taints,
              (std::vector<std::string>{"team=a:NoSchedule", "closed:NoExecute"}));
    auto server = one_node();
    server.push_back(sample("server", {{"node", "a"}}, 1));
    EXPECT_TRUE(judged(server).server);
}

void add_pods(Samples& to, const std::string& node, const std::string& of, double count) {
    to.push_back(sample("requests", {{"node", node}, {"of", of}, {"resource", "pods"}}, count));
    to.push_back(sample("any_class", {}, 1));  // and none requests anything
}

TEST(JudgeNodes, ReadsRequestsOfPods) {
    auto samples = one_node();
    const Labels others{{"node", "a"}, {"of", "other"}};
    const Labels daemons{{"node", "a"}, {"of", "daemonset"}};
    add_pods(samples, "a", "other", 1);
    add_pods(samples, "a", "daemonset", 2);
    samples.push_back(sample("requests", with(others, "resource", "cpu"), 0.7));
    samples.push_back(sample("requests", with(others, "resource", "memory"), 256.0 * 1048576));
    samples.push_back(sample("requests", with(daemons, "resource", "cpu"), 0.05));
    auto node = judged(samples);
    EXPECT_EQ(node.requested, (Resources{{750}, {256}, 3}));
    EXPECT_EQ(node.daemonset_requested, (Resources{{50}, {0}, 2}));
    EXPECT_FALSE(node.only_daemonset_pods);
    EXPECT_EQ(node.pods_being_deleted, 0);
    samples.push_back(sample("deleted_pods", {{"node", "a"}}, 1));
    EXPECT_EQ(judged(samples).pods_being_deleted, 1);

    std::erase_if(samples, [](const Sample& one) {
        return one.label("resource") == "pods" && one.label("of") == "other";
    });
    EXPECT_TRUE(judged(samples).only_daemonset_pods);
}

TEST(JudgeNodes, EveryAddressOfANodeIsKept) {
    auto samples = one_node();
    samples.push_back(sample("addresses", {{"node", "a"}, {"address", "2600:1f14::b"}}, 1));
    samples.push_back(sample("addresses", {{"node", "a"}, {"address", "ip-10-0-1-5"}}, 1));
    EXPECT_EQ(judged(samples).addresses, (std::vector<std::string>{"2600:1f14::b", "ip-10-0-1-5"}));
}

struct MissingRow {
    const char* part;
    const char* says;
};

TEST(JudgeNodes, AMissingFamilyIsUnknown) {
    const MissingRow rows[] = {{"info", "kube_node_info"},
                               {"ready", "kube_node_status_condition"},
                               {"allocatable", "kube_node_status_allocatable"},
                               {"any_pod", "kube_pod_info"},
                               {"nodes_seen", "kube_node_info"}};
    for (const auto& row : rows) {
        auto samples = one_node();
        std::erase_if(samples, [&](const Sample& one) { return one.label("part") == row.part; });
        const auto nodes = judge_nodes(samples, moment);
        ASSERT_FALSE(nodes.known()) << row.part;
        EXPECT_THAT(nodes.cause(), HasSubstr(row.says));
    }
}

/// K3s always labels its servers; without the label one would be taken for a worker.
TEST(JudgeNodes, WithoutAServerRoleNodesAreUnknown) {
    auto samples = one_node();
    std::erase_if(samples, [](const Sample& one) { return one.label("part") == "server"; });
    const auto nodes = judge_nodes(samples, moment);
    ASSERT_FALSE(nodes.known());
    EXPECT_EQ(nodes.cause(),
              "no Node has a control-plane, master or etcd role in kube_node_role, so Nodenap "
              "cannot tell servers from workers");
}

void age(Samples& samples, const std::string& node, double seconds) {
    for (auto& one : samples)
        if (one.label("part") == "created" && one.label("node") == node)
            one.value = now_seconds - seconds;
}

/// Its pods may be with a kube-state-metrics that is not scraped.
TEST(JudgeNodes, NodeWithoutPodsCountsAsFullIfDaemonSetsRun) {
    auto samples = one_node();
    add_node(samples, "b");
    add_pods(samples, "a", "daemonset", 1);
    const auto nodes = judge_nodes(samples, moment);
    ASSERT_TRUE(nodes.known()) << nodes.cause();
    EXPECT_TRUE(nodes.value()[0].only_daemonset_pods);
    EXPECT_FALSE(nodes.value()[1].only_daemonset_pods);
    EXPECT_EQ(nodes.value()[1].requested, nodes.value()[1].allocatable);
    EXPECT_EQ(nodes.value()[1].daemonset_requested, Resources{});

    age(samples, "b", 60);
    const auto young = judge_nodes(samples, moment);
    EXPECT_FALSE(young.value()[1].only_daemonset_pods);
    EXPECT_EQ(young.value()[1].requested, Resources{}) << "its pods are on their way";
}

TEST(JudgeNodes, WithoutDaemonSetsANodeMayBeEmpty) {
    auto samples = one_node();
    add_node(samples, "b");
    add_pods(samples, "a", "other", 1);
    const auto nodes = judge_nodes(samples, moment);
    ASSERT_TRUE(nodes.known()) << nodes.cause();
    EXPECT_TRUE(nodes.value()[1].only_daemonset_pods);
    EXPECT_EQ(nodes.value()[1].requested, Resources{});
}

TEST(JudgeNodes, ANodeWithoutItsConditionIsUnknown) {
    auto samples = one_node();
    samples.push_back(sample("info", {{"node", "b"}}, 1));
    EXPECT_THAT(judge_nodes(samples, moment).cause(), HasSubstr("node b"));
}

TEST(JudgeNodes, SeriesOfNodesThatAreNotListedAreIgnored) {
    auto samples = one_node();
    samples.push_back(sample("ready", {{"node", "ghost"}}, 1));
    add_pods(samples, "ghost", "other", 9);
    EXPECT_EQ(judge_nodes(samples, moment).value().size(), 1U);
}

/// Else every pod would seem to stand on one node, and the others would never have joined.
TEST(JudgeNodes, OverwrittenLabelsMakeNodesUnknown) {
    auto samples = one_node();
    samples.push_back(sample("overwritten", {}, 3));
    EXPECT_THAT(judge_nodes(samples, moment).cause(), HasSubstr("honor_labels"));
    EXPECT_THAT(judge_pending(samples, moment).cause(), HasSubstr("honor_labels"));
}

}  // namespace
}  // namespace nodenap
