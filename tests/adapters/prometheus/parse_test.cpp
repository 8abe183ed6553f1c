#include "adapters/prometheus/parse.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <cmath>

namespace nodenap {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Result<std::vector<Sample>> parse(const std::string& body, int status = 200) {
    return parse_answer(HttpResponse{status, {}, body});
}

std::string vector_of(const std::string& series) {
    return R"({"status":"success","data":{"resultType":"vector","result":[)" + series + "]}}";
}

TEST(PrometheusParse, AVector) {
    const auto samples = parse(vector_of(
        R"({"metric":{"__name__":"up","job":"a \"quoted\" ü"},"value":[1795464000.25,"1.5"]},)"
        R"({"value":[1,"2"],"metric":{}})"));
    ASSERT_TRUE(samples) << samples.error().text;
    ASSERT_EQ(samples->size(), 2U);
    EXPECT_EQ(samples->at(0).label("job"), "a \"quoted\" ü");
    EXPECT_EQ(samples->at(0).label("node"), "");
    EXPECT_DOUBLE_EQ(samples->at(0).value, 1.5);
    EXPECT_DOUBLE_EQ(samples->at(1).value, 2);
}

TEST(PrometheusParse, KeepsKnownLabelsOnce) {
    const auto samples =
        parse(vector_of(R"({"metric":{"pod":"a","evil":"x","pod":"b","uid":"u","env":"prod",)"
                        R"("":"y"},"value":[1,"1"]})"));
    ASSERT_TRUE(samples) << samples.error().text;
    const decltype(Sample::labels) kept{{"pod", "a"}, {"uid", "u"}};
    EXPECT_EQ(samples->front().labels, kept);
    EXPECT_TRUE(samples->front().other_labels.empty());
}

TEST(PrometheusParse, KeepsOtherLabelsOfTheClustersPart) {
    std::string many;
    for (int i = 0; i < 100; ++i) many += "\"made_up_" + std::to_string(i) + R"(":"x",)";
    const auto samples =
        parse(vector_of(R"({"metric":{"node":"a","env":"prod","long":")" + std::string(600, 'x') +
                        R"(","none":"",)" + many + R"("part":"clusters"},"value":[1,"1"]})"));
    ASSERT_TRUE(samples) << samples.error().text;
    const auto& sample = samples->front();
    EXPECT_EQ(sample.label("node"), "a");
    EXPECT_EQ(sample.text_of("env"), "prod");
    EXPECT_EQ(sample.text_of("long"), "");
    EXPECT_EQ(sample.other_labels.size(), most_other_labels);
}

struct ValueRow {
    const char* text;
    double value;
};

TEST(PrometheusParse, NumbersAsPrometheusWritesThem) {
    const auto infinite = std::numeric_limits<double>::infinity();
    const ValueRow rows[] = {{"0", 0},           {"-0.25", -0.25},
                             {"1e+06", 1e6},     {"1.5e-07", 1.5e-7},
                             {"+Inf", infinite}, {"-Inf", -infinite}};
    for (const auto& row : rows) {
        const auto samples =
            parse(vector_of(R"({"metric":{},"value":[1,")" + std::string(row.text) + "\"]}"));
        ASSERT_TRUE(samples) << row.text << ": " << samples.error().text;
        EXPECT_DOUBLE_EQ(samples->front().value, row.value);
    }
    const auto nan = parse(vector_of(R"({"metric":{},"value":[1,"NaN"]})"));
    ASSERT_TRUE(nan);
    EXPECT_TRUE(std::isnan(nan->front().value));
}

TEST(PrometheusParse, AScalarIsOneSample) {
    const auto samples =
        parse(R"({"status":"success","data":{"resultType":"scalar","result":[1,"42"]}})");
    ASSERT_TRUE(samples) << samples.error().text;
    ASSERT_EQ(samples->size(), 1U);
    EXPECT_DOUBLE_EQ(samples->front().value, 42);
}

