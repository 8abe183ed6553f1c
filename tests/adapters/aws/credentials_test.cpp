#include "adapters/aws/credentials.hpp"

#include "adapters/fake_server.hpp"
#include "base/time_text.hpp"
#include "fakes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

std::string document(const std::string& id, Time expires) {
    return R"({"Code":"Success","AccessKeyId":")" + id +
           R"(","SecretAccessKey":"canary-key","Token":"canary-token","Expiration":")" +
           time_text(expires) + "\"}";
}

// An instance metadata service, or a container's, that counts what it gives out.
struct Service {
    std::string role = "nodenap-role";
    int status = 200;
    int given = 0;
    Milliseconds lasts = 1h;
    FakeServer server{[this](const FakeRequest& request) { return FakeReply{reply(request)}; }};
    NetworkHttp http{{}};

    std::string reply(const FakeRequest& request) {
        const std::string roles = "/latest/meta-data/iam/security-credentials/";
        if (status != 200) return answer(status, "canary-body");
        if (request.target == "/latest/api/token") {
            return answer(request.method == "PUT" ? 200 : 405, "imds-token");
        }
        if (request.target.starts_with("/latest/")) {
            const auto token = request.headers.find("x-aws-ec2-metadata-token");
            if (token == request.headers.end() || token->second != "imds-token") {
                return answer(401, "");
            }
            if (request.target == roles) return answer(200, role + "\n");
            if (request.target != roles + role) return answer(404, "");
        }
        return answer(200, document("AKID" + std::to_string(++given), fake_start + lasts));
    }
    CredentialSources on_instance() const { return {.imds_endpoint = server.url("/")}; }
};

TEST(Credentials, EnvironmentComesFirst) {
    Service service;
    CredentialSources sources = service.on_instance();
    sources.access_key_id = "AKID";
    sources.secret_access_key = Secret("key");
    sources.session_token = Secret("token");
    sources.container_full_uri = service.server.url("/");
    const auto got = Credentials(service.http, sources).get(fake_start);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->access_key_id, "AKID");
    EXPECT_EQ(got->secret_access_key.reveal(), "key");
    EXPECT_EQ(got->session_token.reveal(), "token");
    EXPECT_FALSE(got->expires_at);
    EXPECT_TRUE(service.server.requests().empty());
}

TEST(Credentials, HalfAKeyIsInvalid) {
    Service service;
    CredentialSources sources = service.on_instance();
    sources.access_key_id = "AKID";
    const auto got = Credentials(service.http, sources).get(fake_start);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind, ErrorKind::invalid);
    EXPECT_THAT(got.error().text, HasSubstr("AWS_SECRET_ACCESS_KEY"));
}

TEST(Credentials, ContainerGetsItsToken) {
    Service service;
    const CredentialSources sources{.container_full_uri = service.server.url("/creds?id=1"),
                                    .container_token = Secret("Bearer token")};
    const auto got = Credentials(service.http, sources).get(fake_start);
    ASSERT_TRUE(got) << got.error().text;
    EXPECT_EQ(got->access_key_id, "AKID1");
    EXPECT_EQ(got->session_token.reveal(), "canary-token");
    EXPECT_EQ(got->expires_at, fake_start + 1h);
    const auto seen = service.server.requests();
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].target, "/creds?id=1");
    EXPECT_EQ(seen[0].headers.at("authorization"), "Bearer token");
}

TEST(Credentials, ContainersUriMustBeLocalOrHttps) {
    Service service;
    for (const std::string url :
         {"http://example.com/creds", "ftp://127.0.0.1/", "http://10.0.0.1/",
          "http://127.0.0.1.example.com/", "file:///etc/passwd"}) {
        const auto got = Credentials(service.http, {.container_full_uri = url}).get(fake_start);
        ASSERT_FALSE(got) << url;
        EXPECT_EQ(got.error().kind, ErrorKind::invalid) << url;
    }
    const CredentialSources two_lines{.container_full_uri = service.server.url("/"),
                                      .container_token = Secret("a\r\nX-Evil: b")};
    EXPECT_EQ(Credentials(service.http, two_lines).get(fake_start).error().kind,
              ErrorKind::invalid);
}

