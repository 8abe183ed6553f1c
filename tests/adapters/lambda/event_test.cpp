#include "adapters/lambda/event.hpp"

#include "adapters/fixture.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

namespace nodenap {
namespace {

using test::fixture;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

template <class T>
T trigger_of(const std::string& name) {
    const auto event = read_event(fixture("lambda/" + name));
    const auto* trigger = std::get_if<Trigger>(&event);
    if (!trigger) {
        ADD_FAILURE() << name << ": " << std::get_if<Refusal>(&event)->text;
        return {};
    }
    const auto* wanted = std::get_if<T>(trigger);
    if (!wanted) ADD_FAILURE() << name << " is a " << name_of(*trigger);
    return wanted ? *wanted : T{};
}

std::string refusal_of(std::string_view body) {
    const auto event = read_event(body);
    const auto* refusal = std::get_if<Refusal>(&event);
    if (!refusal) return "taken as " + name_of(*std::get_if<Trigger>(&event));
    EXPECT_EQ(refusal->code, "unknown_event");
    return refusal->text;
}

TEST(LambdaEvent, ScheduledEventsOfBothServices) {
    trigger_of<Scheduled>("scheduled_rule.json");
    trigger_of<Scheduled>("scheduled_scheduler.json");
}

TEST(LambdaEvent, EventsOfEc2) {
    const auto warning = trigger_of<SpotWarning>("spot_warning.json");
    EXPECT_EQ(warning.instance_id, "i-1234567890abcdef0");
    EXPECT_EQ(warning.at, "2026-11-23T20:00:00Z");
    EXPECT_EQ(trigger_of<Rebalance>("rebalance.json").instance_id, "i-1234567890abcdef0");
    const auto change = trigger_of<StateChange>("state_change.json");
    EXPECT_EQ(change.instance_id, "i-1234567890abcdef0");
    EXPECT_EQ(change.state, "shutting-down");
}

/// `event` as the message of an SNS notification, as a rule with a topic as its target sends it.
std::string by_sns(const std::string& event) {
    std::string message;
    for (const char c : event) {
        if (c == '"' || c == '\\') message += '\\';
        message += c == '\n' ? ' ' : c;
    }
    return R"({"Records":[{"EventSource":"aws:sns","Sns":{"Type":"Notification","Subject":null,)"
           R"("Message":")" +
           message + R"("}}]})";
}

TEST(LambdaEvent, EventsThroughSnsAreRecognized) {
    const auto warned = read_event(by_sns(fixture("lambda/spot_warning.json")));
    const auto* warning = std::get_if<SpotWarning>(std::get_if<Trigger>(&warned));
    ASSERT_TRUE(warning);
    EXPECT_EQ(warning->instance_id, "i-1234567890abcdef0");
    EXPECT_EQ(warning->at, "2026-11-23T20:00:00Z");
    const auto changed = read_event(by_sns(fixture("lambda/state_change.json")));
    const auto* change = std::get_if<StateChange>(std::get_if<Trigger>(&changed));
    ASSERT_TRUE(change);
    EXPECT_EQ(change->state, "shutting-down");
    const auto advised = read_event(by_sns(fixture("lambda/rebalance.json")));
    EXPECT_TRUE(std::get_if<Rebalance>(std::get_if<Trigger>(&advised)));
    const auto ticked = read_event(by_sns(fixture("lambda/scheduled_rule.json")));
    EXPECT_TRUE(std::get_if<Scheduled>(std::get_if<Trigger>(&ticked)));
}

TEST(LambdaEvent, UnknownEventsThroughSnsAreRefusedByName) {
    EXPECT_THAT(refusal_of(by_sns(R"({"source":"aws.health","detail-type":"AWS Health Event"})")),
                HasSubstr("AWS Health Event"));
    EXPECT_THAT(refusal_of(by_sns(R"({"source":"aws.ec2","detail-type":"Other","detail":{}})")),
                HasSubstr("without detail.instance-id"));
}

struct AlertRow {
    const char* file;
    std::vector<std::string> names;
    bool firing;
};

TEST(LambdaEvent, AlertsThroughSns) {
    const AlertRow rows[] = {
        {"alertmanager_text.json", {"PodsPending", "HighCpu"}, true},
        {"alertmanager_text_resolved.json", {"PodsPending", "HighCpu"}, false},
        {"alertmanager_json.json", {"PodsPending"}, true},
        {"several_records.json", {"NodesIdle", "PodsPending"}, true},
        {"cloudwatch_alarm.json", {"nodenap-dead-letters"}, true},
        {"sns_sample.json", {}, true},
    };
    for (const auto& row : rows) {
        const auto alert = trigger_of<Alert>(row.file);
        EXPECT_EQ(alert.names, row.names) << row.file;
        EXPECT_EQ(alert.firing, row.firing) << row.file;
    }
}

