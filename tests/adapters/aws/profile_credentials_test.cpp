#include "adapters/aws/profile_credentials.hpp"

#include "adapters/fake_aws.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* files = R"([default]
aws_access_key_id = AKIABASE
aws_secret_access_key = canary-key
[profile work]
role_arn = arn:aws:iam::123456789012:role/admin
source_profile = default
external_id = a b
duration_seconds = 900
[profile twice]
role_arn = arn:aws:iam::210987654321:role/second
source_profile = work
[profile own]
role_arn = arn:aws:iam::123456789012:role/own
source_profile = own
aws_access_key_id = AKIAOWN
aws_secret_access_key = own-key
[profile a]
role_arn = arn:a
source_profile = b
[profile b]
role_arn = arn:b
source_profile = a
[profile tool]
credential_process = give-me --keys
[profile sso]
sso_session = corp
sso_account_id = 123456789012
[profile mfa]
role_arn = arn:aws:iam::123456789012:role/admin
source_profile = default
mfa_serial = arn:aws:iam::123456789012:mfa/me
[profile machine]
role_arn = arn:aws:iam::123456789012:role/admin
credential_source = Ec2InstanceMetadata
[profile typo]
role_arn = arn:aws:iam::123456789012:role/admin
credential_source = canary-of-a-value
[profile web]
role_arn = arn:aws:iam::123456789012:role/admin
web_identity_token_file = /var/run/token
[profile login]
login_session = arn:aws:iam::123456789012:user/me
[profile alone]
role_arn = arn:aws:iam::123456789012:role/admin
[profile half]
aws_access_key_id = AKIAHALF
[profile nothing]
region = us-east-1
)";

constexpr const char* process_answer =
    R"({"Version":1,"AccessKeyId":"ASIAPROC","SecretAccessKey":"s"})";

std::string assumed(const std::string& id) {
    return "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>" + id +
           "</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
           "<Expiration>2026-11-23T21:00:00Z</Expiration></Credentials></AssumeRoleResult>"
           "</AssumeRoleResponse>";
}

/// A person's machine, with an AWS behind it and programs that answer `said`.
struct Desk {
    ProfileCredentials profile(const std::string& name) {
        Profiles all;
        add_profiles(files, ProfileFile::config, all);
        const auto run = [this](const std::vector<std::string>& words) {
            ran.push_back(words);
            return said;
        };
        return {aws.http, aws.clock, run, {name, all, {"eu-west-1", aws.server.url("")}}};
    }
    std::string fault(const std::string& name) {
        const auto got = profile(name).get();
        return got ? "gave " + got->access_key_id : got.error().text;
    }

    FakeAws aws;
    Result<std::string> said = std::string(process_answer);
    std::vector<std::vector<std::string>> ran;
};

TEST(ProfileCredentials, ReturnsStaticKeys) {
    Desk desk;
    const auto got = desk.profile("default").get();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->access_key_id, "AKIABASE");
    EXPECT_EQ(got->secret_access_key.reveal(), "canary-key");
    EXPECT_EQ(got->expires_at, std::nullopt);
    EXPECT_EQ(desk.aws.calls(), 0U);
}

TEST(ProfileCredentials, AssumesARoleWithTheKeysOfItsSourceProfile) {
    Desk desk;
    desk.aws.then(200, assumed("ASIAROLE"));
    const auto got = desk.profile("work").get();
    ASSERT_TRUE(got) << got.error().text;
    EXPECT_EQ(got->access_key_id, "ASIAROLE");
    EXPECT_EQ(got->session_token.reveal(), "t");
    EXPECT_EQ(got->expires_at, fake_start + std::chrono::hours(1));
    const FakeRequest asked = desk.aws.server.requests().at(0);
    EXPECT_EQ(asked.body,
              "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3A"
              "role%2Fadmin&RoleSessionName=nodenap&DurationSeconds=900&ExternalId=a%20b");
    EXPECT_THAT(asked.headers.at("authorization"), HasSubstr("AKIABASE/"));
    EXPECT_THAT(asked.headers.at("authorization"), HasSubstr("/eu-west-1/sts/aws4_request"));
}

TEST(ProfileCredentials, AssumesRolesInAChain) {
    Desk desk;
    desk.aws.then(200, assumed("ASIAFIRST"));
    desk.aws.then(200, assumed("ASIASECOND"));
    EXPECT_EQ(desk.fault("twice"), "gave ASIASECOND");
    EXPECT_THAT(desk.aws.server.requests().at(1).headers.at("authorization"),
                HasSubstr("ASIAFIRST/"));
}

TEST(ProfileCredentials, AProfileMayHoldTheKeysOfItsOwnRole) {
    Desk desk;
    desk.aws.then(200, assumed("ASIAOWN"));
    EXPECT_EQ(desk.fault("own"), "gave ASIAOWN");
    EXPECT_THAT(desk.aws.server.requests().at(0).headers.at("authorization"),
                HasSubstr("AKIAOWN/"));
}