TEST(Credentials, InstanceMetadataNeedsAToken) {
    Service service;
    const auto got = Credentials(service.http, service.on_instance()).get(fake_start);
    ASSERT_TRUE(got) << got.error().text;
    EXPECT_EQ(got->access_key_id, "AKID1");
    const auto seen = service.server.requests();
    ASSERT_EQ(seen.size(), 3U);
    EXPECT_EQ(seen[0].method, "PUT");
    EXPECT_EQ(seen[0].headers.at("x-aws-ec2-metadata-token-ttl-seconds"), "300");
    EXPECT_EQ(seen[2].target, "/latest/meta-data/iam/security-credentials/nodenap-role");
}

TEST(Credentials, AreKeptUntilFiveMinutesBeforeTheyExpire) {
    Service service;
    Credentials credentials(service.http, service.on_instance());
    struct Step {
        Milliseconds after;
        std::string wanted;
    };
    for (const Step& step :
         {Step{0s, "AKID1"}, {30min, "AKID1"}, {54min, "AKID1"}, {55min, "AKID2"}}) {
        const auto got = credentials.get(fake_start + step.after);
        ASSERT_TRUE(got);
        EXPECT_EQ(got->access_key_id, step.wanted) << step.after.count();
    }
}

TEST(Credentials, OldCredentialsServeWhileTheSourceIsUnavailable) {
    Service service;
    Credentials credentials(service.http, service.on_instance());
    ASSERT_TRUE(credentials.get(fake_start));
    service.status = 503;
    const auto got = credentials.get(fake_start + 58min);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->access_key_id, "AKID1");
    EXPECT_EQ(credentials.get(fake_start + 61min).error().kind, ErrorKind::unavailable);
}

TEST(Credentials, ForgottenCredentialsAreFetchedAgain) {
    Service service;
    Credentials credentials(service.http, service.on_instance());
    ASSERT_TRUE(credentials.get(fake_start));
    credentials.forget();
    EXPECT_EQ(credentials.get(fake_start)->access_key_id, "AKID2");
}

struct Failing {
    std::string name;
    int status;
    ErrorKind kind;
    std::string text;
};

TEST(Credentials, FailuresIncludeAdvice) {
    for (const Failing& row : {Failing{"no role", 404, ErrorKind::denied, "attach a role"},
                               Failing{"refused", 403, ErrorKind::denied, "403"},
                               Failing{"busy", 500, ErrorKind::unavailable, "500"}}) {
        SCOPED_TRACE(row.name);
        Service service;
        service.status = row.status;
        const auto got = Credentials(service.http, service.on_instance()).get(fake_start);
        ASSERT_FALSE(got);
        EXPECT_EQ(got.error().kind, row.kind);
        EXPECT_THAT(got.error().text, HasSubstr(row.text));
        EXPECT_THAT(got.error().text, Not(HasSubstr("canary")));
    }
}

TEST(Credentials, NoSourceExplainsWhatToSet) {
    NetworkHttp http({});
    const auto off = Credentials(http, {.imds_disabled = true}).get(fake_start);
    ASSERT_FALSE(off);
    EXPECT_EQ(off.error().kind, ErrorKind::denied);
    EXPECT_THAT(off.error().text, HasSubstr("AWS_ACCESS_KEY_ID"));
    const auto away = Credentials(http, {.imds_endpoint = "http://127.0.0.1:1"}).get(fake_start);
    ASSERT_FALSE(away);
    EXPECT_EQ(away.error().kind, ErrorKind::unavailable);
    EXPECT_THAT(away.error().text, HasSubstr("AWS_ACCESS_KEY_ID"));
}

TEST(Credentials, UnreadableDocumentIsUnavailable) {
    for (const std::string body : {"", "{", "[]", "{}", R"({"AccessKeyId":"canary"})"}) {
        FakeServer server([&](const FakeRequest&) { return FakeReply{answer(200, body)}; });
        NetworkHttp http({});
        const auto got = Credentials(http, {.container_full_uri = server.url("/")}).get(fake_start);
        ASSERT_FALSE(got) << body;
        EXPECT_EQ(got.error().kind, ErrorKind::unavailable);
        EXPECT_THAT(got.error().text, Not(HasSubstr("canary")));
    }
}

}  // namespace
}  // namespace nodenap::test
