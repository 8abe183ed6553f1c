#pragma once

#include "adapters/aws/credentials.hpp"
#include "adapters/aws/errors.hpp"
#include "adapters/http/http.hpp"
#include "controller/ports.hpp"

#include <map>
#include <random>
#include <string>
#include <vector>

namespace nodenap {

/// Where AWS is. The endpoints are AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_<SERVICE> (by service in
/// lower case); without one, EC2 and SSM are asked by IPv6 or IPv4 where the region has such names,
/// all others under amazonaws.com: DynamoDB too, for which a VPC has a free gateway.
struct AwsSettings {
    std::string region;
    std::string endpoint = {};
    std::map<std::string, std::string> service_endpoints = {};
};

/// What a second try of the same request would do, if the first one's outcome is unknown.
enum class Again {
    reads,    // nothing: the failure is reported as unavailable
    same,     // the same thing as the first (a client token): repeated, else unknown_outcome
    changes,  // something else: never repeated, unknown_outcome
};

struct AwsRequest {
    std::string service;    // "ec2", "dynamodb", "ssm"
    std::string operation;  // "UpdateItem"; EC2's is also in the body
    std::string body;
    Again again = Again::changes;
    Milliseconds timeout = std::chrono::seconds(10);     // for all tries together
    Milliseconds try_timeout = std::chrono::seconds(5);  // for one of them
};

/// Signs and sends, and is the only place that tries again: few times, with full jitter, within
/// the request's own timeout. Errors have the service's code; their kinds are aws_errors' table.
/// An answer that is no success but no failure either (a refused condition) is a response.
class AwsClient {
public:
    AwsClient(Http& http, Clock& clock, Credentials& credentials, AwsSettings settings)
        : http_(http), clock_(clock), credentials_(credentials), settings_(std::move(settings)) {}

    /// All at once; one answer for each request, in order.
    std::vector<Result<HttpResponse>> call_all(const std::vector<AwsRequest>& requests);
    Result<HttpResponse> call(const AwsRequest& request);
    /// Where a service is asked, with the slash at its end.
    std::string endpoint(const std::string& service) const;

private:
    struct Call;
    HttpRequest http_request(const AwsRequest& request, const AwsCredentials& credentials) const;
    void send_round(std::vector<Call>& calls);
    void take(Call& call, Result<HttpResponse> got);
    static Error judged(Call& call, Error error);
    void fail(Call& call, Error error, TryAgain again);
    Milliseconds pause_before(const Call& call);

    Http& http_;
    Clock& clock_;
    Credentials& credentials_;
    AwsSettings settings_;
    std::minstd_rand dice_;  // spreads tries; seeded from the clock at the first one
    bool seeded_ = false;
};

}  // namespace nodenap