TEST(LambdaEvent, DirectInvocations) {
    const auto action = [](std::string_view body) {
        const auto event = read_event(body);
        const auto* trigger = std::get_if<Trigger>(&event);
        return trigger ? name_of(*trigger) : std::get_if<Refusal>(&event)->text;
    };
    EXPECT_EQ(action(R"({"action":"status"})"), "status");
    EXPECT_EQ(action(R"({"action":"tick","more":[1]})"), "tick");
    EXPECT_THAT(action(R"({"action":"drop"})"), HasSubstr("unknown action \"drop\""));
    EXPECT_THAT(action(R"({"action":7})"), HasSubstr("not a string"));
}

struct RefusalRow {
    const char* body;
    const char* says;
};

TEST(LambdaEvent, InvalidEventsAreRefusedWithAReason) {
    const RefusalRow rows[] = {
        {"", "not JSON"},
        {"null", "not a JSON object"},
        {"[]", "not a JSON object"},
        {"\"status\"", "not a JSON object"},
        {"{", "not JSON"},
        {"{}", "neither action"},
        {R"({"source":"aws.s3","detail-type":"Object Created"})", "aws.s3"},
        {R"({"source":"aws.events","detail-type":"Other"})", "Other"},
        {R"({"source":"aws.ec2","detail-type":"EC2 Instance State-change Notification"})",
         "without detail"},
        {R"({"source":"aws.ec2","detail-type":"X","detail":{"instance-id":"i-0abc"}})", "\"X\""},
        {R"({"source":"aws.ec2","detail-type":"EC2 Instance State-change Notification",)"
         R"("detail":{"instance-id":"i-0abc"}})",
         "without detail.state"},
        {R"({"source":"aws.ec2","detail-type":"EC2 Instance State-change Notification",)"
         R"("detail":{"instance-id":"'; DROP","state":"running"}})",
         "without detail.instance-id"},
        {R"({"source":["aws.events"],"detail-type":"Scheduled Event"})", "neither action"},
        {R"({"Records":[]})", "none of the Records"},
        {R"({"Records":[{"s3":{}}, 7, null]})", "none of the Records"},
        {R"({"Records":{}})", "neither action"},
        {"{\"action\":\"\\u0000\x01\"}", "not JSON"},
    };
    for (const auto& row : rows) EXPECT_THAT(refusal_of(row.body), HasSubstr(row.says)) << row.body;
}

TEST(LambdaEvent, SizeAndDepthAreLimited) {
    EXPECT_THAT(refusal_of(std::string(7 << 20, ' ')), HasSubstr("larger than 6 MB"));
    std::string deep = R"({"action":)";
    deep += std::string(100'000, '[') + std::string(100'000, ']') + "}";
    EXPECT_THAT(refusal_of(deep), HasSubstr("not JSON"));
}

TEST(LambdaEvent, ForeignTextInARefusalIsShortAndPrintable) {
    const auto text = refusal_of(R"({"action":"\u001b[31m\n)" + std::string(500, 'x') + R"("})");
    EXPECT_LT(text.size(), 200U);
    EXPECT_EQ(text.find('\n'), text.npos);
    EXPECT_EQ(text.find('\x1b'), text.npos);
}

TEST(LambdaEvent, TheFirstOfDuplicateKeysCounts) {
    EXPECT_EQ(refusal_of(R"({"action":"status","action":"drop"})"), "taken as status");
}

/// A message inside a message: what it says is judged like any other text.
TEST(LambdaEvent, HostileMessagesOnlyTriggerAPass) {
    for (const char* message : {R"("{\"alerts\":7}")", R"("{\"alerts\":[null,7,{\"labels\":[]}]}")",
                                R"("{")", R"("")", "7", "null", "{}"}) {
        const auto event =
            read_event(std::string(R"({"Records":[{"Sns":{"Message":)") + message + "}}]}");
        const auto* trigger = std::get_if<Trigger>(&event);
        ASSERT_TRUE(trigger) << message;
        EXPECT_THAT(std::get_if<Alert>(trigger)->names, IsEmpty());
    }
}

RC_GTEST_PROP(LambdaEvent, SurvivesAnyBytes, (const std::string& bytes)) {
    static_cast<void>(read_event(bytes));
}

/// Real events with a piece taken out, doubled or changed.
RC_GTEST_PROP(LambdaEvent, SurvivesDamagedEvents, ()) {
    const auto* name = *rc::gen::element("spot_warning.json", "several_records.json",
                                         "alertmanager_text.json", "scheduled_rule.json");
    auto body = fixture(std::string("lambda/") + name);
    const auto size = static_cast<int>(body.size());
    const auto from = static_cast<std::size_t>(*rc::gen::inRange(0, size));
    const auto length = static_cast<std::size_t>(*rc::gen::inRange(0, 40));
    switch (*rc::gen::inRange(0, 3)) {
        case 0:
            body.erase(from, length);
            break;
        case 1:
            body.insert(from, body.substr(from, length));
            break;
        default:
            body[from] = *rc::gen::arbitrary<char>();
    }
    static_cast<void>(read_event(body));
}

}  // namespace
}  // namespace nodenap
