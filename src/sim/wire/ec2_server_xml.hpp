#pragma once

#include "sim/wire/ec2_server.hpp"

namespace nodenap::servers {

/// <item> of an <instancesSet>, with the fields that EC2 always sends and the adapter may read.
std::string instance_xml(const sim::Machine& machine, const Tags& tags);

/// The enclosing document.
HttpResponse ec2_response(const std::string& operation, const std::string& inner);

}  // namespace nodenap::servers
