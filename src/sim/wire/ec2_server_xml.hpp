#pragma once

#include "sim/wire/ec2_server.hpp"

namespace nodenap::servers {

/// <item> of an <instancesSet>, with what EC2 tells of every instance and the adapter might read.
std::string instance_xml(const sim::Machine& machine, const Tags& tags);

/// The document around it.
HttpResponse ec2_response(const std::string& operation, const std::string& inner);

}  // namespace nodenap::servers