TEST(ProfileCredentials, RefusedRoleReportsTheCause) {
    Desk desk;
    desk.aws.then(403,
                  "<ErrorResponse><Error><Code>AccessDenied</Code><Message>User is not authorized "
                  "to perform: sts:AssumeRole</Message></Error></ErrorResponse>");
    const auto got = desk.profile("work").get();
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind, ErrorKind::denied);
    EXPECT_THAT(got.error().text, HasSubstr("sts:AssumeRole"));
    EXPECT_THAT(got.error().text, Not(HasSubstr("canary")));
}

TEST(ProfileCredentials, RunsTheCredentialProcessInAShell) {
    Desk desk;
    EXPECT_EQ(desk.fault("tool"), "gave ASIAPROC");
    EXPECT_THAT(desk.ran, ElementsAre(ElementsAre("/bin/sh", "-c", "give-me --keys")));
    desk.said = Error{ErrorKind::denied, "exited with status 3"};
    EXPECT_EQ(desk.fault("tool"), "credential_process of profile tool exited with status 3");
    desk.said = std::string("no keys today");
    EXPECT_THAT(desk.fault("tool"), HasSubstr("did not return JSON"));
}

TEST(ProfileCredentials, UsesTheAwsCliForInteractiveSignIn) {
    for (const char* name : {"sso", "mfa"}) {
        Desk desk;
        EXPECT_EQ(desk.fault(name), "gave ASIAPROC");
        EXPECT_THAT(desk.ran, ElementsAre(ElementsAre("aws", "configure", "export-credentials",
                                                      "--profile", name, "--format", "process")));
        desk.said = Error{ErrorKind::denied, "was not found", program_missing};
        EXPECT_THAT(desk.fault(name), HasSubstr("install version 2"));
        EXPECT_THAT(desk.fault(name),
                    HasSubstr("aws configure export-credentials --profile " + std::string(name)));
        EXPECT_EQ(desk.aws.calls(), 0U);
    }
}

struct FaultRow {
    const char* name;
    const char* says;
};

TEST(ProfileCredentials, ExplainsFailuresOfTheAwsCliByTheProfile) {
    const FaultRow rows[] = {
        {"sso",
         "returned no credentials for profile sso (it exited with status 255): sign in first with "
         "`aws sso "
         "login --profile sso`"},
        {"login", "sign in first with `aws login --profile login`"},
        {"mfa", "it asks for an MFA code, which needs a terminal"},
        {"web", "Check that the file exists, that the token is still valid"},
        {"machine", "its credential_source is Ec2InstanceMetadata. Run this where that has"},
        {"typo", "its credential_source is none that AWS knows"},
        {"alone", "neither source_profile nor credential_source"}};
    for (const FaultRow& row : rows) {
        Desk desk;
        desk.said = Error{ErrorKind::denied, "exited with status 255"};
        EXPECT_THAT(desk.fault(row.name), HasSubstr(row.says));
        EXPECT_THAT(desk.fault(row.name), Not(HasSubstr("canary")));
        const bool says_sso = desk.fault(row.name).find("sso login") != std::string::npos;
        EXPECT_EQ(says_sso, std::string_view(row.name) == "sso") << row.name;
    }
}

TEST(ProfileCredentials, ProfileWithoutCredentialsReportsTheCause) {
    const FaultRow rows[] = {{"absent", "is in neither ~/.aws/config nor ~/.aws/credentials"},
                             {"half", "must have both"},
                             {"a", "refers to itself through source_profile"},
                             {"nothing", "has no credentials"}};
    for (const FaultRow& row : rows) {
        Desk desk;
        EXPECT_THAT(desk.fault(row.name), HasSubstr(row.says));
        EXPECT_THAT(desk.fault(row.name), HasSubstr("profile " + std::string(row.name)));
        EXPECT_THAT(desk.ran, IsEmpty());
    }
}

TEST(ProfileCredentials, EnvironmentComesFirstAndInstanceRoleLast) {
    Desk desk;
    ProfileCredentials profile = desk.profile("default");
    Credentials both(desk.aws.http, {.access_key_id = "AKIAENV", .secret_access_key = Secret("s")},
                     &profile);
    EXPECT_EQ(both.get(fake_start)->access_key_id, "AKIAENV");
    Credentials only(desk.aws.http, {.imds_endpoint = desk.aws.server.url("")}, &profile);
    EXPECT_EQ(only.get(fake_start)->access_key_id, "AKIABASE");
    EXPECT_EQ(only.source(), "the profile default of the shared AWS files");
}

}  // namespace
}  // namespace nodenap::test
