#pragma once

#include "base/result.hpp"
#include "doctor/checks.hpp"

#include <optional>
#include <string>
#include <vector>

namespace nodenap {

/// Answers of what only `nodenap doctor` asks; unavailable where they cannot be read.
Result<std::vector<SubnetSeen>> read_subnets(const std::string& body);
/// Nullopt where there is no version in it. The user data is not looked at.
Result<std::optional<TemplateSeen>> read_template(const std::string& body);
/// DescribeParameters: when the first one got its value; nullopt where there is none.
Result<std::optional<Time>> read_parameter_time(const std::string& body);
/// A page of DescribeInstanceTypeOfferings by zone, and the token of the next one.
struct OfferingsPage {
    std::vector<TypeInZone> sold;
    std::string next;
};
Result<OfferingsPage> read_offerings(const std::string& body);
Result<double> read_quota(const std::string& body);

}  // namespace nodenap
