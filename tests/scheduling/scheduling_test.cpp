// One pod against one node, filter by filter; kube-scheduler's own answers on thousands of cases
// are compared by recorded_cases.py.

#include "kube_cluster.hpp"
#include "scheduling/fit.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace nodenap {
namespace {

using test::app_is;
using test::gibibyte;
using test::kube_node;
using test::kube_pod;
using test::placed;

/// Node "one", and the pod "web" that is to be placed on it.
struct Pair {
    ClusterState state;
    Pod pod = kube_pod("web");

    Pair() {
        state.nodes.push_back(kube_node("one"));
        state.constraints_known = test::all_known();
    }
    ClusterNode& node() { return state.nodes.front(); }
    void runs(const Pod& other) { state.pods.push_back(placed(other, "one")); }

    /// "TaintToleration: taint … is not tolerated", or "fits".
    std::string verdict() const {
        const ClusterView view(state);
        const auto refusal = fit(view, pod, 0);
        return refusal ? std::string(name_of(refusal->filter)) + ": " + refusal->reason : "fits";
    }
};

struct Row {
    const char* name;
    std::function<void(Pair&)> make;
    const char* verdict;
};

void expect_verdicts(const std::vector<Row>& rows) {
    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        Pair pair;
        row.make(pair);
        EXPECT_EQ(pair.verdict(), row.verdict);
    }
}

PodAffinityTerm near(const std::string& app, const std::string& key) {
    return {key, app_is(app), {}, std::nullopt};
}

PodVolume volume_of(const std::string& claim) {
    return {.kind = VolumeKind::claim, .name = "data", .claim = claim};
}

TEST(Fit, ResourcesAndPlaces) {
    expect_verdicts({
        {"an empty node", [](Pair&) {}, "fits"},
        {"CPU that others request is taken",
         [](Pair& p) {
             auto other = kube_pod("db");
             other.requests.cpu = Millicores{1600};
             p.runs(other);
         },
         "NodeResourcesFit: insufficient cpu: requests 500m, the node has 400m free of 2"},
        {"memory", [](Pair& p) { p.pod.requests.memory = Bytes{5 * gibibyte}; },
         "NodeResourcesFit: insufficient memory: requests 5Gi, the node has 4Gi free of 4Gi"},
        {"an extended resource that the node lacks",
         [](Pair& p) { p.pod.requests.add_other("nvidia.com/gpu", 1); },
         "NodeResourcesFit: insufficient nvidia.com/gpu: requests 1, the node has 0 free of 0"},
        {"places for pods", [](Pair& p) { p.node().allocatable_pods = 0; },
         "NodeResourcesFit: too many pods: 0 of 0"},
    });
}

TEST(Fit, TaintsAndCordons) {
    const Taint dedicated{"dedicated", "db", TaintEffect::no_schedule};
    expect_verdicts({
        {"a taint", [&](Pair& p) { p.node().taints = {dedicated}; },
         "TaintToleration: taint dedicated=db:NoSchedule is not tolerated"},
        {"a taint that is tolerated",
         [&](Pair& p) {
             p.node().taints = {dedicated};
             p.pod.rules.tolerations = {
                 {"dedicated", TolerationOperator::equal, "db", std::nullopt}};
         },
         "fits"},
        {"a preference keeps nobody away",
         [](Pair& p) {
             p.node().taints = {{"dedicated", "db", TaintEffect::prefer_no_schedule}};
         },
         "fits"},
        {"a cordon", [](Pair& p) { p.node().unschedulable = true; },
         "NodeUnschedulable: the node is cordoned"},
    });
}

TEST(Fit, SelectorsAndAffinityOfNodes) {
    const auto asks = [](LabelOperator op, std::vector<std::string> values) {
        return [op, values = std::move(values)](Pair& p) {
            p.node().labels.set("cores", "8");
            p.pod.rules.node_affinity = NodeSelector{{{{{"cores", op, values}}, {}}}};
        };
    };
    expect_verdicts({
        {"a selector",
         [](Pair& p) {
             p.pod.rules.node_selector = {{"disk", "ssd"}};
         },
         "NodeAffinity: node selector disk=ssd does not match: the node has no such label"},
        {"In", asks(LabelOperator::in, {"4", "8"}), "fits"},
        {"NotIn", asks(LabelOperator::not_in, {"8"}),
         "NodeAffinity: node affinity does not match: cores NotIn (8), and the node has \"8\""},
        {"Exists", asks(LabelOperator::exists, {}), "fits"},
        {"DoesNotExist", asks(LabelOperator::does_not_exist, {}),
         "NodeAffinity: node affinity does not match: cores DoesNotExist, and the node has \"8\""},
        {"Gt", asks(LabelOperator::greater, {"7"}), "fits"},
        {"Lt", asks(LabelOperator::less, {"8"}),
         "NodeAffinity: node affinity does not match: cores Lt (8), and the node has \"8\""},
        {"an empty term matches nothing",
         [](Pair& p) { p.pod.rules.node_affinity = NodeSelector{{{}}}; },
         "NodeAffinity: node affinity does not match: it is empty"},
    });
}

TEST(Fit, HostPorts) {
    const auto with_port = [](Pod pod, const std::string& ip) {
        pod.rules.host_ports = {{ip, "TCP", 80}};
        return pod;
    };
    expect_verdicts({
        {"the port is taken",
         [&](Pair& p) {
             p.pod = with_port(p.pod, "0.0.0.0");
             p.runs(with_port(kube_pod("proxy"), "10.0.0.1"));
         },
         "NodePorts: host port 80/TCP is in use on 10.0.0.1"},
        {"two addresses do not meet",
         [&](Pair& p) {
             p.pod = with_port(p.pod, "10.0.0.2");
             p.runs(with_port(kube_pod("proxy"), "10.0.0.1"));
         },
         "fits"},
    });
}

