#include "adapters/kubernetes/read_cluster_state.hpp"

#include "adapters/fixture.hpp"

#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

/// "500m" of CPU.
std::string cpu(const std::string& amount) { return R"({"requests":{"cpu":")" + amount + R"("}})"; }

std::string container(const std::string& amount) { return R"({"resources":)" + cpu(amount) + "}"; }

std::string sidecar(const std::string& amount) {
    return R"({"restartPolicy":"Always","resources":)" + cpu(amount) + "}";
}

std::string spec(const std::string& containers, const std::string& init = "",
                 const std::string& more = "") {
    return R"({"containers":[)" + containers + R"(],"initContainers":[)" + init + "]" + more + "}";
}

Pod pod_with(const std::string& spec, const std::string& status = "{}") {
    auto read =
        read_cluster_state(R"({"kind":"Pod","spec":)" + spec + R"(,"status":)" + status + "}");
    EXPECT_TRUE(read) << read.error().text;
    return read ? read->state.pods.at(0) : Pod();
}

TEST(PodRequests, AreTheLargestOfWhatRunsTogether) {
    struct Case {
        const char* name;
        std::string spec;
        std::int64_t wanted;
    };
    const Case cases[] = {
        {"nothing", spec("{}"), 0},
        {"containers are added", spec(container("100m") + "," + container("0.2")), 300},
        {"and rounded once", spec(container("0.5m") + "," + container("0.5m")), 1},
        {"a larger init container counts alone", spec(container("100m"), container("1")), 1000},
        {"init containers run one by one",
         spec(container("100m"), container("1") + "," + container("700m")), 1000},
        {"a sidecar runs with the containers", spec(container("100m"), sidecar("50m")), 150},
        {"and with the init containers behind it",
         spec(container("100m"), sidecar("300m") + "," + container("1")), 1300},
        {"not with those before it",
         spec(container("100m"), container("1") + "," + sidecar("300m")), 1000},
        {"sidecars are added",
         spec(container("1"), sidecar("1") + "," + sidecar("2") + "," + container("3")), 6000},
        {"overhead comes on top",
         spec(container("1"), container("2"), R"(,"overhead":{"cpu":"250m"})"), 2250},
        {"a pod's own request replaces the sum",
         spec(container("1"), container("2"), R"(,"resources":)" + cpu("1500m")), 1500},
        {"but not the overhead",
         spec(container("1"), "", R"(,"overhead":{"cpu":"1"},"resources":)" + cpu("500m")), 1500}};
    for (const auto& [name, given, wanted] : cases)
        EXPECT_EQ(pod_with(given).requests.cpu, Millicores{wanted}) << name;
}

TEST(PodRequests, AreCountedForEveryResourceByItself) {
    const auto requests = pod_with(R"({"containers":[{"resources":{"requests":{"cpu":"1",
        "memory":"1.5Gi","ephemeral-storage":"1G","hugepages-2Mi":"4Mi","example.com/gpu":2,
        "pods":"3","zero.com/x":"0"}}}],"initContainers":[{"resources":{"requests":
        {"memory":"2Gi","cpu":"10m"}}}],
        "resources":{"requests":{"hugepages-2Mi":"8Mi","example.com/gpu":"9"}}})")
                              .requests;
    EXPECT_EQ(requests.cpu, Millicores{1000});
    EXPECT_EQ(requests.memory, Bytes{std::int64_t{2} << 30});
    EXPECT_EQ(requests.ephemeral_storage, Bytes{1'000'000'000});
    EXPECT_EQ(requests.other("hugepages-2Mi"), 8 << 20);
    EXPECT_EQ(requests.other("example.com/gpu"), 2) << "a pod has no request of its own for it";
    EXPECT_EQ(requests.others.size(), 2U);
}

std::string status(const std::string& containers, const std::string& more = "") {
    return R"({"containerStatuses":[)" + containers + "]" + more + "}";
}

/// A pod that is resized takes the most of what is wanted, given and set; a wish that the node
/// cannot grant does not count.
TEST(PodRequests, OnANodeAreTheLargestWhileThePodIsResized) {
    const std::string infeasible =
        R"(,"conditions":[{"type":"PodResizePending","reason":"Infeasible","status":"True"}])";
    const std::string one = R"({"containers":[{"name":"a","resources":{"requests":{"cpu":"1"}}}]})";
    const std::string given = R"({"name":"a","allocatedResources":{"cpu":"600m"}})";
    const std::string set = R"({"name":"a","allocatedResources":{"cpu":"600m"},
        "resources":{"requests":{"cpu":"800m"}}})";
    const std::string more = R"({"name":"a","allocatedResources":{"cpu":"2"}})";
    struct Case {
        const char* name;
        std::string status;
        std::int64_t wanted;
    };
    const Case cases[] = {
        {"no status", "{}", 1000},
        {"grows", status(given), 1000},
        {"shrinks", status(more), 2000},
        {"cannot grow", status(given, infeasible), 600},
        {"cannot grow, and is set higher", status(set, infeasible), 800},
        {"of another container", status(R"({"name":"b"})"), 1000},
        {"cannot grow, and nothing is told", status(R"({"name":"a"})", infeasible), 0}};
    for (const auto& [name, given_status, wanted] : cases) {
        const auto pod = pod_with(one, given_status);
        EXPECT_EQ(pod.requests.cpu, Millicores{1000}) << name;
        EXPECT_EQ(pod.taken().cpu, Millicores{wanted}) << name;
    }
}

TEST(PodRequests, OnANodeAreAsTheApiServerTold) {
    const auto read = read_cluster_state(fixture("kubernetes/kubectl_get.json"));
    ASSERT_TRUE(read);
    for (const auto& pod : read->state.pods) {
        if (pod.name == "small") {
            EXPECT_EQ(pod.requests.cpu, Millicores{100});
            EXPECT_EQ(pod.taken().cpu, Millicores{300});
            EXPECT_EQ(pod.requests.other("nvidia.com/gpu"), 1) << "the API server sets it";
        }
        if (pod.name == "budgeted") {
            EXPECT_EQ(pod.requests.cpu, Millicores{2000});
        }
        if (!pod.name.starts_with("web-")) continue;
        EXPECT_EQ(pod.requests.cpu, Millicores{1000}) << "the init container before the sidecar";
        EXPECT_EQ(pod.requests.memory, Bytes{(512 + 32) << 20});
        EXPECT_FALSE(pod.requests_on_node);
    }
}

TEST(PodRequests, OfThePodReplaceItsContainersWhileItIsResized) {
    const std::string own = R"({"containers":[{"name":"a"}],"resources":{"requests":{"cpu":"1"}}})";
    const std::string resized =
        R"({"allocatedResources":{"cpu":"500m"},"resources":{"requests":{"cpu":"1500m"}}})";
    EXPECT_EQ(pod_with(own, resized).taken().cpu, Millicores{1500});
    EXPECT_EQ(pod_with(own, R"({"resources":{}})").taken().cpu, Millicores{1000});
    const std::string infeasible =
        R"({"conditions":[{"type":"PodResizePending","reason":"Infeasible","status":"True"}]})";
    EXPECT_EQ(pod_with(own, infeasible).taken().cpu, Millicores{1000}) << "no status.resources";
}

}  // namespace
}  // namespace nodenap::test
