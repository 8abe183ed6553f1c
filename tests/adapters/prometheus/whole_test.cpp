#include "adapters/prometheus/judge.hpp"

#include <gmock/gmock.h>

#include <functional>
#include <limits>

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

void add_node(Samples& to, const std::string& name, const std::string& address) {
    to.push_back(sample("info", {{"node", name}, {"internal_ip", address}}, 1));
    to.push_back(sample("ready", {{"node", name}}, 1));
    to.push_back(sample("created", {{"node", name}}, now_seconds - 86400));
    to.push_back(sample("allocatable", {{"node", name}, {"resource", "cpu"}}, 1));
    to.push_back(
        sample("requests", {{"node", name}, {"of", "daemonset"}, {"resource", "pods"}}, 1));
    to.push_back(sample("listed", {{"node", name}}, 1));
}

/// A server and two workers, each with one pod of a DaemonSet.
Samples three_nodes() {
    Samples all{sample("any_pod", {}, 3), sample("nodes_seen", {}, now_seconds - 10),
                sample("requests", {{"node", "a"}, {"resource", "cpu"}}, 0.5),
                sample("requests", {{"node", "a"}, {"resource", "memory"}}, 1048576),
                sample("server", {{"node", "server-0"}}, 1)};
    add_node(all, "server-0", "10.0.1.10");
    add_node(all, "a", "10.0.1.21");
    add_node(all, "b", "10.0.1.22");
    for (const char* kubelet : {"10.0.1.10:10250", "10.0.1.21:10250", "10.0.1.22:10250"})
        all.push_back(sample("running", {{"instance", kubelet}}, 1));
    return all;
}

Node node_of(const Samples& samples, const std::string& name) {
    const auto nodes = judge_nodes(samples, moment);
    if (!nodes.known()) {
        ADD_FAILURE() << nodes.cause();
        return {};
    }
    for (const auto& node : nodes.value())
        if (node.name == name) return node;
    ADD_FAILURE() << name << " is not there";
    return {};
}

Samples with(Samples samples, const Samples& more) {
    samples.insert(samples.end(), more.begin(), more.end());
    return samples;
}

TEST(CompleteData, CompleteDataHasNoFindings) {
    for (const char* name : {"server-0", "a", "b"}) {
        EXPECT_EQ(node_of(three_nodes(), name).unlisted_pods, 0) << name;
        EXPECT_EQ(node_of(three_nodes(), name).hidden_pods, 0) << name;
    }
}

TEST(CompleteData, UnlistedPodsCountOnTheNodeOfTheirKubelet) {
    const auto samples =
        with(three_nodes(), {sample("unlisted", {{"instance", "10.0.1.21:10250"}}, 3),
                             sample("hidden", {{"instance", "10.0.1.21:10250"}}, 2)});
    EXPECT_EQ(node_of(samples, "a").unlisted_pods, 3);
    EXPECT_EQ(node_of(samples, "a").hidden_pods, 2);
    EXPECT_EQ(node_of(samples, "b").unlisted_pods, 0);
}

