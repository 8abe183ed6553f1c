#pragma once

#include "sim/wire/server.hpp"
#include "sim/world/world.hpp"

namespace nodenap::servers {

/// How long the way there and all the rest takes where nothing goes wrong.
struct Pace {
    sim::Span there;
    sim::Span takes;
};

// The journeys are drawn by the world's own faults (sim/faults/faults.hpp), each time as one of the
// forms that this fault has on the wire.

Delivery to_dynamodb(const sim::World& world, sim::Random& random, const HttpRequest& request);
Delivery to_ec2(const sim::World& world, sim::Random& random, const HttpRequest& request);
Delivery to_prometheus(const sim::World& world, sim::Random& random, const HttpRequest& request);

/// An error as DynamoDB says it: `type` with its namespace.
HttpResponse dynamodb_error(int status, const std::string& type, const std::string& message);
/// … as EC2's query API says it.
HttpResponse ec2_error(int status, const std::string& code, const std::string& message);
/// … as Prometheus's HTTP API says it.
HttpResponse prometheus_error(int status, const std::string& type, const std::string& message);

/// The headers that every answer of DynamoDB has, the sum of its body among them.
HttpResponse dynamodb_response(int status, std::string body);

}  // namespace nodenap::servers
