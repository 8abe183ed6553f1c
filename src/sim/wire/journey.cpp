#include "sim/wire/journey.hpp"

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
using Back = Journey::Back;

Journey usual(sim::Random& random, const Pace& pace) {
    Journey journey;
    journey.there = random.between(pace.there.least, pace.there.most);
    journey.takes = random.between(pace.takes.least, pace.takes.most);
    return journey;
}

/// The peer's front answers, and the peer itself never hears of it.
Journey turned_away(Journey journey, HttpResponse instead) {
    journey.arrives = false;
    journey.back = Back::replaced;
    journey.instead = std::move(instead);
    return journey;
}

/// Nobody is there: no connection, no word, or a front that says so.
Journey away(Journey journey, sim::Random& random, HttpResponse unavailable) {
    journey.arrives = false;
    switch (random.between(0, 2)) {
        case 0:
            journey.connects = false;
            return journey;
        case 1:
            journey.back = Back::lost;
            return journey;
        default:
            return turned_away(journey, std::move(unavailable));
    }
}

/// It was done, and nobody hears so.
Journey unheard(Journey journey, sim::Random& random, HttpResponse failed) {
    switch (random.between(0, 3)) {
        case 0:
            journey.back = Back::lost;
            return journey;
        case 1:
            journey.back = Back::cut;
            return journey;
        case 2:
            journey.back = Back::damaged;
            return journey;
        default:
            journey.back = Back::replaced;
            journey.instead = std::move(failed);
            return journey;
    }
}

/// An answer that came, but not as it was sent; for requests that change nothing.
Journey garbled(Journey journey, sim::Random& random) {
    journey.back = random.chance(0.5) ? Back::cut : Back::damaged;
    return journey;
}

/// It arrives when its sender has long given up.
Journey late(Journey journey, const HttpRequest& request, Milliseconds by) {
    journey.there = request.timeout + by;
    journey.back = Back::lost;
    return journey;
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

Journey write_lost(Journey journey, sim::Random& random) {
    switch (random.between(0, 3)) {
        case 0:
            return turned_away(
                journey,
                dynamodb_error(
                    400, "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
                    "The level of configured provisioned throughput for the table was exceeded."));
        case 1:
            return turned_away(
                journey, dynamodb_error(400, "com.amazon.coral.availability#ThrottlingException",
                                        "Rate of requests exceeds the allowed throughput."));
        case 2:
            return turned_away(journey, dynamodb_failed());
        default:
            journey.arrives = false;
            journey.back = Back::lost;
            return journey;
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

Journey to_dynamodb(const sim::World& world, sim::Random& random, const HttpRequest& request) {
    const auto& faults = world.faults;
    auto journey = usual(random, {{4ms, 20ms}, {1ms, 10ms}});
    if (world.store_away) return away(journey, random, dynamodb_away());
    if (!has_header(request, "UpdateItem")) {
        return random.chance(faults.write_unheard) ? garbled(journey, random) : journey;
    }
    if (random.chance(faults.write_lost)) return write_lost(journey, random);
    if (random.chance(faults.write_late)) return late(journey, request, random.between(1s, 10s));
    if (random.chance(faults.write_unheard)) return unheard(journey, random, dynamodb_failed());
    return journey;
}

Journey to_ec2(const sim::World& world, sim::Random& random, const HttpRequest& request) {
    const auto& faults = world.faults;
    const bool launches = request.body.starts_with("Action=RunInstances&");
    const bool reads = request.body.starts_with("Action=Describe");
    auto journey = usual(random, launches ? Pace{{300ms, 1500ms}, {10ms, 200ms}}
                                          : Pace{{40ms, 300ms}, {10ms, 100ms}});
    if (world.ec2_away) {
        return away(journey, random,
                    ec2_error(503, "Unavailable", "The service is unavailable. Try again."));
    }
    if (random.chance(faults.ec2_throttled)) {
        return turned_away(journey,
                           ec2_error(503, "RequestLimitExceeded", "Request limit exceeded."));
    }
    if (launches && random.chance(faults.launch_late)) {
        return late(journey, request, random.between(1s, 1min));
    }
    if (!random.chance(faults.launch_unheard)) return journey;
    return reads ? garbled(journey, random) : unheard(journey, random, ec2_failed());
}

Journey to_prometheus(const sim::World& world, sim::Random& random, const HttpRequest&) {
    auto journey = usual(random, {{5ms, 60ms}, {1ms, 5ms}});
    // Each query by itself: while it goes up and down some are answered.
    if (!world.monitoring.faults.away || random.chance(0.2)) return journey;
    if (random.chance(0.3)) return garbled(journey, random);
    return away(journey, random,
                prometheus_error(503, "timeout", "query timed out in expression evaluation"));
}

}  // namespace nodenap::servers
