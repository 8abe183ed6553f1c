#include "adapters/http/http.hpp"

#include "adapters/fake_authority.hpp"
#include "adapters/fake_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <latch>
#include <thread>

namespace nodenap::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

HttpRequest get(const FakeServer& server, const std::string& path = "/") {
    return {.url = server.url(path)};
}

HttpRequest post(const FakeServer& server, const std::string& body) {
    return {.method = "POST", .url = server.url(), .body = body};
}

FakeServer::Handler always(const std::string& bytes, bool close = false) {
    return [=](const FakeRequest&) { return FakeReply{bytes, close}; };
}

// --- what counts as an answer -------------------------------------------------------------------

struct AnswerCase {
    std::string name;
    std::string bytes;
    std::string error;  // empty: the answer is whole
    std::string body = {};
    int status = 200;
};

class HttpAnswer : public ::testing::TestWithParam<AnswerCase> {};

TEST(Http, ResponsesMayHaveFourMebibytes) {
    const std::size_t most = std::size_t{4} << 20;
    for (const std::size_t size : {most - 1000, most + 1}) {
        FakeServer server(always(answer(200, std::string(size, 'x'))));
        NetworkHttp http({});
        const auto got = http.send(get(server));
        EXPECT_EQ(bool(got), size < most) << size;
        const auto said = got ? std::string() : got.error().text;
        EXPECT_THAT(said, HasSubstr(got ? "" : "longer than 4194304 bytes"));
    }
}

TEST_P(HttpAnswer, IsWholeOrAnError) {
    const AnswerCase& given = GetParam();
    FakeServer server(always(given.bytes, true));
    NetworkHttp http({});
    HttpRequest request = get(server);
    request.most_bytes = 1000;
    request.timeout = 2s;
    const auto got = http.send(request);
    if (given.error.empty()) {
        ASSERT_TRUE(got) << got.error().text;
        EXPECT_EQ(got->status, given.status);
        EXPECT_EQ(got->body, given.body);
    } else {
        ASSERT_FALSE(got);
        EXPECT_EQ(got.error().kind, ErrorKind::unknown_outcome);
        EXPECT_THAT(got.error().text, HasSubstr(given.error));
        EXPECT_THAT(got.error().text, HasSubstr("127.0.0.1:"));
    }
}

INSTANTIATE_TEST_SUITE_P(
    Table, HttpAnswer,
    ::testing::Values(
        AnswerCase{"whole", answer(200, "hello"), "", "hello"},
        AnswerCase{"empty", answer(200, ""), "", ""},
        AnswerCase{"any_status", answer(503, "busy"), "", "busy", 503},
        AnswerCase{"no_content", "HTTP/1.1 204 No Content\r\n\r\n", "", "", 204},
        AnswerCase{"after_continue", "HTTP/1.1 100 Continue\r\n\r\n" + answer(200, "x"), "", "x"},
        AnswerCase{"chunked",
                   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
                   "", "abcde"},
        AnswerCase{"redirect_not_followed", answer(302, "", "Location: http://127.0.0.1:1/\r\n"),
                   "", "", 302},
        AnswerCase{"nothing", "", "Empty reply"},
        AnswerCase{"cut_in_status", "HTTP/1.1 20", "127.0.0.1"},
        AnswerCase{"cut_in_headers", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", "cut"},
        AnswerCase{"cut_in_header_line", "HTTP/1.1 200 OK\r\nContent-Le", "cut"},
        AnswerCase{"cut_in_body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
                   "127.0.0.1"},
        AnswerCase{"cut_between_chunks",
                   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
                   "127.0.0.1"},
        AnswerCase{"end_not_said", "HTTP/1.1 200 OK\r\n\r\nhello", "cut"},
        AnswerCase{"not_http", "hello\r\n\r\n", "127.0.0.1"},
        AnswerCase{"too_long", answer(200, std::string(1000, 'x')), "longer than 1000 bytes"},
        AnswerCase{"headers_too_long", answer(200, "", "X: " + std::string(1000, 'x') + "\r\n"),
                   "longer than 1000 bytes"}),
    [](const auto& test) { return test.param.name; });

TEST(Http, TruncatedResponseIsAnError) {
    const std::string plain = answer(200, "hello", "Connection: close\r\n");
    const std::string chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n";
    const std::string after_last_chunk = "\r\n";  // nothing of the answer can be lost in here
    NetworkHttp http({});
    for (const std::string& whole : {plain, chunked}) {
        std::atomic<std::size_t> length = 0;
        FakeServer server([&](const FakeRequest&) {
            const bool all = length == whole.size();
            return FakeReply{whole.substr(0, length) + (all ? after_last_chunk : ""), true};
        });
        for (; length < whole.size(); ++length) {
            EXPECT_FALSE(http.send(get(server))) << whole.substr(0, length);
        }
        EXPECT_TRUE(http.send(get(server)));
    }
}

TEST(Http, HeaderNamesAreInLowerCase) {
    FakeServer server(always(answer(200, "", "X-Amz-CRC32:  7 \r\nVia: a\r\nvia: b\r\n")));
    NetworkHttp http({});
    const auto got = http.send(get(server));
    ASSERT_TRUE(got);
    EXPECT_EQ(got->headers.at("x-amz-crc32"), "7");
    EXPECT_EQ(got->headers.at("via"), "a, b");
}

TEST(Http, SendsMethodHeadersAndBody) {
    FakeServer server(always(answer(200, "")));
    NetworkHttp http({});
    for (const std::string method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
        HttpRequest request{.method = method, .url = server.url("/a?b=c"), .headers = {"X-It: y"}};
        if (method != "GET") request.body = std::string("a\0b", 3);
        ASSERT_TRUE(http.send(request)) << method;
        const FakeRequest seen = server.requests().back();
        EXPECT_EQ(seen.method, method);
        EXPECT_EQ(seen.target, "/a?b=c");
        EXPECT_EQ(seen.headers.at("x-it"), "y");
        EXPECT_EQ(seen.body, request.body);
    }
}

// --- when nothing comes -------------------------------------------------------------------------

TEST(Http, SlowResponseIsUnknownAfterItsDeadline) {
    FakeServer server([](const FakeRequest& request) {
        return FakeReply{answer(200, "x"), false, request.target == "/slow" ? 700ms : 0ms};
    });
    NetworkHttp http({});
    HttpRequest slow = get(server, "/slow");
    slow.timeout = 150ms;
    const auto began = std::chrono::steady_clock::now();
    const auto got = http.send({slow, get(server, "/fast")});
    EXPECT_LT(std::chrono::steady_clock::now() - began, 600ms);
    ASSERT_FALSE(got[0]);
    EXPECT_EQ(got[0].error().kind, ErrorKind::unknown_outcome);
    EXPECT_THAT(got[0].error().text, HasSubstr("timed out"));
    EXPECT_TRUE(got[1]);
}

TEST(Http, RefusedConnectionIsUnavailable) {
    std::string url;
    {
        FakeServer server(always(""));
        url = server.url();
    }
    NetworkHttp http({});
    const auto got = http.send(HttpRequest{.url = url});
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind, ErrorKind::unavailable);
}