TEST(PrometheusParse, AcceptsOtherOrdersAndKeys) {
    const auto samples = parse(
        R"({"data":{"result":[{"metric":{"a":"b"},"value":[1,"3"]}],"stats":{},"resultType":"vector"},)"
        R"("isPartial":false,"infos":["a counter's name should end in _total"],"status":"success"})");
    ASSERT_TRUE(samples) << samples.error().text;
    EXPECT_DOUBLE_EQ(samples->front().value, 3);
}

struct BadRow {
    const char* name;
    int status;
    std::string body;
    const char* says;
};

TEST(PrometheusParse, OtherResponsesAreErrors) {
    const BadRow rows[] = {
        {"HTML", 200, "<html>please log in</html>", "not its JSON"},
        {"nothing", 200, "", "not its JSON"},
        {"cut", 200, vector_of(R"({"metric":{},"value":[1,"1"]})").substr(0, 80), "not its JSON"},
        {"damaged at its end", 200, vector_of(R"({"metric":{},"value":[1,"1"]})") + "@",
         "not its JSON"},
        {"damaged behind what is read", 200,
         R"({"status":"success","data":{"resultType":"vector","result":[]@})", "not its JSON"},
        {"three in a value", 200, vector_of(R"({"metric":{},"value":[1,"1","1"]})"),
         "not its JSON"},
        {"a matrix", 200, R"({"status":"success","data":{"resultType":"matrix","result":[]}})",
         "not its JSON"},
        {"no data", 200, R"({"status":"success"})", "not its JSON"},
        {"no value", 200, vector_of(R"({"metric":{}})"), "not its JSON"},
        {"a value that is no number", 200, vector_of(R"({"metric":{},"value":[1,"many"]})"),
         "not its JSON"},
        {"a bare number", 200, vector_of(R"({"metric":{},"value":[1,1]})"), "not its JSON"},
        {"half a value", 200, vector_of(R"({"metric":{},"value":[1]})"), "not its JSON"},
        {"an error", 200, R"({"status":"error","errorType":"timeout","error":"query timed out"})",
         "query timed out"},
        {"a refusal", 422, R"({"status":"error","errorType":"execution","error":"too many"})",
         "HTTP 422: too many"},
        {"a proxy's refusal", 502, "<html>", "HTTP 502"},
        {"a redirect", 302, "", "HTTP 302"},
        {"a warning", 200,
         R"({"status":"success","data":{"resultType":"vector","result":[]},"warnings":["remote read"]})",
         "may be incomplete: remote read"},
        {"a part, as VictoriaMetrics marks it", 200,
         R"({"status":"success","isPartial":true,"data":{"resultType":"vector","result":[]}})",
         "a partial answer"},
        {"a mark that is none", 200,
         R"({"status":"success","isPartial":"yes","data":{"resultType":"vector","result":[]}})",
         "not its JSON"},
    };
    for (const auto& row : rows) {
        const auto samples = parse(row.body, row.status);
        ASSERT_FALSE(samples) << row.name;
        EXPECT_THAT(samples.error().text, HasSubstr(row.says)) << row.name;
    }
}

TEST(PrometheusParse, AcceptsCompleteVictoriaMetricsResponsesAndInfos) {
    EXPECT_TRUE(parse(
        R"({"status":"success","isPartial":false,"data":{"resultType":"vector","result":[]}})",
        200));
    EXPECT_TRUE(parse(
        R"({"status":"success","data":{"resultType":"vector","result":[]},"infos":["a hint"]})",
        200));
}

TEST(PrometheusParse, NoResponseIsAnError) {
    const auto samples = parse_answer(Error{ErrorKind::unavailable, "connection refused"});
    ASSERT_FALSE(samples);
    EXPECT_EQ(samples.error().text, "Prometheus did not answer: connection refused");
}

RC_GTEST_PROP(PrometheusParse, SurvivesDamagedResponses, ()) {
    auto body =
        vector_of(R"({"metric":{"instance":"a:1","part":"used"},"value":[1795464000,"1.5"]},)"
                  R"({"metric":{"instance":"b:1","part":"used"},"value":[1795464000,"2"]})");
    const auto from = static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(body.size())));
    switch (*rc::gen::inRange(0, 3)) {
        case 0:
            body.erase(from, static_cast<std::size_t>(*rc::gen::inRange(0, 30)));
            break;
        case 1:
            body.resize(from);
            break;
        default:
            body[from] = *rc::gen::arbitrary<char>();
    }
    static_cast<void>(parse(body));
}

}  // namespace
}  // namespace nodenap
