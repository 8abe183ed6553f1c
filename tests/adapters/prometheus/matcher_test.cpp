#include "adapters/prometheus/matcher.hpp"

#include "adapters/prometheus/queries.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <regex>
#include <set>

namespace nodenap {
namespace {

using testing::HasSubstr;

struct Row {
    const char* query;
    const char* wanted;
};

TEST(Matcher, IsAddedToEachSelectorOnly) {
    const Row rows[] = {
        {"kube_pod_info", "kube_pod_info{c=\"x\"}"},
        {"kube_pod_info{node!=\"\"}", "kube_pod_info{c=\"x\",node!=\"\"}"},
        {"count by(job)(up == 0)", "count by(job)(up{c=\"x\"} == 0)"},
        {"rate(container_cpu_usage_seconds_total{id=\"/\"}[2m])",
         "rate(container_cpu_usage_seconds_total{c=\"x\",id=\"/\"}[2m])"},
        {"(kube_pod_info offset 90s)", "(kube_pod_info{c=\"x\"} offset 90s)"},
        {"sum by(node,pod)(kube_x)", "sum by(node,pod)(kube_x{c=\"x\"})"},
        {"sum by (kube_cluster)(kube_x)", "sum by (kube_cluster)(kube_x{c=\"x\"})"},
        {"a * on(node_id) group_left(kube_x) kube_y",
         "a * on(node_id) group_left(kube_x) kube_y{c=\"x\"}"},
        {"a{b=\"kube_pod_info\"}", "a{b=\"kube_pod_info\"}"},
    };
    for (const auto& row : rows) EXPECT_EQ(with_matcher(row.query, "c=\"x\""), row.wanted);
    EXPECT_EQ(with_matcher("kube_pod_info", ""), "kube_pod_info");
}

std::string without_quotations(const std::string& query) {
    return std::regex_replace(query, std::regex("\"(\\\\.|[^\"])*\""), "Q");
}

/// A query of ours that forgets it would mix two clusters. Whatever is no function, operator or
/// label is a family.
TEST(Matcher, IsInEverySelectorOfAllBuiltInQueries) {
    const std::set<std::string> words{
        "and",           "or",         "unless",   "on",     "by",
        "without",       "group_left", "ignoring", "bool",   "offset",
        "label_replace", "label_join", "max",      "min",    "sum",
        "count",         "deriv",      "rate",     "resets", "timestamp",
        "time",          "Q",          "s",        "ms",     "C",
        "topk"};
    for (const auto& parts : {cpu_parts(std::chrono::minutes(2)), memory_parts(), pending_parts(),
                              node_parts(std::chrono::seconds(90))}) {
        for (const auto& part : parts) {
            auto text = without_quotations(with_matcher(part.text, "c=\"x\""));
            text = std::regex_replace(text, std::regex("\\{C?c=Q[^}]*\\}"), "<M>");
            text =
                std::regex_replace(text, std::regex("(by|on|without|group_left)\\([^)]*\\)"), "$1");
            const std::regex family("[A-Za-z_][A-Za-z_0-9]*(<M>)?");
            for (std::sregex_iterator at(text.begin(), text.end(), family), end; at != end; ++at) {
                const auto found = at->str();
                if (found == "M" || found.ends_with("<M>") || words.contains(found)) continue;
                ADD_FAILURE() << part.name << ": " << found << " has no matcher in " << text;
            }
        }
    }
}

TEST(Matcher, MustBeAListOfLabelMatchers) {
    for (const char* right :
         {"cluster=\"prod\"", "cluster='prod'", "cluster = \"prod\"", "a!=\"b\",c=~\"d|e\"",
          "a!~\"b.*\"", "cluster=\"a\\\"b\"", "cluster=\"}\""}) {
        EXPECT_EQ(matcher_fault(right), "") << right;
    }
    const Row rows[] = {{"", "name of a label"},
                        {"{cluster=\"prod\"}", "name of a label"},
                        {"__name__=\"x\"", "name of a label"},
                        {"a:b=\"x\"", "name of a label"},
                        {"cluster", "needs =,"},
                        {"cluster==\"x\"", "in quotes"},
                        {"cluster=prod", "in quotes"},
                        {"cluster=\"prod", "in quotes"},
                        {"cluster=\"prod\",", "name of a label"},
                        {"cluster=\"prod\"} or up{", "something after"}};
    for (const auto& row : rows) EXPECT_THAT(matcher_fault(row.query), HasSubstr(row.wanted));
}

}  // namespace
}  // namespace nodenap
