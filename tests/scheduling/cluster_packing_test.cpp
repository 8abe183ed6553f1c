#include "scheduling/cluster_packing.hpp"

#include "scheduling/fit.hpp"
#include "scheduling/kube_cluster.hpp"
#include "scheduling/pack_search.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>
#include <set>

namespace nodenap {
namespace {

using test::app_is;
using test::gibibyte;
using test::kube_node;
using test::kube_pod;
using test::placed;
using testing::HasSubstr;

constexpr const char* host = "kubernetes.io/hostname";
constexpr const char* zone = "topology.kubernetes.io/zone";

/// New nodes in zones a and b: small ones of 2 cores and 4 GiB for $0.04, large ones of 4 cores and
/// 16 GiB for $0.10.
struct Shop {
    ClusterState state;
    NodeSupply supply;

    Shop() {
        state.constraints_known = test::all_known();
        for (const auto* each : {"a", "b"})
            supply.kinds.push_back({kube_node("new", each), {}, {}});
        for (std::size_t type = 0; type < 2; ++type) {
            for (std::size_t kind = 0; kind < supply.kinds.size(); ++kind) {
                const auto cores = type == 0 ? 2000 : 4000;
                const auto memory = (type == 0 ? 4 : 16) * gibibyte;
                supply.offers.push_back({kind,
                                         0,
                                         type,
                                         {Millicores{cores}, Bytes{memory}, Bytes{0}},
                                         20,
                                         type == 0 ? 0.04 : 0.10});
            }
        }
        supply.limits.most_by_pool = {1000};
    }

    void add(const std::string& app, int count, const std::function<void(Pod&)>& change = {}) {
        for (int i = 0; i < count; ++i) {
            auto pod = kube_pod(app);
            pod.name += "-" + std::to_string(i);
            if (change) change(pod);
            state.pods.push_back(std::move(pod));
        }
    }

    std::vector<const Pod*> pending() const {
        std::vector<const Pod*> pods;
        for (const auto& pod : state.pods)
            if (pod.node.empty()) pods.push_back(&pod);
        return pods;
    }

    ClusterPacking pack() const { return pack(pending()); }
    ClusterPacking pack(const std::vector<const Pod*>& pods) const {
        return pack_cluster(ClusterView(state), pods, supply);
    }

    double price(const ClusterPacking& packing) const {
        double sum = 0;
        for (const auto& node : packing.nodes) sum += supply.offers[node.offer].price_per_hour_usd;
        return sum;
    }

