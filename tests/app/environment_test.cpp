#include "app/config.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace nodenap {
namespace {

using Variables = std::map<std::string, std::string>;

Environment with(const Variables& variables) {
    return environment_from([&](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        if (found == variables.end()) return std::nullopt;
        return found->second;
    });
}

TEST(Environment, IsReadWhole) {
    const Environment e = with({{"AWS_ACCESS_KEY_ID", "AKIA"},
                                {"AWS_SECRET_ACCESS_KEY", "s"},
                                {"AWS_SESSION_TOKEN", "t"},
                                {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/r"},
                                {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/f"},
                                {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "c"},
                                {"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://[fd00:ec2::254]"},
                                {"AWS_EC2_METADATA_DISABLED", "true"},
                                {"AWS_ENDPOINT_URL", "http://all"},
                                {"AWS_ENDPOINT_URL_EC2", "http://ec2"},
                                {"AWS_ENDPOINT_URL_DYNAMODB", "http://ddb"},
                                {"AWS_REGION", "eu-west-1"},
                                {"AWS_DEFAULT_REGION", "us-west-1"},
                                {"AWS_CA_BUNDLE", "/ca.pem"},
                                {"AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"},
                                {"LAMBDA_TASK_ROOT", "/var/task"},
                                {"NODENAP_CONFIG", "/n.toml"},
                                {"NO_COLOR", "1"},
                                {"NODENAP_TEST_KILL_AT", "12:after"}});
    EXPECT_EQ(e.credentials.access_key_id, "AKIA");
    EXPECT_EQ(e.credentials.secret_access_key.reveal(), "s");
    EXPECT_EQ(e.credentials.session_token.reveal(), "t");
    EXPECT_EQ(e.credentials.container_relative_uri, "/r");
    EXPECT_EQ(e.credentials.container_full_uri, "http://127.0.0.1/f");
    EXPECT_EQ(e.credentials.container_token.reveal(), "c");
    EXPECT_EQ(e.credentials.imds_endpoint, "http://[fd00:ec2::254]");
    EXPECT_TRUE(e.credentials.imds_disabled);
    EXPECT_EQ(e.endpoint, "http://all");
    EXPECT_EQ(e.service_endpoints, (Variables{{"ec2", "http://ec2"}, {"dynamodb", "http://ddb"}}));
    EXPECT_EQ(e.region, "eu-west-1");
    EXPECT_EQ(e.ca_bundle, "/ca.pem");
    EXPECT_EQ(e.lambda_runtime_api, "127.0.0.1:9001");
    EXPECT_EQ(e.lambda_task_root, "/var/task");
    EXPECT_EQ(e.config_path, "/n.toml");
    EXPECT_TRUE(e.no_color);
    ASSERT_TRUE(e.kill_at);
    EXPECT_EQ(e.kill_at->request, 12);
    EXPECT_FALSE(e.kill_at->before);
    EXPECT_TRUE(e.has_test_hooks());
}

TEST(Environment, EmptyIsAWSsOwn) {
    const Environment e = with({});
    EXPECT_EQ(e.endpoint, "");
    EXPECT_FALSE(e.kill_at);
    EXPECT_FALSE(e.has_test_hooks());
    EXPECT_FALSE(e.no_color);
    EXPECT_EQ(e.credentials.imds_endpoint, CredentialSources{}.imds_endpoint);
}

TEST(Environment, TheDefaultRegionIsTheSecondChoice) {
    EXPECT_EQ(with({{"AWS_DEFAULT_REGION", "us-west-1"}}).region, "us-west-1");
}

TEST(Environment, ATokensFileComesBeforeTheToken) {
    const std::string file = testing::TempDir() + "nodenap_token";
    std::ofstream(file) << "from file\n";
    const Environment e = with({{"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", file},
                                {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "c"}});
    EXPECT_EQ(e.credentials.container_token.reveal(), "from file");
}

TEST(Environment, AKillPointIsExactOrNone) {
    for (const char* text : {"", "3", "before", "0:before", "-1:after", "3:later", "3:before "}) {
        EXPECT_FALSE(with({{"NODENAP_TEST_KILL_AT", text}}).kill_at) << text;
    }
    const auto point = with({{"NODENAP_TEST_KILL_AT", "1:before"}}).kill_at;
    ASSERT_TRUE(point);
    EXPECT_TRUE(point->before);
}

TEST(Environment, AWrongClockIsWrongByWholeSeconds) {
    EXPECT_EQ(with({}).clock_wrong_by, Milliseconds{0});
    EXPECT_EQ(with({{"NODENAP_TEST_CLOCK_OFF_S", "-60"}}).clock_wrong_by, Milliseconds{-60'000});
    EXPECT_EQ(with({{"NODENAP_TEST_CLOCK_OFF_S", "60s"}}).clock_wrong_by, Milliseconds{0});
    for (const char* absurd : {"9223372036854775807", "-9223372036854775808", "31622400"})
        EXPECT_EQ(with({{"NODENAP_TEST_CLOCK_OFF_S", absurd}}).clock_wrong_by, Milliseconds{0});
}

}  // namespace
}  // namespace nodenap
