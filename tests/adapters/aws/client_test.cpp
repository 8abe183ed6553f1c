#include "adapters/aws/client.hpp"

#include "adapters/fake_aws.hpp"
#include "adapters/fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <latch>

namespace nodenap::test {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::Not;

const std::string throttle = R"({"__type":"x#ThrottlingException","message":"slow down"})";
const std::string broken = R"({"__type":"x#InternalServerError","message":"oops"})";

AwsRequest write(Again again = Again::changes) { return {"dynamodb", "UpdateItem", "{}", again}; }

TEST(AwsClient, UsesEachServicesProtocol) {
    FakeAws aws;
    for (int i = 0; i < 3; ++i) aws.then(200, "{}");
    ASSERT_TRUE(aws.client.call({"dynamodb", "GetItem", "{}"}));
    ASSERT_TRUE(aws.client.call({"ssm", "GetParameters", "{}"}));
    ASSERT_TRUE(aws.client.call({"ec2", "DescribeInstances", "Action=DescribeInstances"}));
    const auto seen = aws.server.requests();
    EXPECT_EQ(seen[0].headers.at("content-type"), "application/x-amz-json-1.0");
    EXPECT_EQ(seen[0].headers.at("x-amz-target"), "DynamoDB_20120810.GetItem");
    EXPECT_EQ(seen[1].headers.at("content-type"), "application/x-amz-json-1.1");
    EXPECT_EQ(seen[1].headers.at("x-amz-target"), "AmazonSSM.GetParameters");
    EXPECT_THAT(seen[2].headers.at("content-type"), HasSubstr("x-www-form-urlencoded"));
    EXPECT_FALSE(seen[2].headers.contains("x-amz-target"));
    for (std::size_t i = 0; i < seen.size(); ++i) {
        EXPECT_EQ(seen[i].method, "POST");
        EXPECT_EQ(seen[i].target, "/");
    }
    EXPECT_THAT(seen[0].headers.at("authorization"), HasSubstr("/us-east-1/dynamodb/aws4_request"));
    EXPECT_THAT(seen[2].headers.at("authorization"), HasSubstr("Credential=AKID/"));
}

TEST(AwsClient, ServicesOwnEndpointComesFirst) {
    FakeAws aws;
    FakeServer own([](const FakeRequest&) { return FakeReply{answer(200, "{}")}; });
    AwsSettings settings{"us-east-1", aws.server.url("/"), {{"dynamodb", own.url("///")}}};
    AwsClient client(aws.http, aws.clock, aws.credentials, settings);
    aws.then(200, "{}");
    ASSERT_TRUE(client.call({"dynamodb", "GetItem", "{}"}));
    ASSERT_TRUE(client.call({"ssm", "GetParameters", "{}"}));
    ASSERT_EQ(own.requests().size(), 1U);
    EXPECT_EQ(own.requests()[0].target, "/");
    EXPECT_EQ(aws.calls(), 1U);
}

TEST(AwsClient, RegionWithOtherCharactersIsRefused) {
    FakeAws aws;
    for (const std::string region :
         {"us-east-1:x@localhost:9440/", "a.b", "a/b", "a?", "a\n", "A"}) {
        AwsClient client(aws.http, aws.clock, aws.credentials, {region, aws.server.url("/")});
        const auto got = client.call({"ec2", "DescribeInstances", ""});
        ASSERT_FALSE(got) << region;
        EXPECT_EQ(got.error().kind, ErrorKind::invalid);
        EXPECT_THAT(got.error().text, HasSubstr("is not a region"));
    }
    EXPECT_EQ(aws.calls(), 0U);
}

TEST(AwsClient, WithoutEndpointUsesAws) {
    FakeAws aws;
    AwsClient client(aws.http, aws.clock, aws.credentials, {"no-such-region-1"});
    for (const auto& [service, host] :
         {std::pair<std::string, std::string>{"ec2", "ec2.no-such-region-1.amazonaws.com"},
          {"ssm", "ssm.no-such-region-1.amazonaws.com"},
          {"sts", "sts.no-such-region-1.amazonaws.com"},
          {"dynamodb", "dynamodb.no-such-region-1.amazonaws.com"}}) {
        AwsRequest request{service, "Any", ""};
        request.timeout = 100ms;
        request.try_timeout = 100ms;
        const auto got = client.call(request);
        ASSERT_FALSE(got);
        EXPECT_THAT(got.error().text, HasSubstr(host));
        EXPECT_EQ(got.error().kind, ErrorKind::unavailable);
    }
}

/// The stack's own list, and the regions sidecars_and_overhead it.
TEST(AwsClient, UsesDualStackEndpointsWhereAvailable) {
    FakeAws aws;
    std::ifstream file(NODENAP_SOURCE_DIR "/infra/regions.py");
    std::string line;
    int dual_stack = 0;
    bool is_listed = false;
    while (std::getline(file, line)) {
        if (line.starts_with(")")) is_listed = false;
        if (is_listed) {
            const auto region = line.substr(5, line.rfind('"') - 5);
            const AwsClient client(aws.http, aws.clock, aws.credentials, {region});
            EXPECT_EQ(client.endpoint("ec2"), "https://ec2." + region + ".api.aws/");
            EXPECT_EQ(client.endpoint("ssm"), "https://ssm." + region + ".api.aws/");
            ++dual_stack;
        }
        if (line.starts_with("DUAL_STACK = (")) is_listed = true;
    }
    EXPECT_EQ(dual_stack, 20);
    for (const std::string region : {"ap-northeast-3", "eu-central-2", "us-gov-west-1"}) {
        const AwsClient client(aws.http, aws.clock, aws.credentials, {region});
        EXPECT_EQ(client.endpoint("ec2"), "https://ec2." + region + ".amazonaws.com/");
    }
}

TEST(AwsClient, IamIsGlobal) {
    FakeAws aws;
    AwsClient client(aws.http, aws.clock, aws.credentials, {"eu-west-1"});
    EXPECT_EQ(client.endpoint("iam"), "https://iam.amazonaws.com/");
    EXPECT_EQ(client.endpoint("sts"), "https://sts.eu-west-1.amazonaws.com/");
}

// --- trying again -------------------------------------------------------------------------------

TEST(AwsClient, ThrottledIsRetriedWithBoundedDelays) {
    FakeAws aws;
    for (int i = 0; i < 3; ++i) aws.then(400, throttle);
    aws.then(200, "{}");
    EXPECT_TRUE(aws.client.call(write()));
    EXPECT_EQ(aws.calls(), 4U);
    Milliseconds most = 50ms;
    for (const Milliseconds pause : aws.clock.sleeps) {
        EXPECT_THAT(pause, AllOf(Le(most)));
        most *= 2;
    }
}

TEST(AwsClient, GivesUpAfterFewTries) {
    FakeAws aws;
    for (int i = 0; i < 9; ++i) aws.then(400, throttle);
    const auto got = aws.client.call(write());
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind, ErrorKind::throttled);
    EXPECT_EQ(got.error().code, "ThrottlingException");
    EXPECT_THAT(got.error().text, HasSubstr("dynamodb UpdateItem: ThrottlingException: slow down"));
    EXPECT_EQ(aws.calls(), 4U);
}