    /// By zone, how many pods the new nodes there have.
    std::map<std::string, std::size_t> by_zone(const ClusterPacking& packing) const {
        std::map<std::string, std::size_t> pods;
        for (const auto& node : packing.nodes)
            pods[*supply.kinds[supply.offers[node.offer].kind].node.labels.find(zone)] +=
                node.pods.size();
        return pods;
    }
};

void spread_by(const std::string& key, Pod& pod) {
    SpreadConstraint rule;
    rule.topology_key = key;
    rule.selector = app_is(*pod.labels.find("app"));
    pod.rules.spread = {rule};
}

void apart_by(const std::string& key, Pod& pod) {
    pod.rules.anti_affinity = {{key, app_is(*pod.labels.find("app")), {}, {}}};
}

void together_by(const std::string& key, Pod& pod) {
    pod.rules.affinity = {{key, app_is(*pod.labels.find("app")), {}, {}}};
}

TEST(PackCluster, TakesTheCheapestSetOfNodes) {
    Shop shop;
    shop.add("web", 4);
    auto packing = shop.pack();
    ASSERT_EQ(packing.nodes.size(), 1U);
    EXPECT_NEAR(shop.price(packing), 0.04, 1e-9) << "four pods of 500m fill two cores";
    shop.add("more", 1);
    EXPECT_NEAR(shop.price(shop.pack()), 0.08, 1e-9) << "two small ones are cheaper than a large";
    shop.add("big", 1, [](Pod& pod) { pod.requests.cpu = Millicores{3000}; });
    packing = shop.pack();
    EXPECT_TRUE(packing.left.empty());
    EXPECT_NEAR(shop.price(packing), 0.10 + 0.04, 1e-9) << "the large node takes two more";
}

TEST(PackCluster, NodesThatAreThereComeFirst) {
    Shop shop;
    shop.state.nodes = {kube_node("one")};
    shop.state.pods = {placed(kube_pod("old"), "one")};
    shop.add("web", 4);
    const auto packing = shop.pack();
    EXPECT_EQ(packing.placed.size(), 3U);
    ASSERT_EQ(packing.nodes.size(), 1U);
    EXPECT_EQ(packing.nodes[0].pods.size(), 1U);
}

TEST(PackCluster, SpreadsByZoneAndByNode) {
    Shop shop;
    shop.add("web", 5, [](Pod& pod) { spread_by(zone, pod); });
    const auto zones = shop.by_zone(shop.pack());
    ASSERT_EQ(zones.size(), 2U);
    EXPECT_LE(std::max(zones.at("a"), zones.at("b")), 3U);
    Shop nodes;
    nodes.add("web", 3, [](Pod& pod) { spread_by(host, pod); });
    EXPECT_EQ(nodes.pack().nodes.size(), 3U);
}

TEST(PackCluster, CountsWhatIsInTheCluster) {
    Shop shop;
    shop.state.nodes = {kube_node("one", "a")};
    shop.state.nodes[0].allocatable_pods = 2;
    for (const auto* name : {"web-x", "web-y"}) {
        auto pod = placed(kube_pod("web"), "one");
        pod.name = name;
        shop.state.pods.push_back(pod);
    }
    shop.add("web", 2, [](Pod& pod) { spread_by(zone, pod); });
    EXPECT_EQ(shop.by_zone(shop.pack()), (std::map<std::string, std::size_t>{{"b", 2}}));
}

TEST(PackCluster, KeepsPodsApartAndTogether) {
    Shop apart;
    apart.add("db", 3, [](Pod& pod) { apart_by(host, pod); });
    EXPECT_EQ(apart.pack().nodes.size(), 3U);
    Shop zones;
    zones.add("db", 3, [](Pod& pod) { apart_by(zone, pod); });
    const auto packing = zones.pack();
    EXPECT_EQ(packing.nodes.size(), 2U) << "there are two zones";
    ASSERT_EQ(packing.left.size(), 1U);
    EXPECT_THAT(packing.left[0].reason,
                HasSubstr("pod anti-affinity: topology.kubernetes.io/zone"));
    Shop near;
    near.add("web", 6, [](Pod& pod) { together_by(host, pod); });
    const auto together = near.pack();
    ASSERT_EQ(together.nodes.size(), 1U);
    EXPECT_NEAR(near.price(together), 0.10, 1e-9) << "six pods of 500m on one node";
}

TEST(PackCluster, AntiAffinityOfPodsInTheClusterKeepsAZoneFree) {
    Shop shop;
    shop.state.nodes = {kube_node("one", "a")};
    auto db = placed(kube_pod("db"), "one");
    db.requests.cpu = Millicores{2000};
    db.rules.anti_affinity = {{zone, app_is("web"), {}, {}}};
    shop.state.pods = {db};
    shop.add("web", 2);
    EXPECT_EQ(shop.by_zone(shop.pack()), (std::map<std::string, std::size_t>{{"b", 2}}));
}

TEST(PackCluster, HardLimitsChangeTheChoice) {
    Shop shop;
    shop.add("web", 6);
    shop.supply.limits.most_nodes = 1;
    auto packing = shop.pack();
    ASSERT_EQ(packing.nodes.size(), 1U);
    EXPECT_EQ(packing.nodes[0].pods.size(), 6U) << "the large node takes all";
    shop.supply.limits.most_price_per_hour_usd = 0.05;
    packing = shop.pack();
    EXPECT_EQ(packing.nodes[0].pods.size(), 4U);
    EXPECT_EQ(packing.left.size(), 2U);
    shop.supply.limits.most_by_pool = {0};
    packing = shop.pack();
    EXPECT_TRUE(packing.nodes.empty());
    EXPECT_THAT(packing.left[0].reason, HasSubstr("limits"));
}

TEST(PackCluster, TheNearestMissIsSaid) {
    Shop shop;
    shop.add("huge", 1, [](Pod& pod) { pod.requests.cpu = Millicores{5000}; });
    shop.add("gpu", 1, [](Pod& pod) { pod.rules.node_selector = {{"gpu", "true"}}; });
    const auto packing = shop.pack();
    ASSERT_EQ(packing.left.size(), 2U);
    const auto reason = [&](std::size_t i) { return packing.left[i].reason; };
    const auto first = packing.left[0].pod->labels.find("app")->starts_with("huge") ? 0U : 1U;
    EXPECT_EQ(reason(first), "insufficient cpu: requests 5, the node has 4 free of 4");
    EXPECT_THAT(reason(1 - first), HasSubstr("gpu"));
}

TEST(PackCluster, DaemonSetsTakeTheirPartOfEachNewNode) {
    Shop shop;
    auto agent = kube_pod("agent");
    agent.controller->kind = "DaemonSet";
    for (auto& kind : shop.supply.kinds) kind.daemons = {agent};
    shop.add("web", 4);
    EXPECT_EQ(shop.pack().nodes.size(), 2U) << "three pods beside the agent";
}

TEST(PackCluster, APodWithoutRequestsNeedsANode) {
    Shop shop;
    shop.add("web", 25, [](Pod& pod) { pod.requests = {}; });
    const auto packing = shop.pack();
    EXPECT_TRUE(packing.left.empty());
    EXPECT_EQ(packing.nodes.size(), 2U) << "20 places on a node";
}

TEST(PackCluster, NodesThatCostNothingAreLaunchedToo) {
    Shop shop;
    for (auto& offer : shop.supply.offers) offer.price_per_hour_usd = 0;
    shop.add("web", 9);
    const auto packing = shop.pack();
    EXPECT_TRUE(packing.left.empty());
    EXPECT_LE(packing.nodes.size(), 3U);
}

/// A few apps of a few sizes, each with one rule or none.
Shop any_shop() {
    Shop shop;
    const auto apps = *rc::gen::inRange(1, 5);
    for (int app = 0; app < apps; ++app) {
        const auto rule = *rc::gen::inRange(0, 9);
        const auto cpu = *rc::gen::element(100, 250, 500, 1500);
        const auto memory = *rc::gen::element(1, 2, 3);
        shop.add("app" + std::to_string(app), *rc::gen::inRange(1, 12), [&](Pod& pod) {
            pod.requests = {Millicores{cpu}, Bytes{memory * gibibyte / 2}, Bytes{0}};
            if (rule == 0) spread_by(zone, pod);
            if (rule == 1) spread_by(host, pod);
            if (rule == 2) apart_by(host, pod);
            if (rule == 3) together_by(zone, pod);
            if (rule == 4) together_by(host, pod);
            if (rule == 5) pod.rules.node_selector = {{zone, "b"}};
            if (rule == 6) pod.rules.host_ports = {{"0.0.0.0", "TCP", 80}};
        });
    }
    for (int i = *rc::gen::inRange(0, 3); i > 0; --i)
        shop.state.nodes.push_back(kube_node("old-" + std::to_string(i), i == 1 ? "a" : "b"));
    return shop;
}

/// Binds every pod as planned, one after another, until none is left or none fits.
std::size_t refused_by_the_filters(const Shop& shop, const ClusterPacking& packing) {
    ClusterView view(shop.state);
    std::vector<std::pair<const Pod*, std::size_t>> waiting = packing.placed;
    std::deque<ClusterNode> nodes;
    for (const auto& each : packing.nodes) {
        auto& node =
            nodes.emplace_back(shop.supply.kinds[shop.supply.offers[each.offer].kind].node);
        node.name = "new-" + std::to_string(nodes.size());
        node.labels.set(host, node.name);
        node.allocatable = shop.supply.offers[each.offer].allocatable;
        node.allocatable_pods = shop.supply.offers[each.offer].allocatable_pods;
        const auto number = view.add_node(node);
        for (const auto* pod : each.pods) waiting.emplace_back(pod, number);
    }
    for (auto before = waiting.size() + 1; waiting.size() < before;) {
        before = waiting.size();
        std::erase_if(waiting, [&](const auto& each) {
            if (fit(view, *each.first, each.second)) return false;
            view.place(*each.first, each.second);
            return true;
        });
    }
    return waiting.size();
}

RC_GTEST_PROP(PackClusterProperty, NothingPlacedBreaksAFilter, ()) {
    const auto shop = any_shop();
    const auto packing = shop.pack();
    RC_ASSERT(refused_by_the_filters(shop, packing) == 0U);
    std::set<const Pod*> told;
    for (const auto& [pod, node] : packing.placed) told.insert(pod);
    for (const auto& node : packing.nodes) told.insert(node.pods.begin(), node.pods.end());
    for (const auto& left : packing.left) told.insert(left.pod);
    RC_ASSERT(told.size() == shop.pending().size());
}

RC_GTEST_PROP(PackClusterProperty, TheOrderOfInputNeverMatters, ()) {
    const auto shop = any_shop();
    auto pods = shop.pending();
    const auto first = shop.pack(pods);
    std::ranges::rotate(pods,
                        pods.begin() + *rc::gen::inRange<std::ptrdiff_t>(0, std::ssize(pods)));
    const auto second = shop.pack(pods);
    RC_ASSERT(first.nodes.size() == second.nodes.size());
    for (std::size_t i = 0; i < first.nodes.size(); ++i) {
        RC_ASSERT(first.nodes[i].offer == second.nodes[i].offer);
        RC_ASSERT(first.nodes[i].pods == second.nodes[i].pods);
    }
}

/// First fit of the pods, largest CPU first, on nodes of one offer; nothing where one is too large.
std::optional<double> first_fit_price(const std::vector<const Pod*>& pods, const NodeOffer& offer) {
    std::vector<std::array<std::int64_t, 3>> nodes;  // free CPU, memory, places
    for (const auto* pod : pods) {
        const auto cpu = pod->requests.cpu.value;
        const auto memory = pod->requests.memory.value;
        const auto& all = offer.allocatable;
        if (cpu > all.cpu.value || memory > all.memory.value) return std::nullopt;
        auto node = std::ranges::find_if(nodes, [&](const auto& free) {
            return free[0] >= cpu && free[1] >= memory && free[2] >= 1;
        });
        if (node == nodes.end())
            node = nodes.insert(nodes.end(),
                                {all.cpu.value, all.memory.value, offer.allocatable_pods});
        *node = {(*node)[0] - cpu, (*node)[1] - memory, (*node)[2] - 1};
    }
    return static_cast<double>(nodes.size()) * offer.price_per_hour_usd;
}

RC_GTEST_PROP(PackClusterProperty, IsNeverDearerThanFirstFitWithTheBestSingleType, ()) {
    Shop shop;
    for (int app = *rc::gen::inRange(1, 6); app > 0; --app) {
        const auto cpu = *rc::gen::inRange(50, 1900);
        const auto memory = *rc::gen::inRange(10, 380);
        shop.add("app" + std::to_string(app), *rc::gen::inRange(1, 12), [&](Pod& pod) {
            pod.requests = {Millicores{cpu}, Bytes{memory * gibibyte / 100}, Bytes{0}};
        });
    }
    auto pods = shop.pending();
    std::ranges::stable_sort(pods, std::greater(), [](const Pod* pod) {
        return std::pair(pod->requests.cpu.value, pod->requests.memory.value);
    });
    const auto price = shop.price(shop.pack());
    for (const auto& offer : shop.supply.offers)
        if (const auto other = first_fit_price(pods, offer)) RC_ASSERT(price <= *other + 1e-9);
}

}  // namespace
}  // namespace nodenap
