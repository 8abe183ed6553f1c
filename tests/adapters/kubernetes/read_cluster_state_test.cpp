#include "adapters/kubernetes/read_cluster_state.hpp"

#include "adapters/fixture.hpp"

#include <gmock/gmock.h>

namespace nodenap::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

ClusterState state_of(std::string bytes) {
    auto read = read_cluster_state(std::move(bytes));
    EXPECT_TRUE(read) << read.error().text;
    return read ? std::move(read->state) : ClusterState();
}

std::string error_of(std::string bytes) {
    const auto read = read_cluster_state(std::move(bytes));
    return read ? "no error" : read.error().text;
}

std::vector<std::string> names_of(const std::vector<Pod>& pods) {
    std::vector<std::string> names;
    for (const auto& pod : pods) names.push_back(pod.namespace_name + "/" + pod.name);
    return names;
}

TEST(ReadClusterState, TakesEachKindOfWhatKubectlPrints) {
    const auto read = read_cluster_state(fixture("kubernetes/kubectl_get.json"));
    ASSERT_TRUE(read) << read.error().text;
    const auto& state = read->state;
    EXPECT_EQ(state.pods.size(), 8U);
    EXPECT_EQ(state.nodes.size(), 2U);
    EXPECT_EQ(state.namespaces.size(), 5U);
    EXPECT_EQ(state.claims.size(), 4U);
    EXPECT_EQ(state.volumes.size(), 2U);
    EXPECT_EQ(state.storage_classes.size(), 1U);
    EXPECT_EQ(state.csi_nodes.size(), 1U);
    EXPECT_EQ(state.csi_drivers.size(), 1U);
    EXPECT_EQ(state.storage_capacities.size(), 1U);
    EXPECT_EQ(state.attachments.size(), 1U);
    EXPECT_EQ(state.budgets.size(), 1U);
    EXPECT_EQ(state.daemonsets.size(), 1U);
    EXPECT_EQ(state.controllers.size(), 2U);
    EXPECT_TRUE(state.constraints_known.pods && state.constraints_known.jobs);
    EXPECT_THAT(read->notes,
                ElementsAre("standard input: passed over 2 objects of kind \"Service\""));
}

/// The API writes "kind" first, kubectl writes members in the order of their names.
TEST(ReadClusterState, TakesThePagesOfTheApiAndSaysHowToGoOn) {
    ClusterStateReader reader;
    const auto first = reader.read({"page 1", fixture("kubernetes/pods_page_1.json")});
    ASSERT_TRUE(first) << first.error().text;
    EXPECT_THAT(first->continue_token, StartsWith("eyJ2Ij"));
    EXPECT_EQ(first->objects, 3U);
    const auto second = reader.read({"page 2", fixture("kubernetes/pods_page_2.json")});
    ASSERT_TRUE(second) << second.error().text;
    EXPECT_EQ(second->continue_token, "");
    const auto pods = reader.take().pods;
    EXPECT_EQ(names_of(pods), names_of(state_of(fixture("kubernetes/kubectl_get.json")).pods));
    EXPECT_TRUE(pods == state_of(fixture("kubernetes/kubectl_get.json")).pods)
        << "both forms hold the same";
}

TEST(ReadClusterState, KnowsWhatItWasNotGiven) {
    const auto state = state_of(fixture("kubernetes/no_budgets.json"));
    EXPECT_TRUE(state.budgets.empty());
    EXPECT_TRUE(state.constraints_known.budgets) << "there are none, and that is known";
    EXPECT_FALSE(state.constraints_known.pods);
}

TEST(ReadClusterState, TakesEveryFormOfAListAndSingleObjects) {
    const std::string pod = R"({"metadata":{"name":"a","namespace":"n"}})";
    const std::string kubectl_pod =
        R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"n"}})";
    const std::string forms[] = {
        R"({"kind":"PodList","apiVersion":"v1","items":[)" + pod + "]}",
        R"({"apiVersion":"v1","items":[)" + pod + R"(],"kind":"PodList"})",
        R"({"items":[)" + kubectl_pod + R"(],"kind":"List","apiVersion":"v1"})",
        R"({"items":[)" + kubectl_pod + "]}",
        R"({"metadata":{"name":"a","namespace":"n"},"kind":"Pod"})",
        kubectl_pod,
        "\xEF\xBB\xBF \n" + kubectl_pod + "\n"};
    for (const auto& form : forms) {
        const auto state = state_of(form);
        EXPECT_THAT(names_of(state.pods), ElementsAre("n/a")) << form;
        EXPECT_TRUE(state.constraints_known.pods) << form;
    }
    EXPECT_EQ(state_of(R"({"items":[],"kind":"List"})"), ClusterState());
}

TEST(ReadClusterState, TakesSeveralDocumentsAndSeveralTexts) {
    const std::string node = R"({"kind":"Node","metadata":{"name":"x"}})";
    EXPECT_EQ(state_of(node + "\n" + node + node).nodes.size(), 3U);
    std::vector<KubernetesText> texts;
    texts.push_back({"a.json", node});
    texts.push_back({"b.json", R"({"kind":"Pod","metadata":{"name":"p"}})"});
    const auto read = read_cluster_state(std::move(texts));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->state.nodes.size() + read->state.pods.size(), 2U);
    std::string many;
    for (int i = 0; i < 101; ++i) many += node;
    EXPECT_THAT(error_of(many), HasSubstr("more than 100 JSON documents"));
}