TEST(AwsClient, DoesNotRetryBeyondTheTimeout) {
    FakeAws aws;
    for (int i = 0; i < 9; ++i) aws.then(400, throttle);
    AwsRequest request = write();
    request.timeout = 200ms;
    EXPECT_FALSE(aws.client.call(request));
    EXPECT_EQ(aws.calls(), 1U);
}

struct OutcomeCase {
    std::string name;
    Again again;
    std::size_t calls;
    ErrorKind kind;
};

class AwsUnknownOutcome : public ::testing::TestWithParam<OutcomeCase> {};

TEST_P(AwsUnknownOutcome, IsTreatedByWhatASecondTryWouldDo) {
    const OutcomeCase& given = GetParam();
    for (const bool silent : {false, true}) {
        FakeAws aws;
        for (int i = 0; i < 9; ++i) silent ? aws.then_silence() : aws.then(500, broken);
        const auto got = aws.client.call(write(given.again));
        ASSERT_FALSE(got);
        EXPECT_EQ(got.error().kind, given.kind);
        EXPECT_EQ(aws.calls(), given.calls);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Table, AwsUnknownOutcome,
    ::testing::Values(OutcomeCase{"reads", Again::reads, 4, ErrorKind::unavailable},
                      OutcomeCase{"same", Again::same, 4, ErrorKind::unknown_outcome},
                      OutcomeCase{"changes", Again::changes, 1, ErrorKind::unknown_outcome}),
    [](const auto& test) { return test.param.name; });

// The first try may have launched; that the second was not heard does not undo it.
TEST(AwsClient, UnknownStaysUnknownWhenLaterTriesAreThrottled) {
    FakeAws aws;
    aws.then_silence();
    for (int i = 0; i < 9; ++i) aws.then(400, throttle);
    const auto got = aws.client.call(write(Again::same));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind, ErrorKind::unknown_outcome);
}