TEST(CompleteData, AbsurdPodCountsAreClamped) {
    for (const double absurd : {1e300, -1e300, -1.0}) {
        const auto samples = with(three_nodes(), {sample("listed", {{"node", "a"}}, absurd)});
        EXPECT_GE(node_of(samples, "a").unlisted_pods, 0) << absurd;
        EXPECT_LE(node_of(samples, "a").unlisted_pods, 1) << absurd;
    }
    EXPECT_EQ(count_of(1e300), 1'000'000'000'000'000);
    EXPECT_EQ(count_of(-1e300), 0);
    EXPECT_EQ(count_of(std::numeric_limits<double>::quiet_NaN()), 0);
}

TEST(CompleteData, KubeletScrapedTwiceCountsOnce) {
    const auto samples =
        with(three_nodes(), {sample("unlisted", {{"instance", "10.0.1.21:10250"}}, 2),
                             sample("unlisted", {{"instance", "a"}}, 2),
                             sample("running", {{"instance", "a"}}, 1)});
    EXPECT_EQ(node_of(samples, "a").unlisted_pods, 2);
}

/// A StatefulSet's pod moved, and the kube-state-metrics that is scraped did not hear of it.
TEST(CompleteData, PodListedOnAnotherNodeIsUnlisted) {
    const auto samples = with(three_nodes(), {sample("running", {{"instance", "10.0.1.22"}}, 2)});
    EXPECT_EQ(node_of(samples, "b").unlisted_pods, 1);
    EXPECT_EQ(node_of(samples, "b").hidden_pods, 0) << "it may have ended a moment ago";
}

TEST(CompleteData, UnmatchedKubeletsMayBelongToAnyNode) {
    auto samples = three_nodes();
    std::erase_if(samples, [](const Sample& one) { return one.label("part") == "running"; });
    samples.push_back(sample("running", {{"instance", "https://kubelet-1"}}, 2));
    samples.push_back(sample("hidden", {{"instance", "https://kubelet-1"}}, 1));
    samples.push_back(sample("unlisted", {{"instance", "https://kubelet-1"}}, 1));
    EXPECT_EQ(node_of(samples, "a").hidden_pods, 1);
    EXPECT_EQ(node_of(samples, "b").unlisted_pods, 1);
}

/// One kubelet of three is scraped under a name that no Node has.
TEST(CompleteData, UnmatchedKubeletMayBelongToEachNodeWithoutOne) {
    auto samples = three_nodes();
    std::erase_if(samples, [](const Sample& one) {
        return one.label("part") == "running" && one.label("instance") == "10.0.1.22:10250";
    });
    samples.push_back(sample("running", {{"instance", "kubelet-b"}}, 2));
    samples.push_back(sample("hidden", {{"instance", "kubelet-b"}}, 1));
    samples.push_back(sample("unlisted", {{"instance", "kubelet-b"}}, 1));
    EXPECT_EQ(node_of(samples, "b").hidden_pods, 1);
    EXPECT_EQ(node_of(samples, "b").unlisted_pods, 1);
    EXPECT_EQ(node_of(samples, "a").hidden_pods, 0) << "it has a kubelet of its own";
    EXPECT_EQ(node_of(samples, "a").unlisted_pods, 0);
}

TEST(CompleteData, KubeletsOfOtherClustersAreIgnored) {
    const auto samples =
        with(three_nodes(), {sample("running", {{"instance", "10.9.0.1:10250"}}, 9),
                             sample("hidden", {{"instance", "10.9.0.1:10250"}}, 9)});
    EXPECT_EQ(node_of(samples, "a").hidden_pods, 0);
}

struct Row {
    const char* name;
    Samples more;
    const char* cause;  // empty: known
};

TEST(CompleteData, MissingShardsAndRequestsAreUnknown) {
    const Row rows[] = {
        {"one shard of one", {sample("shards", {}, 1), sample("shards_seen", {}, 1)}, ""},
        {"all shards", {sample("shards", {}, 2), sample("shards_seen", {}, 2)}, ""},
        {"a shard is missing",
         {sample("shards", {}, 3), sample("shards_seen", {}, 2)},
         "kube-state-metrics has 3 shards, and Prometheus scrapes 2 of them"},
        {"no ordinal", {sample("shards", {}, 2)}, "scrapes 0 of them"},
        {"pods without their requests",
         {sample("without_requests",
                 {{"namespace", "shop"}, {"pod", "cart"}, {"resource", "cpu|memory"}}, 1)},
         "no CPU or memory request is reported for pods of QoS class Burstable or Guaranteed, such "
         "as "
         "shop/cart"},
        {"pods without a part of them",
         {sample("without_requests",
                 {{"namespace", "shop"}, {"pod", "cart"}, {"resource", "memory"}}, 1)},
         "no memory request is reported"},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        const auto nodes = judge_nodes(with(three_nodes(), row.more), moment);
        EXPECT_EQ(nodes.known(), *row.cause == 0);
        if (!nodes.known()) {
            EXPECT_THAT(nodes.cause(), HasSubstr(row.cause));
        }
    }
}

TEST(CompleteData, WithoutRequestsNodesAreUnknownUnlessQosClassesExplainIt) {
    auto samples = three_nodes();
    std::erase_if(samples, [](const Sample& one) {
        return one.label("resource") != "pods" && one.label("part") == "requests";
    });
    const auto nodes = judge_nodes(samples, moment);
    ASSERT_FALSE(nodes.known());
    EXPECT_THAT(nodes.cause(), HasSubstr("Prometheus has no CPU request of any pod"));
    samples.push_back(sample("any_class", {}, 9));
    EXPECT_TRUE(judge_nodes(samples, moment).known());
}

/// A relabel rule dropped those of one resource.
TEST(CompleteData, EachResourceNeedsARequestUnlessNoPodHasOne) {
    for (const auto& [kind, text] : {std::pair("cpu", "CPU"), std::pair("memory", "memory")}) {
        SCOPED_TRACE(kind);
        auto samples = three_nodes();
        std::erase_if(samples, [&](const Sample& one) {
            return one.label("resource") == kind && one.label("part") == "requests";
        });
        EXPECT_FALSE(judge_nodes(samples, moment).known()) << "the classes are not known";
        samples.push_back(sample("any_class", {}, 9));
        samples.push_back(sample("requesters", {}, 1));
        const auto nodes = judge_nodes(samples, moment);
        ASSERT_FALSE(nodes.known());
        EXPECT_THAT(nodes.cause(), HasSubstr(std::string("no ") + text + " request of any pod"));
    }
}

TEST(CompleteData, SeveralClustersMakeBuiltInQueriesUnknown) {
    const Samples clusters{sample("clusters", {{"node", "a"}, {"cluster", "prod"}}, 1),
                           sample("clusters", {{"node", "b"}, {"cluster", "staging"}}, 1)};
    const Samples cpu{sample("size", {{"instance", "a"}}, 1),
                      sample("used", {{"instance", "a"}}, 0.1),
                      sample("seen", {{"instance", "a"}}, now_seconds)};
    const PrometheusAnswers answers{cpu, cpu, Samples{sample("any_pod", {}, 1)},
                                    with(three_nodes(), clusters)};
    const auto signals = judge(answers, moment, {});
    const auto says = HasSubstr("2 clusters, by label cluster of kube_node_info (prod, staging)");
    ASSERT_FALSE(signals.nodes.known());
    EXPECT_THAT(signals.nodes.cause(), says);
    ASSERT_FALSE(signals.pending.known());
    EXPECT_THAT(signals.pending.cause(), says);
    ASSERT_FALSE(signals.cpu.known());
    EXPECT_THAT(signals.cpu.cause(), says);
    ASSERT_FALSE(signals.memory.known());

    const Samples percent{{{}, 40}};
    const auto own = judge({percent, percent, percent, with(three_nodes(), clusters)}, moment,
                           {true, true, true});
    EXPECT_TRUE(own.cpu.known() && own.memory.known() && own.pending.known())
        << "a person's own queries choose for themselves";
}

struct ClusterRow {
    const char* name;
    std::vector<Labels> nodes;
    const char* says;  // empty: one cluster
};

TEST(CompleteData, ClustersAreDistinguishedByUniqueNodeLabels) {
    const ClusterRow rows[] = {
        {"no Node with labels of its scraper", {}, ""},
        {"one value", {{{"node", "a"}, {"stage", "x"}}, {{"node", "b"}, {"stage", "x"}}}, ""},
        {"a label of any name",
         {{{"node", "a"}, {"stage", "x"}}, {{"node", "b"}, {"stage", "y"}}},
         "2 clusters, by label stage of kube_node_info (x, y)"},
        {"one without the label",
         {{{"node", "a"}}, {{"node", "b"}, {"region", "eu"}}},
         "by label region of kube_node_info (none, eu)"},
        {"replicas that give the same Nodes, of which one is behind",
         {{{"node", "a"}, {"ha", "1"}}, {{"node", "a"}, {"ha", "2"}}, {{"node", "b"}, {"ha", "2"}}},
         ""},
        {"replicas of two clusters",
         {{{"node", "a"}, {"ha", "1"}, {"site", "x"}},
          {{"node", "a"}, {"ha", "2"}, {"site", "x"}},
          {{"node", "b"}, {"ha", "1"}, {"site", "y"}}},
         "2 clusters, by label site of kube_node_info (x, y)"},
        {"Nodes of the same name on other machines",
         {{{"node", "a"}, {"system_uuid", "1"}, {"stage", "x"}},
          {{"node", "a"}, {"system_uuid", "2"}, {"stage", "y"}}},
         "2 clusters, by label stage of kube_node_info (x, y)"},
        {"a label that says it, though the Nodes seem the same",
         {{{"node", "a"}, {"k8s_cluster", "x"}}, {{"node", "a"}, {"k8s_cluster", "y"}}},
         "2 clusters, by label k8s_cluster of kube_node_info (x, y)"},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        Samples samples;
        for (const auto& labels : row.nodes) samples.push_back(sample("clusters", labels, 1));
        const auto several = several_clusters(Parts(samples));
        EXPECT_EQ(several.has_value(), *row.says != 0);
        EXPECT_THAT(several ? several->cause : "", HasSubstr(row.says));
    }
}

TEST(CompleteData, LocalVolumesHaveTheNodeOfTheirPod) {
    const Labels claim{
        {"namespace", "default"}, {"persistentvolumeclaim", "data-db-0"}, {"volumename", "pvc-1"}};
    const Samples samples{sample("volumes", claim, 1),
                          sample("volume_users", {{"node", "a"}, {"volumename", "pvc-1"}}, 1)};
    const auto volumes = read_volumes(Parts(samples));
    ASSERT_EQ(volumes.size(), 1U);
    EXPECT_EQ(volumes[0].name, "pvc-1");
    EXPECT_EQ(volumes[0].claim, "default/data-db-0");
    EXPECT_EQ(volumes[0].node, "a");
}

TEST(CompleteData, SharedLocalVolumeCountsForEachNode) {
    const Labels claim{
        {"namespace", "default"}, {"persistentvolumeclaim", "data-db-0"}, {"volumename", "pvc-1"}};
    const Samples samples{sample("volumes", claim, 1),
                          sample("volume_users", {{"node", "a"}, {"volumename", "pvc-1"}}, 1),
                          sample("volume_users", {{"node", "b"}, {"volumename", "pvc-1"}}, 1)};
    const auto volumes = read_volumes(Parts(samples));
    ASSERT_EQ(volumes.size(), 2U);
    EXPECT_EQ(volumes[0].node, "a");
    EXPECT_EQ(volumes[1].node, "b");
    EXPECT_EQ(volumes[1].claim, volumes[0].claim);
}

TEST(CompleteData, LocalVolumeCountsWithoutItsClaim) {
    const Samples samples{
        sample("bound_volumes", {{"persistentvolume", "pvc-1"}}, 1),
        sample("bound_volumes", {{"persistentvolume", "pvc-2"}}, 1),
        sample("volumes",
               {{"namespace", "default"}, {"persistentvolumeclaim", "b"}, {"volumename", "pvc-2"}},
               1)};
    const auto volumes = read_volumes(Parts(samples));
    ASSERT_EQ(volumes.size(), 2U);
    EXPECT_EQ(volumes[0].claim, "default/b");
    EXPECT_EQ(volumes[1].name, "pvc-1");
    EXPECT_TRUE(volumes[1].claim.empty() && volumes[1].node.empty());
}

TEST(CompleteData, WhetherVolumesAreReportedAtAllIsKnown) {
    const auto reported = [](const Samples& nodes) {
        const Samples none;
        return judge({none, none, none, nodes}, moment, {}).volumes_reported;
    };
    EXPECT_FALSE(reported(three_nodes()));
    EXPECT_TRUE(reported(with(three_nodes(), {sample("volumes_seen", {}, 2)})));
}

}  // namespace
}  // namespace nodenap