TEST(Http, UnknownNameIsUnavailable) {
    NetworkHttp http({});
    const auto got = http.send(HttpRequest{.url = "http://no-such-name.invalid/"});
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind, ErrorKind::unavailable);
    EXPECT_THAT(got.error().text, HasSubstr("no-such-name.invalid"));
}

TEST(Http, OtherSchemesAreRefused) {
    NetworkHttp http({});
    EXPECT_FALSE(http.send(HttpRequest{.url = "file:///etc/passwd"}));
}

TEST(Http, ErrorsShowNeitherSecretNorBody) {
    FakeServer server(always("", true));
    NetworkHttp http({});
    HttpRequest request = post(server, "body-canary");
    request.url = "http://user:url-canary@" + server.url("/path-canary").substr(7);
    request.headers = {"Authorization: Bearer header-canary"};
    const auto got = http.send(request);
    ASSERT_FALSE(got);
    EXPECT_THAT(got.error().text, Not(HasSubstr("canary")));
}

// --- connections --------------------------------------------------------------------------------

TEST(Http, BatchIsSentInParallel) {
    constexpr int many = 12;
    std::latch all_here(many);
    FakeServer server([&](const FakeRequest&) {
        all_here.arrive_and_wait();  // nobody is answered before everybody has asked
        return FakeReply{answer(200, "x")};
    });
    NetworkHttp http({});
    std::vector<HttpRequest> requests(many, get(server));
    for (const auto& got : http.send(requests)) EXPECT_TRUE(got);
}

TEST(Http, ResponsesKeepTheOrderOfRequests) {
    FakeServer server([](const FakeRequest& request) {
        const auto wait = request.target == "/0" ? 60ms : 0ms;
        return FakeReply{answer(200, request.target), false, wait};
    });
    NetworkHttp http({});
    const auto got = http.send({get(server, "/0"), get(server, "/1"), get(server, "/2")});
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(got[static_cast<std::size_t>(i)]->body, "/" + std::to_string(i));
    }
}

TEST(Http, EmptyBatchIsNothing) {
    EXPECT_TRUE(NetworkHttp({}).send(std::vector<HttpRequest>{}).empty());
}

TEST(Http, ConnectionsAreKept) {
    FakeServer server(always(answer(200, "x")));
    NetworkHttp http({});
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(http.send(post(server, "x")));
    EXPECT_EQ(server.connections(), 1);
}

TEST(Http, ClosedIdleConnectionIsReplaced) {
    FakeServer server(always(answer(200, "x")));
    NetworkHttp http({});
    ASSERT_TRUE(http.send(post(server, "1")));
    server.close_connections();
    ASSERT_TRUE(http.send(post(server, "2")));
    EXPECT_EQ(server.connections(), 2);
    EXPECT_EQ(server.requests().size(), 2U);
}

// The server takes the second request of each connection and closes without an answer.
FakeServer::Handler dies_on_second() {
    return [last = -1](const FakeRequest& request) mutable {
        if (std::exchange(last, request.connection) == request.connection) {
            return FakeReply{"", true};
        }
        return FakeReply{answer(200, "x")};
    };
}

