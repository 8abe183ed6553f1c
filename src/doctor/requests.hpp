#pragma once

#include "adapters/aws/client.hpp"
#include "controller/ports.hpp"

#include <string>
#include <vector>

namespace nodenap {

/// What only `nodenap doctor` asks of AWS. None of it changes anything.
AwsRequest dry_launch(const Operation& operation, const std::string& cluster);
AwsRequest dry_termination(const std::string& instance_id);
/// By filter, so that those that exist are shown beside one that does not.
AwsRequest describe_subnets(const std::vector<std::string>& ids);
AwsRequest describe_template(const std::string& id, const std::string& version);
/// What is known about a parameter without its value.
/// Where EC2 sells these types, by zone; `next` is the token of a page, or empty.
AwsRequest describe_type_offerings(const std::vector<std::string>& types, const std::string& next);
/// IAM's own role for EC2's spot instances.
AwsRequest get_spot_role();
AwsRequest describe_parameter(const std::string& name);
AwsRequest get_vcpu_quota(Capacity capacity);

}  // namespace nodenap
