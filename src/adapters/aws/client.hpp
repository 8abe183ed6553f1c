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

/// The AWS region and endpoints. The endpoints are AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_<SERVICE>
/// (by service in lower case). By default, EC2 and SSM use dual-stack endpoints (IPv6 or IPv4) in
/// regions that have them, all others those of amazonaws.com, also DynamoDB, for which a VPC has a
/// free gateway endpoint.
struct AwsSettings {
    std::string region;
    std::string endpoint = {};
    std::map<std::string, std::string> service_endpoints = {};
};

/// The effect of repeating a request if the first one's outcome is unknown.
enum class Again {
    reads,    // none: a failure is reported as unavailable
    same,     // idempotent (a client token): repeated, else unknown_outcome
    changes,  // another change: never repeated, unknown_outcome
};

struct AwsRequest {
    std::string service;    // "ec2", "dynamodb", "ssm"
    std::string operation;  // "UpdateItem"; EC2's is also in the body
    std::string body;
    Again again = Again::changes;
    Milliseconds timeout = std::chrono::seconds(10);     // for all attempts together
    Milliseconds try_timeout = std::chrono::seconds(5);  // for one attempt
};

/// Signs and sends requests, and is the only place that retries: a few times, with full jitter,
/// within the request's timeout. Errors have the service's code; errors.cpp maps codes to kinds. A
/// refused condition is a response, not an error.
class AwsClient {
public:
    AwsClient(Http& http, Clock& clock, Credentials& credentials, AwsSettings settings)
        : http_(http), clock_(clock), credentials_(credentials), settings_(std::move(settings)) {}

    /// In parallel; one response per request, in the same order.
    std::vector<Result<HttpResponse>> call_all(const std::vector<AwsRequest>& requests);
    Result<HttpResponse> call(const AwsRequest& request);
    /// The endpoint URL of a service, with a trailing slash.
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
    std::minstd_rand random_;  // jitter of retries; seeded from the clock at first use
    bool seeded_ = false;
};

}  // namespace nodenap
