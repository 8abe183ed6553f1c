#include "adapters/lambda/runtime.hpp"

#include "adapters/fake_server.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace nodenap {
namespace {

using test::answer;
using test::FakeReply;
using test::FakeRequest;
using test::FakeServer;
using testing::HasSubstr;

/// The Runtime API: hands out the given bodies one by one, then answers 500.
class RuntimeApi {
public:
    explicit RuntimeApi(std::vector<std::string> events, int status_of_responses = 202)
        : events_(std::move(events)),
          status_(status_of_responses),
          server_([this](const FakeRequest& request) { return reply(request); }) {}

    std::string address() const {
        const auto url = server_.url("");
        return url.substr(std::string("http://").size());
    }
    std::vector<FakeRequest> requests() const { return server_.requests(); }
    /// Those that were not /next.
    std::vector<FakeRequest> posts() const {
        std::vector<FakeRequest> out;
        for (const auto& request : requests())
            if (request.method == "POST") out.push_back(request);
        return out;
    }

private:
    FakeReply reply(const FakeRequest& request) {
        if (request.method == "POST") {
            const bool response = request.target.ends_with("/response");
            return {answer(response ? status_ : 202, R"({"status":"OK"})")};
        }
        if (next_ == events_.size()) return {answer(500, "{}")};
        const auto number = std::to_string(next_ + 1);
        return {answer(200, events_[next_++],
                       "Lambda-Runtime-Aws-Request-Id: request-" + number +
                           "\r\nLambda-Runtime-Deadline-Ms: 1795464000123\r\n"
                           "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:f\r\n"
                           "Lambda-Runtime-Trace-Id: Root=1-5bef4de7\r\n")};
    }

