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
                                {"NO_COLOR", "1"}});
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
    EXPECT_FALSE(e.has_test_hooks());
}

TEST(Environment, EmptyIsAWSsOwn) {
    const Environment e = with({});
    EXPECT_EQ(e.endpoint, "");
    EXPECT_FALSE(e.has_test_hooks());
    EXPECT_FALSE(e.no_color);
    EXPECT_EQ(e.credentials.imds_endpoint, CredentialSources{}.imds_endpoint);
}

TEST(Environment, TheSharedFilesAreTheNamedOnesElseThoseAtHome) {
    const SharedFiles at_home = with({{"HOME", "/home/me"}, {"AWS_PROFILE", "work"}}).shared;
    EXPECT_EQ(at_home.profile, "work");
    EXPECT_EQ(at_home.config_file, "/home/me/.aws/config");
    EXPECT_EQ(at_home.credentials_file, "/home/me/.aws/credentials");
    const SharedFiles named = with({{"HOME", "/home/me"},
                                    {"AWS_DEFAULT_PROFILE", "old"},
                                    {"AWS_CONFIG_FILE", "~/aws"},
                                    {"AWS_SHARED_CREDENTIALS_FILE", "/keys"}})
                                  .shared;
    EXPECT_EQ(named.profile, "old");
    EXPECT_EQ(named.config_file, "/home/me/aws");
    EXPECT_EQ(named.credentials_file, "/keys");
    EXPECT_EQ(with({}).shared.config_file, "");
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

}  // namespace
}  // namespace nodenap
