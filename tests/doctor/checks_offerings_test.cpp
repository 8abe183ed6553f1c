#include "doctor/checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nodenap {
namespace {

using testing::HasSubstr;

Pool pool_of(std::vector<std::string> types) {
    Pool pool;
    pool.instance_types = std::move(types);
    pool.subnets = {{"subnet-a", "eu-north-1a"}, {"subnet-b", "eu-north-1b"}};
    return pool;
}

TEST(CheckupOfferings, EachTypeIsSoldInEachZone) {
    const CheckResult finding = judge_offerings(
        pool_of({"t3.small"}), {{"t3.small", "eu-north-1a"}, {"t3.small", "eu-north-1b"}});
    EXPECT_EQ(finding.status, CheckStatus::ok);
}

TEST(CheckupOfferings, ATypeThatIsSoldInNoZoneIsNamed) {
    const CheckResult finding = judge_offerings(pool_of({"t2.small"}), {});
    EXPECT_EQ(finding.status, CheckStatus::failed);
    EXPECT_EQ(finding.seen, "EC2 does not sell t2.small in eu-north-1a, eu-north-1b");
    EXPECT_THAT(finding.advice, HasSubstr("t3.small"));
}

TEST(CheckupOfferings, AGapBesideAnotherTypeIsAWarning) {
    const CheckResult finding =
        judge_offerings(pool_of({"t2.small", "t3.small"}),
                        {{"t3.small", "eu-north-1a"}, {"t2.small", "eu-west-1a"}});
    EXPECT_EQ(finding.status, CheckStatus::warning);
    EXPECT_EQ(finding.seen,
              "EC2 does not sell t2.small in eu-north-1a, eu-north-1b; t3.small in eu-north-1b");
}

TEST(CheckupOfferings, SpotNeedsItsRole) {
    Pool pool = pool_of({"t3.small"});
    pool.capacity = CapacityChoice::spot;
    EXPECT_EQ(judge_spot_role(pool, true).status, CheckStatus::ok);
    EXPECT_EQ(judge_spot_role(pool, false).status, CheckStatus::failed);
    pool.capacity = CapacityChoice::spot_then_on_demand;
    const CheckResult finding = judge_spot_role(pool, false);
    EXPECT_EQ(finding.status, CheckStatus::warning);
    EXPECT_THAT(finding.seen, HasSubstr("every node is bought on demand"));
    EXPECT_THAT(finding.advice, HasSubstr("aws iam create-service-linked-role "
                                          "--aws-service-name spot.amazonaws.com"));
}

}  // namespace
}  // namespace nodenap