TEST(AwsClient, UnknownStaysUnknownWhenCredentialsExpireMeanwhile) {
    FakeAws aws;
    aws.then_silence();
    aws.then(400, R"({"__type":"x#ExpiredTokenException","message":"expired"})");
    const auto got = aws.client.call(write(Again::same));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind, ErrorKind::unknown_outcome);
}

TEST(AwsClient, DefiniteResponseToARetryCounts) {
    const std::pair<const char*, ErrorKind> cases[] = {
        {"ValidationException", ErrorKind::invalid}, {"AccessDeniedException", ErrorKind::denied}};
    for (const auto& [code, kind] : cases) {
        FakeAws aws;
        aws.then_silence();
        aws.then(400, R"({"__type":"x#)" + std::string(code) + R"(","message":"no"})");
        const auto got = aws.client.call(write(Again::same));
        ASSERT_FALSE(got);
        EXPECT_EQ(got.error().kind, kind);
    }
}

TEST(AwsClient, RefusedConnectionIsRetriedEvenForAWrite) {
    FakeAws aws;
    AwsClient client(aws.http, aws.clock, aws.credentials, {"us-east-1", "http://127.0.0.1:1"});
    const auto got = client.call(write());
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind, ErrorKind::unavailable);
    EXPECT_EQ(aws.clock.sleeps.size(), 3U);
}

TEST(AwsClient, RefusedConditionIsAResponse) {
    FakeAws aws;
    aws.then(400, fixture("dynamodb/refused_moto.json"));
    const auto got = aws.client.call(write());
    ASSERT_TRUE(got);
    EXPECT_EQ(got->status, 400);
}

TEST(AwsClient, ChecksumMismatchIsUnknown) {
    FakeAws aws;
    aws.then(200, "{}", "x-amz-crc32: " + std::to_string(crc32("{}")) + "\r\n");
    EXPECT_TRUE(aws.client.call(write()));
    for (const std::string sum : {"1", "", "2745614147x1", "-1"}) {
        aws.then(200, "{} ", "x-amz-crc32: " + sum + "\r\n");
        const auto got = aws.client.call(write());
        ASSERT_FALSE(got) << sum;
        EXPECT_EQ(got.error().kind, ErrorKind::unknown_outcome);
    }
}

TEST(AwsClient, HtmlIsTolerated) {
    FakeAws aws;
    aws.then(500, fixture("ec2/error_page.html"));
    const auto got = aws.client.call({"ec2", "RunInstances", "", Again::changes});
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind, ErrorKind::unknown_outcome);
    EXPECT_EQ(got.error().text, "ec2 RunInstances: status 500");
}

TEST(AwsClient, LongMessagesAreTruncatedToOneLine) {
    FakeAws aws;
    aws.then(403,
             "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not"
             "\nauthorized. " +
                 std::string(3000, 'x') + "</Message></Error></Errors></Response>");
    const auto got = aws.client.call({"ec2", "RunInstances", ""});
    ASSERT_FALSE(got);
    EXPECT_LT(got.error().text.size(), 400U);
    EXPECT_THAT(got.error().text, AllOf(HasSubstr("You are not authorized."),
                                        HasSubstr("lacks this permission"), Not(HasSubstr("\n"))));
}