TEST(Fit, AffinityOfPods) {
    const std::string host = "kubernetes.io/hostname";
    expect_verdicts({
        {"anti-affinity of the pod",
         [&](Pair& p) {
             p.runs(kube_pod("db"));
             p.pod.rules.anti_affinity = {near("db", host)};
         },
         "InterPodAffinity: pod anti-affinity: kubernetes.io/hostname=one has pods with app In "
         "(db)"},
        {"anti-affinity of a pod that runs there",
         [&](Pair& p) {
             auto db = kube_pod("db");
             db.rules.anti_affinity = {near("web", host)};
             p.runs(db);
         },
         "InterPodAffinity: a pod of namespace default in kubernetes.io/hostname=one has "
         "anti-affinity to this pod"},
        {"affinity to a pod that runs nowhere",
         [&](Pair& p) { p.pod.rules.affinity = {near("db", host)}; },
         "InterPodAffinity: pod affinity: kubernetes.io/hostname=one has none of the pods with "
         "app In (db)"},
        {"the first of a group that wants to be together",
         [&](Pair& p) { p.pod.rules.affinity = {near("web", host)}; }, "fits"},
    });
}

TEST(Fit, TopologySpread) {
    const auto spread = [](Pair& p) {
        p.state.nodes.push_back(kube_node("two", "b"));
        p.runs(kube_pod("web"));
        SpreadConstraint rule;
        rule.topology_key = "topology.kubernetes.io/zone";
        rule.selector = app_is("web");
        p.pod.rules.spread = {rule};
    };
    expect_verdicts({
        {"one more than elsewhere is too many", spread,
         "PodTopologySpread: topology spread: topology.kubernetes.io/zone=a would have 2 pods, at "
         "most 1 are allowed (maxSkew 1, fewest 0)"},
        {"a skew of two",
         [&](Pair& p) {
             spread(p);
             p.pod.rules.spread[0].max_skew = 2;
         },
         "fits"},
        {"a preference only",
         [&](Pair& p) {
             spread(p);
             p.pod.rules.spread[0].do_not_schedule = false;
         },
         "fits"},
        {"a node without the label",
         [&](Pair& p) {
             spread(p);
             p.node().labels = {};
         },
         "PodTopologySpread: topology spread: the node has no label topology.kubernetes.io/zone"},
    });
}

TEST(Fit, Volumes) {
    const auto with_claim = [](Pair& p) {
        p.pod.rules.volumes = {volume_of("data")};
        PersistentVolumeClaim claim;
        claim.namespace_name = "default";
        claim.name = "data";
        claim.volume = "pv-1";
        claim.bind_completed = true;
        p.state.claims = {claim};
        PersistentVolume volume;
        volume.name = "pv-1";
        p.state.volumes = {volume};
    };
    const auto only_on = [](const std::string& host) {
        return NodeSelector{{{{{"kubernetes.io/hostname", LabelOperator::in, {host}}}, {}}}};
    };
    expect_verdicts({
        {"a bound claim", with_claim, "fits"},
        {"a claim that is not there", [](Pair& p) { p.pod.rules.volumes = {volume_of("data")}; },
         "VolumeRestrictions: PersistentVolumeClaim data does not exist"},
        {"a claim that nobody read",
         [](Pair& p) {
             p.pod.rules.volumes = {volume_of("data")};
             p.state.constraints_known.claims = false;
         },
         "VolumeRestrictions: PersistentVolumeClaim data is unknown: no PersistentVolumeClaims "
         "were read"},
        {"a volume of another node",
         [&](Pair& p) {
             with_claim(p);
             p.state.volumes[0].node_affinity = only_on("two");
         },
         "VolumeBinding: PersistentVolume pv-1 cannot be used on this node"},
        {"the node's limit of attached volumes",
         [&](Pair& p) {
             with_claim(p);
             p.state.volumes[0].source = VolumeSource::csi;
             p.state.volumes[0].csi_driver = "ebs.csi.aws.com";
             p.state.volumes[0].csi_handle = "vol-1";
             p.state.csi_nodes = {{"one", {{"ebs.csi.aws.com", 0}}}};
         },
         "NodeVolumeLimits: the node can attach 0 volumes of ebs.csi.aws.com, and has 0"},
    });
}

TEST(Fit, DeclaredFeatures) {
    expect_verdicts({
        {"a feature that the node does not declare",
         [](Pair& p) { p.pod.rules.node_features = {"SomeFeature"}; },
         "NodeDeclaredFeatures: the node does not declare the feature SomeFeature"},
    });
}

TEST(ClusterView, APlacedPodCountsUntilItIsRemoved) {
    Pair pair;
    pair.pod.requests.cpu = Millicores{1500};
    ClusterView view(pair.state);
    EXPECT_FALSE(fit(view, pair.pod, 0));
    view.place(pair.pod, 0);
    EXPECT_TRUE(fit(view, pair.pod, 0));
    view.remove(pair.pod, 0);
    EXPECT_FALSE(fit(view, pair.pod, 0));
}

TEST(ClusterView, PodsThatHaveEndedCountNowhere) {
    Pair pair;
    auto ended = placed(kube_pod("job"), "one");
    ended.requests.cpu = Millicores{2000};
    ended.phase = PodPhase::succeeded;
    pair.state.pods = {ended, placed(kube_pod("lost"), "gone")};
    const ClusterView view(pair.state);
    EXPECT_EQ(view.nodes()[0].pods, 0);
    EXPECT_EQ(pair.verdict(), "fits");
}

}  // namespace
}  // namespace nodenap