    std::vector<std::string> events_;
    int status_;
    std::size_t next_ = 0;
    FakeServer server_;
};

TEST(LambdaRuntime, NextReturnsTheInvocation) {
    RuntimeApi api({R"({"action":"status"})"});
    NetworkHttp http({});
    LambdaRuntime runtime(http, api.address());
    const auto invocation = runtime.next();
    ASSERT_TRUE(invocation) << invocation.error().text;
    EXPECT_EQ(invocation->id, "request-1");
    EXPECT_EQ(invocation->deadline, Time(Milliseconds{1'795'464'000'123}));
    EXPECT_EQ(invocation->body, R"({"action":"status"})");
    EXPECT_EQ(api.requests().at(0).target, "/2018-06-01/runtime/invocation/next");
}

HttpResponse next_with(const std::string& id, const std::string& deadline) {
    return {200,
            {{"lambda-runtime-aws-request-id", id}, {"lambda-runtime-deadline-ms", deadline}},
            "{}"};
}

TEST(LambdaRuntime, InvalidDeadlineCountsAsPassed) {
    const Time last = std::chrono::sys_days(std::chrono::year(10000) / 1 / 1) - Milliseconds{1};
    const std::pair<const char*, Time> rows[] = {
        {"1795464000123", Time{Milliseconds{1795464000123}}},
        {"", Time{}},
        {"soon", Time{}},
        {"-9223372036854775808", Time{}},
        {"9223372036854775807", last}};
    for (const auto& [text, deadline] : rows)
        EXPECT_EQ(invocation_from(next_with("request-1", text))->deadline, deadline) << text;
}

TEST(LambdaRuntime, IdThatIsNotAPathSegmentIsRefused) {
    EXPECT_TRUE(invocation_from(next_with("8476a536-e9f4-11e8-9739-2dfe598c3fcd", "1")));
    for (const char* id : {"", "a, b", "a/b", "../init", "a?b", "a#b", "é"})
        EXPECT_FALSE(invocation_from(next_with(id, "1"))) << id;
}

TEST(LambdaRuntime, ResponsesAndFailuresUseTheirEndpoints) {
    RuntimeApi api({});
    NetworkHttp http({});
    LambdaRuntime runtime(http, api.address());
    EXPECT_TRUE(runtime.respond("request-7", R"({"decision":"hold"})"));
    EXPECT_TRUE(runtime.fail("request-8", {"Nodenap.Invalid", "no \"table\"\n"}));
    EXPECT_TRUE(runtime.fail_init({"Runtime.ConfigInvalid", "nodenap.toml:3: no such key"}));
    const auto posts = api.posts();
    ASSERT_EQ(posts.size(), 3U);
    EXPECT_EQ(posts[0].target, "/2018-06-01/runtime/invocation/request-7/response");
    EXPECT_EQ(posts[0].body, R"({"decision":"hold"})");
    EXPECT_EQ(posts[1].target, "/2018-06-01/runtime/invocation/request-8/error");
    EXPECT_EQ(posts[1].headers.at("lambda-runtime-function-error-type"), "Nodenap.Invalid");
    const auto fault = nlohmann::json::parse(posts[1].body);
    EXPECT_EQ(fault["errorMessage"], "no \"table\"\n");
    EXPECT_EQ(fault["errorType"], "Nodenap.Invalid");
    EXPECT_EQ(posts[2].target, "/2018-06-01/runtime/init/error");
    EXPECT_EQ(nlohmann::json::parse(posts[2].body)["errorType"], "Runtime.ConfigInvalid");
}

TEST(LambdaRuntime, AFailureDoesNotEndTheLoop) {
    RuntimeApi api({"one", "two", "three"});
    NetworkHttp http({});
    LambdaRuntime runtime(http, api.address());
    const auto ended = serve(runtime, [](const Invocation& invocation) -> Result<std::string> {
        if (invocation.body == "two") return Error{ErrorKind::denied, "no right to do it"};
        return "\"" + invocation.body + "\"";
    });
    EXPECT_THAT(ended.text, HasSubstr("HTTP 500"));
    const auto posts = api.posts();
    ASSERT_EQ(posts.size(), 3U);
    EXPECT_EQ(posts[0].body, "\"one\"");
    EXPECT_THAT(posts[1].target, HasSubstr("request-2/error"));
    EXPECT_THAT(posts[1].body, HasSubstr("no right to do it"));
    EXPECT_EQ(posts[1].headers.at("lambda-runtime-function-error-type"), "Nodenap.Denied");
    EXPECT_EQ(posts[2].body, "\"three\"");
}

TEST(LambdaRuntime, FailureTypeIsTheErrorsCode) {
    RuntimeApi api({"Runtime.Fault", "no name\r\nX-Evil: yes"});
    NetworkHttp http({});
    LambdaRuntime runtime(http, api.address());
    serve(runtime, [](const Invocation& invocation) -> Result<std::string> {
        return Error{ErrorKind::invalid, "it broke", invocation.body};
    });
    const auto posts = api.posts();
    ASSERT_EQ(posts.size(), 2U);
    EXPECT_EQ(posts[0].headers.at("lambda-runtime-function-error-type"), "Runtime.Fault");
    EXPECT_EQ(posts[1].headers.at("lambda-runtime-function-error-type"), "Nodenap.Invalid");
    EXPECT_FALSE(posts[1].headers.contains("x-evil"));
}

TEST(LambdaRuntime, RefusedResponseBecomesAFailure) {
    RuntimeApi api({"one"}, 413);
    NetworkHttp http({});
    LambdaRuntime runtime(http, api.address());
    serve(runtime, [](const Invocation&) -> Result<std::string> { return std::string("{}"); });
    const auto posts = api.posts();
    ASSERT_EQ(posts.size(), 2U);
    EXPECT_THAT(posts[1].target, HasSubstr("request-1/error"));
    EXPECT_THAT(posts[1].body, HasSubstr("HTTP 413"));
}

TEST(LambdaRuntime, UnreachableApiEndsTheLoop) {
    NetworkHttp http({});
    LambdaRuntime runtime(http, "127.0.0.1:1");
    int calls = 0;
    const auto ended = serve(runtime, [&](const Invocation&) -> Result<std::string> {
        ++calls;
        return std::string("{}");
    });
    EXPECT_EQ(ended.kind, ErrorKind::unavailable);
    EXPECT_EQ(calls, 0);
}

}  // namespace
}  // namespace nodenap