// --- batches ------------------------------------------------------------------------------------

TEST(AwsClient, BatchIsParallelAndOnlyThrottledCallsAreRetried) {
    FakeAws aws;
    std::latch all_here(3);
    std::atomic<int> b_calls = 0;
    aws.by_rule = [&](const FakeRequest& request) {
        if (request.body == "b" && ++b_calls > 1) return FakeReply{answer(200, "again")};
        all_here.arrive_and_wait();
        if (request.body == "b") return FakeReply{answer(400, throttle)};
        return FakeReply{answer(200, request.body)};
    };
    const auto got = aws.client.call_all({{"dynamodb", "UpdateItem", "a"},
                                          {"dynamodb", "UpdateItem", "b"},
                                          {"dynamodb", "UpdateItem", "c"}});
    EXPECT_EQ(got[0]->body, "a");
    EXPECT_EQ(got[1]->body, "again");
    EXPECT_EQ(got[2]->body, "c");
    EXPECT_EQ(aws.calls(), 4U);
}

TEST(AwsClient, EmptyBatchSendsNothing) {
    FakeAws aws;
    EXPECT_TRUE(aws.client.call_all({}).empty());
}

// --- credentials --------------------------------------------------------------------------------

TEST(AwsClient, WithoutCredentialsNothingIsSent) {
    FakeAws aws;
    Credentials none(aws.http, {.imds_disabled = true});
    AwsClient client(aws.http, aws.clock, none, {"us-east-1", aws.server.url()});
    const auto got = client.call_all({write(), write()});
    ASSERT_EQ(got.size(), 2U);
    for (const auto& one : got) EXPECT_EQ(one.error().kind, ErrorKind::denied);
    EXPECT_EQ(aws.calls(), 0U);
}

TEST(AwsClient, ExpiredCredentialsAreRefreshedNextTime) {
    FakeAws aws;
    std::atomic<int> given = 0;
    FakeServer container([&](const FakeRequest&) {
        return FakeReply{answer(200, R"({"AccessKeyId":"AKID)" + std::to_string(++given) +
                                         R"(","SecretAccessKey":"k","Token":"t",)" +
                                         R"("Expiration":"2099-01-01T00:00:00Z"})")};
    });
    Credentials credentials(aws.http, {.container_full_uri = container.url()});
    AwsClient client(aws.http, aws.clock, credentials, {"us-east-1", aws.server.url()});
    aws.then(400, R"({"__type":"x#ExpiredTokenException","message":"expired"})");
    aws.then(200, "{}");
    aws.then(200, "{}");
    EXPECT_EQ(client.call(write()).error().kind, ErrorKind::denied);
    EXPECT_TRUE(client.call(write()));
    EXPECT_TRUE(client.call(write()));
    EXPECT_THAT(aws.server.requests()[0].headers.at("authorization"), HasSubstr("AKID1/"));
    EXPECT_THAT(aws.server.requests()[2].headers.at("authorization"), HasSubstr("AKID2/"));
    EXPECT_EQ(given, 2);
}

TEST(AwsClient, SecretsAreInNoError) {
    FakeAws aws;
    Credentials secret(aws.http, {.access_key_id = "AKID",
                                  .secret_access_key = Secret("canary-key"),
                                  .session_token = Secret("canary-token")});
    AwsClient client(aws.http, aws.clock, secret, {"us-east-1", aws.server.url()});
    aws.then_silence();
    aws.then(403, R"({"__type":"x#ExpiredTokenException","message":"expired"})");
    aws.then(403, R"({"__type":"x#InvalidSignatureException","message":"The canonical request is )"
                  R"(x-amz-security-token:canary-token x-amz-date; canary-tok canary-key"})");
    for (int i = 0; i < 3; ++i) {
        const auto got = client.call(write());
        ASSERT_FALSE(got);
        EXPECT_THAT(got.error().text, Not(HasSubstr("canary")));
    }
}

}  // namespace
}  // namespace nodenap::test
