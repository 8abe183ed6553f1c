#include "sim/wire/delivery.hpp"

#include "base/crc32.hpp"
#include "base/markup.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace nodenap::servers {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;
using Back = Delivery::Back;

Delivery usual(sim::Random& random, const Pace& pace) {
    Delivery delivery;
    delivery.there = random.between(pace.there.least, pace.there.most);
    delivery.takes = random.between(pace.takes.least, pace.takes.most);
    return delivery;
}

/// A load balancer in front of the service responds, and the service never receives the request.
Delivery turned_away(Delivery delivery, HttpResponse instead) {
    delivery.arrives = false;
    delivery.back = Back::replaced;
    delivery.instead = std::move(instead);
    return delivery;
}

/// The service is down: no connection, no response, or an error from its load balancer.
Delivery away(Delivery delivery, sim::Random& random, HttpResponse unavailable) {
    delivery.arrives = false;
    switch (random.between(0, 2)) {
        case 0:
            delivery.connects = false;
            return delivery;
        case 1:
            delivery.back = Back::lost;
            return delivery;
        default:
            return turned_away(delivery, std::move(unavailable));
    }
}

/// The request took effect, but the response is lost.
Delivery response_lost(Delivery delivery, sim::Random& random, HttpResponse failed) {
    switch (random.between(0, 3)) {
        case 0:
            delivery.back = Back::lost;
            return delivery;
        case 1:
            delivery.back = Back::cut;
            return delivery;
        case 2:
            delivery.back = Back::damaged;
            return delivery;
        default:
            delivery.back = Back::replaced;
            delivery.instead = std::move(failed);
            return delivery;
    }
}

/// A damaged response; only for requests that change nothing.
Delivery garbled(Delivery delivery, sim::Random& random) {
    delivery.back = random.chance(0.5) ? Back::cut : Back::damaged;
    return delivery;
}

/// The request arrives long after its sender's timeout.
Delivery late(Delivery delivery, const HttpRequest& request, Milliseconds by) {
    delivery.there = request.timeout + by;
    delivery.back = Back::lost;
    return delivery;
}

bool has_header(const HttpRequest& request, std::string_view text) {
    return std::any_of(request.headers.begin(), request.headers.end(),
                       [&](const auto& line) { return line.find(text) != std::string::npos; });
}

HttpResponse dynamodb_failed() {
    return dynamodb_error(500, "com.amazonaws.dynamodb.v20120810#InternalServerError",
                          "Internal server error");
}

HttpResponse dynamodb_away() {
    return dynamodb_error(503, "com.amazon.coral.availability#ServiceUnavailableException",
                          "The service is temporarily unavailable");
}

Delivery write_lost(Delivery delivery, sim::Random& random) {
    switch (random.between(0, 3)) {
        case 0:
            return turned_away(
                delivery,
                dynamodb_error(
                    400, "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
                    "The level of configured provisioned throughput for the table was exceeded."));
        case 1:
            return turned_away(
                delivery, dynamodb_error(400, "com.amazon.coral.availability#ThrottlingException",
                                         "Rate of requests exceeds the allowed throughput."));
        case 2:
            return turned_away(delivery, dynamodb_failed());
        default:
            delivery.arrives = false;
            delivery.back = Back::lost;
            return delivery;
    }
}

HttpResponse ec2_failed() {
    return ec2_error(500, "InternalError", "An internal error has occurred");
}

}  // namespace

HttpResponse dynamodb_response(int status, std::string body) {
    const auto sum = crc32(body);
    return {status,
            {{"content-type", "application/x-amz-json-1.0"}, {"x-amz-crc32", std::to_string(sum)}},
            std::move(body)};
}

HttpResponse dynamodb_error(int status, const std::string& type, const std::string& message) {
    const Json body = {{"__type", type}, {"message", message}};
    return dynamodb_response(status, body.dump());
}

HttpResponse ec2_error(int status, const std::string& code, const std::string& message) {
    return {status,
            {{"content-type", "text/xml;charset=UTF-8"}},
            fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                        "<Response><Errors><Error><Code>{}</Code><Message>{}</Message></Error>"
                        "</Errors><RequestID>request-id</RequestID></Response>",
                        markup_text(code), markup_text(message))};
}

HttpResponse prometheus_error(int status, const std::string& type, const std::string& message) {
    const Json body = {{"status", "error"}, {"errorType", type}, {"error", message}};
    return {status, {{"content-type", "application/json"}}, body.dump()};
}

Delivery to_dynamodb(const sim::World& world, sim::Random& random, const HttpRequest& request) {
    const auto& faults = world.faults;
    auto delivery = usual(random, {{4ms, 20ms}, {1ms, 10ms}});
    if (world.store_away) return away(delivery, random, dynamodb_away());
    if (!has_header(request, "UpdateItem")) {
        return random.chance(faults.write_unheard) ? garbled(delivery, random) : delivery;
    }
    if (random.chance(faults.write_lost)) return write_lost(delivery, random);
    if (random.chance(faults.write_late)) return late(delivery, request, random.between(1s, 10s));
    if (random.chance(faults.write_unheard))
        return response_lost(delivery, random, dynamodb_failed());
    return delivery;
}

Delivery to_ec2(const sim::World& world, sim::Random& random, const HttpRequest& request) {
    const auto& faults = world.faults;
    const bool launches = request.body.starts_with("Action=RunInstances&");
    const bool reads = request.body.starts_with("Action=Describe");
    auto delivery = usual(random, launches ? Pace{{300ms, 1500ms}, {10ms, 200ms}}
                                           : Pace{{40ms, 300ms}, {10ms, 100ms}});
    if (world.ec2_away) {
        return away(delivery, random,
                    ec2_error(503, "Unavailable", "The service is unavailable. Try again."));
    }
    if (random.chance(faults.ec2_throttled)) {
        return turned_away(delivery,
                           ec2_error(503, "RequestLimitExceeded", "Request limit exceeded."));
    }
    if (launches && random.chance(faults.launch_late)) {
        return late(delivery, request, random.between(1s, 1min));
    }
    if (!random.chance(faults.launch_unheard)) return delivery;
    return reads ? garbled(delivery, random) : response_lost(delivery, random, ec2_failed());
}

Delivery to_prometheus(const sim::World& world, sim::Random& random, const HttpRequest&) {
    auto delivery = usual(random, {{5ms, 60ms}, {1ms, 5ms}});
    // Each query separately: while the server restarts, some are answered.
    if (!world.monitoring.faults.away || random.chance(0.2)) return delivery;
    if (random.chance(0.3)) return garbled(delivery, random);
    return away(delivery, random,
                prometheus_error(503, "timeout", "query timed out in expression evaluation"));
}

}  // namespace nodenap::servers
