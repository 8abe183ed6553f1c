#pragma once

#include "base/result.hpp"
#include "model/snapshot.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace nodenap {

/// One page of instances; `next` is the token of the next page, empty if there is none.
struct Ec2Page {
    std::vector<Instance> instances;
    std::string next;
};

/// Parses the response of DescribeInstances. An instance without id, or in a state that EC2 does
/// not document, makes the whole page unreadable (unavailable), so that no instance is missed.
/// Instances without both of the cluster's tags are left out, whatever the request's filter was.
Result<Ec2Page> read_instances(const std::string& body, std::string_view cluster);

/// Parses the response of RunInstances, which must contain exactly one instance; else
/// unknown_outcome.
Result<Instance> read_launched(const std::string& body);

}  // namespace nodenap
