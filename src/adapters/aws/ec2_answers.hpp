#pragma once

#include "base/result.hpp"
#include "model/snapshot.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace nodenap {

/// One page of instances; `next` asks for the one behind it, empty if there is none.
struct Ec2Page {
    std::vector<Instance> instances;
    std::string next;
};

/// Reads DescribeInstances' answer. An instance without id, or in a state that EC2 does not
/// document, makes the whole page unreadable (unavailable): a fleet is never guessed. What does
/// not bear both tags that make it the cluster's is left out, whatever filter was asked for.
Result<Ec2Page> read_instances(const std::string& body, std::string_view cluster);

/// Reads RunInstances' answer, which must hold exactly one instance; else unknown_outcome.
Result<Instance> read_launched(const std::string& body);

}  // namespace nodenap
