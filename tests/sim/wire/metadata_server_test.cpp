#include "sim/wire/metadata_server.hpp"

#include "servers_world.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace nodenap::test {
namespace {

using namespace servers;

const std::string roles = "http://169.254.169.254/latest/meta-data/iam/security-credentials/";

TEST(MetadataServer, ReturnsTheSessionForAToken) {
    ServersWorld peers;
    const RoleSession session{"AKIA", Secret("key"), Secret("token")};
    MetadataServer server(peers.world, session);
    const auto token =
        peers.ask(server, {.method = "PUT", .url = "http://169.254.169.254/latest/api/token"});
    EXPECT_EQ(token.status, 200);
    EXPECT_EQ(peers.ask(server, {.url = roles}).status, 401);
    const std::vector<std::string> headers = {"X-aws-ec2-metadata-token: " + token.body};
    const auto role = peers.ask(server, {.url = roles, .headers = headers}).body;
    const auto given = peers.ask(server, {.url = roles + role, .headers = headers});
    EXPECT_EQ(nlohmann::json::parse(given.body)["SecretAccessKey"], "key");
    EXPECT_EQ(peers.ask(server, {.url = roles + "other", .headers = headers}).status, 404);
}

}  // namespace
}  // namespace nodenap::test
