#include "adapters/fake_server.hpp"
#include "adapters/fixture.hpp"
#include "adapters/http/http.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

namespace nodenap::test {
namespace {

std::string text(const simdjson::dom::element& object, const char* name) {
    return std::string(object[name].get_string().value());
}

// Vectors made by botocore (make_sigv4.py). The date and the host, which a signature covers, are
// given as headers, so that the same request can go to a server of the test.
TEST(HttpSigning, IsBotocores) {
    FakeServer server([](const FakeRequest&) { return FakeReply{answer(200, "{}")}; });
    NetworkHttp http({});
    simdjson::dom::parser parser;
    const std::string vectors = fixture("aws/sigv4.json");
    int count = 0;
    const simdjson::dom::array all = parser.parse(vectors).get_array().value();
    for (const auto& given : all) {
        SCOPED_TRACE(text(given, "name"));
        HttpRequest request{.method = "POST", .url = server.url(), .body = text(given, "body")};
        const simdjson::dom::array headers = given["headers"].get_array().value();
        for (const auto& line : headers) {
            request.headers.emplace_back(line.get_string().value());
        }
        request.headers.push_back("Host: " + text(given, "host"));
        request.headers.push_back("X-Amz-Date: " + text(given, "date"));
        request.signing = AwsSigning{
            text(given, "region"), text(given, "service"), text(given, "access_key_id"),
            Secret(text(given, "secret_access_key")), Secret(text(given, "session_token"))};
        ASSERT_TRUE(http.send(request));
        const FakeRequest seen = server.requests().back();
        EXPECT_EQ(seen.headers.at("authorization"), text(given, "authorization"));
        EXPECT_EQ(seen.body, request.body);
        const std::string token = text(given, "session_token");
        EXPECT_EQ(seen.headers.contains("x-amz-security-token"), !token.empty());
        ++count;
    }
    EXPECT_EQ(count, 4);
}

TEST(HttpSigning, UnsignedRequestHasNoAuthorization) {
    FakeServer server([](const FakeRequest&) { return FakeReply{answer(200, "{}")}; });
    NetworkHttp http({});
    ASSERT_TRUE(http.send(HttpRequest{.method = "POST", .url = server.url(), .body = "x"}));
    EXPECT_FALSE(server.requests().back().headers.contains("authorization"));
}

}  // namespace
}  // namespace nodenap::test
