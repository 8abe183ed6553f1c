#include "adapters/aws/profile_files.hpp"

#include "fakes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Pair;

constexpr std::string_view config = R"(# of a person
[default]
region=eu-west-1

[profile work]
Role_ARN = arn:aws:iam::123456789012:role/admin   # a comment
source_profile = default
s3 =
    max_concurrent_requests = 20
    region = of-nothing
[sso-session corp]
sso_region = us-east-1
[profile  tool ]
credential_process = "/opt/my tool" --key "a # b" ; x
no sign
= no key
[preview]
cloudfront = true
[profile broken
aws_access_key_id = AKIANONE
)";

Profiles read(std::string_view text, ProfileFile kind) {
    Profiles profiles;
    add_profiles(text, kind, profiles);
    return profiles;
}

TEST(ProfileFiles, ReadsProfileSectionsOfTheConfigFile) {
    const Profiles profiles = read(config, ProfileFile::config);
    EXPECT_THAT(profiles, ElementsAre(Key("default"), Key("tool"), Key("work")));
    EXPECT_THAT(profiles.at("default"), ElementsAre(Pair("region", "eu-west-1")));
    EXPECT_THAT(profiles.at("work"),
                ElementsAre(Pair("role_arn", "arn:aws:iam::123456789012:role/admin"),
                            Pair("s3", ""), Pair("source_profile", "default")));
    EXPECT_THAT(profiles.at("tool"),
                ElementsAre(Pair("credential_process", R"("/opt/my tool" --key "a # b" ; x)")))
        << "the command is the shell's to read";
}

TEST(ProfileFiles, CredentialsFileTakesPrecedence) {
    Profiles profiles =
        read("[default]\naws_access_key_id = OLD\nregion = r\n", ProfileFile::config);
    add_profiles("[default]\r\naws_access_key_id = NEW\r\n[other]\n", ProfileFile::credentials,
                 profiles);
    EXPECT_THAT(profiles.at("default"),
                ElementsAre(Pair("aws_access_key_id", "NEW"), Pair("region", "r")));
    EXPECT_TRUE(profiles.contains("other"));
}

std::string process_answer(const std::string& more) {
    return R"({"Version":1,"AccessKeyId":"ASIA","SecretAccessKey":"canary")" + more + "}";
}

TEST(ProfileFiles, ReadsKeysAndExpirationOfAProcess) {
    const auto found = read_process_answer(
        process_answer(R"(,"SessionToken":"t","Expiration":"2026-11-23T21:00:00Z")"));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->access_key_id, "ASIA");
    EXPECT_EQ(found->secret_access_key.reveal(), "canary");
    EXPECT_EQ(found->session_token.reveal(), "t");
    EXPECT_EQ(found->expires_at, fake_start + std::chrono::hours(1));
    EXPECT_EQ(read_process_answer(process_answer(""))->expires_at, std::nullopt);
}

TEST(ProfileFiles, ErrorsDoNotQuoteUnreadableResponses) {
    for (const std::string& body :
         {std::string(), std::string("Enter your MFA code:"), std::string(R"({"Version":2})"),
          std::string(R"({"Version":1,"AccessKeyId":"ASIA"})"),
          process_answer(R"(,"Expiration":"soon canary")")}) {
        const auto found = read_process_answer(body);
        ASSERT_FALSE(found) << body;
        EXPECT_THAT(found.error().text, testing::Not(HasSubstr("canary")));
        EXPECT_FALSE(read_assumed_role(body)) << body;
    }
}

TEST(ProfileFiles, ReadsAssumeRoleXml) {
    const auto found = read_assumed_role(
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
        "<AssumeRoleResult><Credentials><AccessKeyId>ASIA</AccessKeyId>"
        "<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
        "<Expiration>2026-11-23T21:00:00Z</Expiration></Credentials></AssumeRoleResult>"
        "</AssumeRoleResponse>");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->access_key_id, "ASIA");
    EXPECT_EQ(found->session_token.reveal(), "t");
    EXPECT_EQ(found->expires_at, fake_start + std::chrono::hours(1));
    EXPECT_FALSE(read_assumed_role("<AssumeRoleResponse/>"));
}

}  // namespace
}  // namespace nodenap::test
