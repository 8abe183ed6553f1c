#include "doctor/connection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nodenap {
namespace {

constexpr const char* refused =
    "ec2 RunInstances: 10.0.0.1:80: Failed to connect to 10.0.0.1 port 80 after 3 ms: Couldn't "
    "connect to server";

TEST(Connection, IsToldInPlainWords) {
    EXPECT_EQ(unreachable_address(refused), "10.0.0.1:80");
    EXPECT_EQ(plain_connection(refused), "ec2 RunInstances: cannot connect to 10.0.0.1:80");
    EXPECT_EQ(plain_connection("prom:9090: Could not resolve host: prom"),
              "the name of prom:9090 is not known");
    EXPECT_EQ(plain_connection("p: Connection timed out after 900 milliseconds"),
              "no answer in time from p");
    EXPECT_EQ(plain_connection("AccessDenied: no"), "AccessDenied: no");
    EXPECT_EQ(unreachable_address("AccessDenied: no"), "");
}

std::vector<std::string> lines_of(const std::vector<Check>& checks) {
    std::vector<std::string> lines;
    for (const auto& [name, finding] : checks) {
        lines.push_back(std::string(word(finding.status)) + " " + name + ": " + finding.seen);
    }
    return lines;
}

TEST(Connection, ThatFailsIsSaidOnceBeforeTheChecksThatDependOnIt) {
    const auto once = connections_once({{"clock", {CheckStatus::not_checked, refused, "look"}},
                                        {"mode", {CheckStatus::ok, "mode is \"act\""}},
                                        {"instances", {CheckStatus::failed, refused, "look"}}});
    EXPECT_THAT(lines_of(once),
                testing::ElementsAre("failed connection to 10.0.0.1:80: cannot connect to "
                                     "10.0.0.1:80",
                                     "skipped clock: depends on the connection to 10.0.0.1:80",
                                     "ok mode: mode is \"act\"",
                                     "skipped instances: depends on the connection to "
                                     "10.0.0.1:80"));
    EXPECT_NE(once.front().finding.advice, "");
    EXPECT_EQ(once.back().finding.advice, "");
}

TEST(Connection, ThatOnlyReadingsNeedIsNoFailure) {
    const CheckResult unread{CheckStatus::not_checked, refused, "look"};
    const auto once = connections_once({{"a", unread}, {"b", unread}});
    EXPECT_EQ(word(once.front().finding.status), "skipped");
}

TEST(Connection, OfOneCheckStaysWithIt) {
    const auto once = connections_once({{"quota", {CheckStatus::not_checked, refused, "look"}}});
    EXPECT_THAT(lines_of(once), testing::ElementsAre("skipped quota: ec2 RunInstances: cannot "
                                                     "connect to 10.0.0.1:80"));
    EXPECT_EQ(once.front().finding.advice, "look");
}

}  // namespace
}  // namespace nodenap
