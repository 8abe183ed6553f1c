#include "adapters/log/event_log.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <cstdio>
#include <thread>

namespace nodenap {
namespace {

using Json = nlohmann::ordered_json;
using testing::HasSubstr;
using testing::Not;

class StillClock final : public Clock {
public:
    Time now() override { return Time(Milliseconds{1'795'464'000'123}); }
    Milliseconds monotonic() override { return Milliseconds{0}; }
    void sleep_for(Milliseconds) override {}
};

/// A file without a name, for what is written.
class Output {
public:
    Output() : file_(std::tmpfile()) {
        const int flags = fcntl(descriptor(), F_GETFL);
        EXPECT_EQ(fcntl(descriptor(), F_SETFL, flags | O_APPEND), 0);
    }
    ~Output() { std::fclose(file_); }
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;
    int descriptor() const { return fileno(file_); }

    std::string text() {
        std::rewind(file_);
        std::string out;
        for (int c = 0; (c = std::fgetc(file_)) != EOF;) out += static_cast<char>(c);
        return out;
    }

private:
    std::FILE* file_;
};

Record sample_record() {
    Record record;
    record.plan.now = Time(Milliseconds{1'795'464'000'000});
    record.plan.cluster = "prod";
    record.plan.decision = DecisionKind::scale_up;
    record.plan.reasons = {{ReasonCode::pending_pods, "50 unschedulable pods"}};
    record.plan.signals.cpu_percent = 81.2345;
    record.plan.signals.unknown = {{"memory", "Prometheus has no machine_memory_bytes"}};
    record.plan.totals.new_nodes = 2;
    record.epoch = 41;
    record.trigger = "scheduled";
    record.done = {{"launch", "i-0abc", "running"}, {"launch", "i-0def", "failed", "no capacity"}};
    return record;
}

std::string logged(const std::function<void(JsonEventLog&)>& use) {
    Output output;
    StillClock clock;
    JsonEventLog log(clock, output.descriptor(), "prod");
    use(log);
    return output.text();
}

TEST(EventLog, EventIsOneLineOfJson) {
    const auto line = logged([](JsonEventLog& log) {
        log.write({"launch",
                   {{"instance_id", "i-0abc"},
                    {"count", std::int64_t{2}},
                    {"price", 0.0208},
                    {"spot", true}}});
    });
    EXPECT_EQ(line,
              "{\"time\":\"2026-11-23T20:00:00Z\",\"event\":\"launch\",\"cluster\":\"prod\","
              "\"instance_id\":\"i-0abc\",\"count\":2,\"price\":0.0208,\"spot\":true}\n");
}

/// The rules of CloudWatch's embedded metric format: the names in the directive are members of
/// the root, the dimension's value is a text, the metric's a number, the time in milliseconds.
TEST(EventLog, ThePassLineIsAlsoAMetric) {
    for (const bool succeeded : {true, false}) {
        const auto line = logged([&](JsonEventLog& log) { log.pass(sample_record(), succeeded); });
        const auto json = Json::parse(line);
        EXPECT_EQ(json["_aws"]["Timestamp"], 1'795'464'000'123);
        const auto& directive = json["_aws"]["CloudWatchMetrics"];
        EXPECT_EQ(directive.dump(), R"([{"Namespace":"Nodenap","Dimensions":[["Cluster"]],)"
                                    R"("Metrics":[{"Name":"PassSucceeded","Unit":"Count"}]}])");
        EXPECT_EQ(json["Cluster"], "prod");
        EXPECT_EQ(json["PassSucceeded"], succeeded ? 1 : 0);
    }
}

TEST(EventLog, PassLineHasDecisionAndReason) {
    const auto json =
        Json::parse(logged([](JsonEventLog& log) { log.pass(sample_record(), true); }));
    EXPECT_EQ(json["event"], "pass");
    EXPECT_EQ(json["decision"], "scale_up");
    EXPECT_EQ(json["reason"], "pending_pods");
    EXPECT_EQ(json["text"], "50 unschedulable pods");
    EXPECT_EQ(json["trigger"], "scheduled");
    EXPECT_EQ(json["epoch"], 41);
    EXPECT_EQ(json["cpu_percent"], 81.2);
    EXPECT_EQ(json["new_nodes"], 2);
    EXPECT_EQ(json["unknown"]["memory"], "Prometheus has no machine_memory_bytes");
    EXPECT_EQ(json["done"][1]["error"], "no capacity");
    EXPECT_FALSE(json["done"][0].contains("error"));
}

TEST(EventLog, ControlCharactersDoNotBreakLines) {
    const auto text = logged([](JsonEventLog& log) {
        log.write({"odd", {{"text", std::string("a\nb\xff\xc3(\0c\"", 10)}}});
    });
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
    EXPECT_THAT(text, HasSubstr("\xEF\xBF\xBD"));
    EXPECT_TRUE(Json::accept(text));
}

TEST(EventLog, LongTextsAreTruncated) {
    const auto text = logged([](JsonEventLog& log) {
        log.write({"long", {{"text", std::string(1'000'000, 'x')}}});
        auto record = sample_record();
        record.plan.reasons[0].text = std::string(1'000'000, 'y');
        record.done.assign(1000, {"launch", "i-0abc", "failed", std::string(5000, 'z')});
        log.pass(record, true);
    });
    EXPECT_LT(text.size(), 150'000U);
}

/// Lines of several writers do not mix: each is one write(2), and those are kept apart.
TEST(EventLog, LinesOfSeveralThreadsStayWhole) {
    Output output;
    StillClock clock;
    JsonEventLog log(clock, output.descriptor(), "prod");
    std::vector<std::thread> threads;
    for (int at = 0; at < 4; ++at)
        threads.emplace_back([&] {
            for (int i = 0; i < 50; ++i) log.write({"line", {{"text", std::string(150, 'x')}}});
        });
    for (auto& thread : threads) thread.join();
    const auto text = output.text();
    std::size_t lines = 0;
    for (std::size_t from = 0; from < text.size(); ++lines) {
        const auto end = text.find('\n', from);
        ASSERT_TRUE(Json::accept(text.substr(from, end - from)));
        from = end + 1;
    }
    EXPECT_EQ(lines, 200U);
}

TEST(EventLog, SecretsAreMasked) {
    const std::string canary = "CANARY/wJalrXUtnFEMI+K7MDENG\"quoted";
    const auto text = logged([&](JsonEventLog& log) {
        log.hide(Secret(canary));
        log.hide(Secret(""));
        log.write({"failed", {{"error", "signed with " + canary + " and " + canary}}});
        auto record = sample_record();
        record.done[1].error = "token " + canary;
        log.pass(record, false);
    });
    EXPECT_THAT(text, Not(HasSubstr("CANARY")));
    EXPECT_THAT(text, HasSubstr("signed with *** and ***"));
}

TEST(EventLog, ClosedReaderIsTolerated) {
    StillClock clock;
    JsonEventLog log(clock, -1, "prod");
    log.write({"nobody_listens", {}});
}

}  // namespace
}  // namespace nodenap