TEST(ReadClusterState, PassesOverWhatItDoesNotKnow) {
    const auto read = read_cluster_state(
        R"({"kind":"List","items":[{"kind":"Node","apiVersion":"longhorn.io/v1beta2"},
            {"kind":"Secret","apiVersion":"v1","data":{"a":"b"}},{"kind":"Secret"},
            {"kind":"Node","apiVersion":"v1","metadata":{"name":"n"},"later":[{"a":[1,{}]}]}]})");
    ASSERT_TRUE(read) << read.error().text;
    EXPECT_EQ(read->state.nodes.size(), 1U);
    EXPECT_THAT(read->notes,
                ElementsAre("standard input: passed over 1 object of kind \"Node\"",
                            "standard input: passed over 2 objects of kind \"Secret\""));
}

TEST(ReadClusterState, NamesTextAndPlaceOfWhatIsWrong) {
    struct Case {
        const char* text;
        const char* error;
    };
    const Case cases[] = {
        {R"({"kind":"PodList","items":[{},{"spec":{"containers":[{"resources":{"requests":{"cpu":"1x"}}}]}}]})",
         "pods[1].spec.containers[0].resources.requests.cpu: \"1x\" is not a quantity"},
        {R"({"kind":"Pod","spec":{"overhead":{"memory":true}}})",
         "pods[0].spec.overhead.memory: is not a text"},
        {R"({"kind":"Pod","spec":{"overhead":{"memory":-1}}})",
         "pods[0].spec.overhead.memory: \"-1\" is not a quantity"},
        {R"({"kind":"Pod","metadata":{"name":1}})", "pods[0].metadata.name: is not a text"},
        {R"({"kind":"Pod","metadata":{"labels":{"a.b/c":{}}}})",
         "pods[0].metadata.labels.a.b/c: is not a text"},
        {R"({"kind":"Pod","metadata":{"creationTimestamp":"now"}})",
         "pods[0].metadata.creationTimestamp: \"now\" is not a time"},
        {R"({"kind":"Pod","spec":{"priority":1.5}})",
         "pods[0].spec.priority: is not a whole number"},
        {R"({"kind":"Pod","spec":[]})", "pods[0].spec: is not an object"},
        {R"({"kind":"Pod","spec":{"volumes":{}}})", "pods[0].spec.volumes: is not a list"},
        {R"({"kind":"List","items":[{"kind":"Pod"},{"kind":"Node","spec":{"unschedulable":"yes"}}]})",
         "nodes[0].spec.unschedulable: is not true or false"},
        {R"({"kind":"List","items":[{"kind":"Node"},{"metadata":{}}]})",
         "list.items[1]: has no kind"},
        {R"({"kind":"List","items":[7]})", "is not an object"},
        {R"({"metadata":{}})", "is not a Kubernetes object or List: it has no kind"},
        {R"({"kind":5})", "kind: is not a text"},
        {"apiVersion: v1\nkind: Pod\n", "is not JSON of Kubernetes objects"},
        {"", "is not JSON of Kubernetes objects"},
        {"[]", "is not JSON of Kubernetes objects"},
        {"{", "broken JSON"},
        {R"({"kind":"Pod"} x)", "JSON"},
        {"{\"kind\":\"Pod\xff\"}", "broken JSON"}};
    for (const auto& [text, error] : cases) {
        std::vector<KubernetesText> texts;
        texts.push_back({"cluster.json", text});
        const auto read = read_cluster_state(std::move(texts));
        ASSERT_FALSE(read) << text;
        EXPECT_THAT(read.error().text, StartsWith("cluster.json: ")) << text;
        EXPECT_THAT(read.error().text, HasSubstr(error)) << text;
        EXPECT_EQ(read.error().kind, ErrorKind::invalid);
    }
}

TEST(ReadClusterState, QuotesNothingThatATerminalObeys) {
    EXPECT_THAT(error_of("{\"kind\":\"Pod\",\"spec\":{\"overhead\":{\"cpu\":\"\\u001b[2J\"}}}"),
                HasSubstr("\" [2J\" is not a quantity"));
    const auto longest = std::string(1000, 'x');
    EXPECT_LT(error_of(R"({"kind":"Pod","spec":{"overhead":{"cpu":")" + longest + "\"}}}").size(),
              200U);
}

TEST(ReadClusterState, TellsWhatTheApiServerRefused) {
    EXPECT_THAT(error_of(fixture("kubernetes/status_bad_continue.json")),
                HasSubstr("is an error of the API server: \"invalid continue token"));
}

/// An answer that was cut anywhere is none, and nothing of it is kept.
TEST(ReadClusterState, RefusesWhatIsCut) {
    const auto whole = fixture("kubernetes/pods_page_1.json");
    const auto end = whole.find_last_of('}');
    ClusterStateReader reader;
    for (std::size_t length = 0; length <= end; ++length) {
        const auto read = reader.read({"cut", whole.substr(0, length)});
        ASSERT_FALSE(read) << length;
    }
    EXPECT_EQ(reader.take(), ClusterState());
}

}  // namespace
}  // namespace nodenap::test