TEST(Http, ReadIsRepeatedWhenAKeptConnectionDies) {
    FakeServer server(dies_on_second());
    NetworkHttp http({});
    ASSERT_TRUE(http.send(get(server)));
    EXPECT_TRUE(http.send(get(server)));
    EXPECT_EQ(server.requests().size(), 3U);
}

TEST(Http, WriteIsNeverRepeatedByItself) {
    FakeServer server(dies_on_second());
    NetworkHttp http({});
    ASSERT_TRUE(http.send(post(server, "1")));
    const auto got = http.send(post(server, "2"));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind, ErrorKind::unknown_outcome);
    EXPECT_EQ(server.requests().size(), 2U);
}

TEST(Http, RepeatableWriteIsRepeated) {
    FakeServer server(dies_on_second());
    NetworkHttp http({});
    ASSERT_TRUE(http.send(post(server, "1")));
    HttpRequest request = post(server, "2");
    request.repeatable = true;
    EXPECT_TRUE(http.send(request));
    EXPECT_EQ(server.requests().size(), 3U);
}

// What a frozen function finds: whether its peer still knows the connection, nobody can tell.
TEST(Http, WriteUsesNoConnectionIdleTooLong) {
    FakeServer server(always(answer(200, "x")));
    NetworkHttp http({.longest_idle_before_write = 200ms});
    ASSERT_TRUE(http.send(post(server, "1")));
    std::this_thread::sleep_for(300ms);   // a slower machine only makes it longer
    ASSERT_TRUE(http.send(get(server)));  // a read may be repeated, so it takes the kept one
    EXPECT_EQ(server.connections(), 1);
    std::this_thread::sleep_for(300ms);
    ASSERT_TRUE(http.send(post(server, "2")));
    EXPECT_EQ(server.connections(), 2);
    EXPECT_EQ(server.requests().size(), 3U);
}

TEST(Http, CallsTheHookBeforeAndAfterEachRequest) {
    FakeServer server(always(answer(200, "x")));
    std::string calls;
    NetworkHttp http({.on_call = [&](bool before) { calls += before ? '(' : ')'; }});
    ASSERT_TRUE(http.send(get(server)));
    for (const auto& got : http.send({get(server), get(server)})) EXPECT_TRUE(got);
    EXPECT_EQ(calls, "()(())");
}

// The environment names a proxy that does not exist; nobody may ask it.
TEST(Http, EnvironmentIsNotRead) {
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    FakeServer server(always(answer(200, "x")));
    NetworkHttp http({});
    EXPECT_TRUE(http.send(get(server)));
    unsetenv("http_proxy");
}

// --- TLS ----------------------------------------------------------------------------------------

TEST(HttpTls, OwnRootIsTrustedAndConnectionsAreKept) {
    const FakeAuthority authority;
    FakeServer server(always(answer(200, "x")), &authority);
    NetworkHttp http({authority.root_pem()});
    http.warm_up();
    for (int i = 0; i < 3; ++i) {
        const auto got = http.send(post(server, "x"));
        ASSERT_TRUE(got) << got.error().text;
    }
    EXPECT_EQ(server.connections(), 1);
}

TEST(HttpTls, IgnoresSslKeyLogFile) {
    const auto keys = std::filesystem::path(testing::TempDir()) / "nodenap-keys.log";
    std::filesystem::remove(keys);
    setenv("SSLKEYLOGFILE", keys.c_str(), 1);
    const FakeAuthority authority;
    FakeServer server(always(answer(200, "x")), &authority);
    NetworkHttp http({authority.root_pem()});
    EXPECT_TRUE(http.send(get(server)));
    EXPECT_FALSE(std::filesystem::exists(keys));
    unsetenv("SSLKEYLOGFILE");
}

TEST(HttpTls, SecondOfSeveralRootsIsFound) {
    const FakeAuthority other;
    const FakeAuthority authority;
    FakeServer server(always(answer(200, "x")), &authority);
    NetworkHttp http({other.root_pem() + authority.root_pem()});
    EXPECT_TRUE(http.send(get(server)));
}

TEST(HttpTls, AnotherRootIsRefusedBeforeAnythingIsSent) {
    const FakeAuthority authority;
    const FakeAuthority other;
    FakeServer server(always(answer(200, "x")), &authority);
    for (const std::string& roots : {other.root_pem(), std::string(), std::string("no PEM")}) {
        NetworkHttp http({roots});
        const auto got = http.send(get(server));
        ASSERT_FALSE(got);
        EXPECT_EQ(got.error().kind, ErrorKind::unavailable);
    }
    EXPECT_TRUE(server.requests().empty());
}

TEST(HttpTls, AnotherNameIsRefused) {
    const FakeAuthority authority;
    FakeServer server(always(answer(200, "x")), &authority);
    NetworkHttp http({authority.root_pem()});
    std::string url = server.url();
    url.replace(url.find("127.0.0.1"), 9, "localhost");
    const auto got = http.send(HttpRequest{.url = url});
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind, ErrorKind::unavailable);
}

}  // namespace
}  // namespace nodenap::test
