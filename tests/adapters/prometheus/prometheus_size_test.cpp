// The largest answers that a cluster may give fit into what an answer may have: each part with the
// longest names that are usual, for 500 nodes, and for the pods that docs/internals/rules.md names.

#include "adapters/http/http.hpp"
#include "adapters/prometheus/queries.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace nodenap {
namespace {

constexpr std::size_t most = HttpRequest{}.most_bytes;
constexpr std::size_t nodes = 500;
constexpr std::size_t waiting_pods = 3000;

/// Of one part: the labels of each series as JSON, and how many there are.
struct Series {
    std::string_view part;
    std::string labels;
    std::size_t count;
};

const std::string uuid = "8e8f0a1b-1111-2222-3333-444444444444";
const std::string node = R"("node":"i-0123456789abcdef0",)";
const std::string target = R"("instance":"10.0.123.123:10250",)";
const std::string claim =
    R"("namespace":"a-namespace","persistentvolumeclaim":"data-a-database-0",)";
const std::string pod =
    R"("namespace":"a-namespace","pod":"a-deployment-of-a-length-7c5ddbdf54-abcde",)"
    R"("uid":")" +
    uuid + "\",";

std::size_t bytes_of(const std::vector<Series>& all) {
    std::size_t bytes = 64;
    for (const auto& [part, labels, count] : all) {
        const auto series = R"({"metric":{)" + labels + R"("part":")" + std::string(part) +
                            R"("},"value":[1795464000.123,"16777216000.123"]},)";
        bytes += series.size() * count;
    }
    return bytes;
}

/// Whoever adds a part says here how much it brings. Those of one series need no line.
void expect_all_parts(const std::vector<QueryPart>& parts, std::vector<std::string_view> single,
                      const std::vector<Series>& all) {
    for (const auto& series : all) single.push_back(series.part);
    for (const auto& part : parts) EXPECT_TRUE(std::ranges::count(single, part.name)) << part.name;
}

TEST(ResponseSize, FiveHundredNodesFit) {
    const auto kind = node + R"("resource":"memory",)";
    const auto volume = R"("volumename":"pvc-)" + uuid + "\",";
    const std::vector<Series> all = {
        {"info",
         node + R"("provider_id":"aws:///us-east-1a/i-0123456789abcdef0",)"
                R"("internal_ip":"10.0.123.123",)",
         nodes},
        {"addresses", node + R"("address":"ip-10-0-123-123.us-east-1.compute.internal",)",
         5 * nodes},
        {"ready", node, nodes},
        {"created", node, nodes},
        {"allocatable", kind, 3 * nodes},
        {"cordoned", node, nodes},
        {"tainted",
         node + R"("key":"node-role.kubernetes.io/worker","value":"a-pool",)"
                R"("effect":"NoSchedule",)",
         2 * nodes},
        {"server", node, 9},
        {"deleted_pods", node, nodes},
        {"requests", kind + R"("of":"daemonset",)", 6 * nodes},
        {"running", target, nodes},
        {"listed", node, nodes},
        {"unlisted", target, nodes},
        {"hidden", target, nodes},
        {"volumes", claim + volume, 2 * nodes},
        {"volume_users", node + volume, 2 * nodes},
        {"bound_volumes", R"("persistentvolume":"pvc-)" + uuid + "\",", 2 * nodes},
        {"clusters",
         node +
             R"("provider_id":"aws:///us-east-1a/i-0123456789abcdef0",)"
             R"("internal_ip":"10.0.123.123","system_uuid":")" +
             uuid + R"(","cluster":"a-cluster-of-a-length","region":"us-east-1",)",
         nodes}};
    expect_all_parts(node_parts(std::chrono::seconds(90)),
                     {"any_pod", "overwritten", "nodes_seen", "shards", "shards_seen", "any_class",
                      "requesters", "without_requests", "volumes_seen"},
                     all);
    EXPECT_LT(bytes_of(all), most * 3 / 4);
}

TEST(ResponseSize, TheirUseFits) {
    std::vector<Series> all;
    for (const auto& part : cpu_parts(std::chrono::minutes(2)))
        all.push_back({part.name, target, 2 * nodes});
    EXPECT_LT(bytes_of(all), most / 4);
    EXPECT_EQ(memory_parts().size(), all.size());
}

TEST(ResponseSize, ThreeThousandPendingPodsFit) {
    const std::vector<Series> all = {
        {"pending", pod, waiting_pods},
        {"requests", pod + R"("resource":"memory",)", 2 * waiting_pods},
        {"owner", pod + R"("owner_kind":"ReplicaSet","owner_name":"a-deployment-7c5ddbdf54",)",
         waiting_pods},
        {"since", pod, waiting_pods},
        {"created", pod, waiting_pods},
        {"freed_pods", node, nodes},
        {"freed", node + R"("resource":"memory",)", 2 * nodes}};
    const std::vector<std::string_view> of_few_pods = {
        "init",     "sidecars",        "overhead",    "scheduler", "job_owner",
        "claim",    "claim_immediate", "claim_waits", "others",    "any_pod",
        "clusters", "missing_claim",   "overwritten", "pods_seen"};
    expect_all_parts(pending_parts(), of_few_pods, all);
    EXPECT_LT(bytes_of(all), most);
}

}  // namespace
}  // namespace nodenap
