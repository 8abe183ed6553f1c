#include "decide/explain.hpp"
#include "doctor/checks.hpp"

#include <algorithm>

namespace nodenap {
namespace {

constexpr const char* create_spot_role =
    "aws iam create-service-linked-role --aws-service-name spot.amazonaws.com";

/// "t2.small in us-east-1e, us-east-1f", or empty where EC2 sells it in each zone of the pool.
std::string gap_of(const Pool& pool, const std::string& type, const std::vector<TypeInZone>& sold) {
    std::string zones;
    for (const Subnet& subnet : pool.subnets) {
        if (std::ranges::find(sold, TypeInZone{type, subnet.zone}) != sold.end()) continue;
        if (zones.find(subnet.zone) != std::string::npos) continue;
        zones += (zones.empty() ? "" : ", ") + subnet.zone;
    }
    return zones.empty() ? "" : type + " in " + zones;
}

}  // namespace

CheckResult judge_offerings(const Pool& pool, const std::vector<TypeInZone>& sold) {
    std::string gaps;
    for (const std::string& type : pool.instance_types) {
        const std::string gap = gap_of(pool, type, sold);
        if (!gap.empty()) gaps += (gaps.empty() ? "" : "; ") + gap;
    }
    if (gaps.empty()) return {CheckStatus::ok, "EC2 sells each type in each zone of the pool"};
    const bool is_sold = std::ranges::any_of(pool.subnets, [&](const Subnet& subnet) {
        return std::ranges::any_of(pool.instance_types, [&](const std::string& type) {
            return std::ranges::find(sold, TypeInZone{type, subnet.zone}) != sold.end();
        });
    });
    return {is_sold ? CheckStatus::warning : CheckStatus::failed, "EC2 does not sell " + gaps,
            "Name a type that EC2 sells there, such as t3.small for t2.small: `aws ec2 "
            "describe-instance-type-offerings --location-type availability-zone` lists them."};
}

CheckResult judge_spot_role(const Pool& pool, bool is_there) {
    if (is_there) return {CheckStatus::ok, "the account has AWSServiceRoleForEC2Spot"};
    const bool only_spot = pool.capacity == CapacityChoice::spot;
    return {only_spot ? CheckStatus::failed : CheckStatus::warning,
            std::string("the account has no role AWSServiceRoleForEC2Spot: ") +
                (only_spot ? "EC2 launches nothing" : "every node is bought on demand"),
            std::string("Create it once for the account: `") + create_spot_role + "`."};
}

}  // namespace nodenap
