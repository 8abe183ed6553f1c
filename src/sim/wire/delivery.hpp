#pragma once

#include "sim/wire/server.hpp"
#include "sim/world/world.hpp"

namespace nodenap::servers {

/// The time for the request, and for the rest, without faults.
struct Pace {
    sim::Span there;
    sim::Span takes;
};

// Deliveries are drawn by the world's faults (sim/faults/faults.hpp), each time as one of the forms
// // that this fault has on the wire.

Delivery to_dynamodb(const sim::World& world, sim::Random& random, const HttpRequest& request);
Delivery to_ec2(const sim::World& world, sim::Random& random, const HttpRequest& request);
Delivery to_prometheus(const sim::World& world, sim::Random& random, const HttpRequest& request);

/// An error in DynamoDB's format: `type` with its namespace.
HttpResponse dynamodb_error(int status, const std::string& type, const std::string& message);
/// … in the format of EC2's query API.
HttpResponse ec2_error(int status, const std::string& code, const std::string& message);
/// … in the format of Prometheus's HTTP API.
HttpResponse prometheus_error(int status, const std::string& type, const std::string& message);

/// The headers of every DynamoDB response, including the checksum of its body.
HttpResponse dynamodb_response(int status, std::string body);

}  // namespace nodenap::servers
