#pragma once

// For the wirings only: what each takes of the edge, in the order of its parts.

#include "adapters/aws/client.hpp"
#include "adapters/aws/credentials.hpp"
#include "adapters/aws/ec2_manager.hpp"
#include "adapters/http/http.hpp"
#include "adapters/json/decision_json.hpp"
#include "adapters/prometheus/prometheus.hpp"
#include "adapters/store/dynamodb.hpp"
#include "app/config.hpp"

namespace nodenap {

inline AwsSettings aws_settings(const Settings& settings, const Environment& environment) {
    AwsSettings aws;
    aws.region = settings.region;
    aws.endpoint = environment.endpoint;
    aws.service_endpoints = environment.service_endpoints;
    return aws;
}

/// Not to be moved: its parts refer to each other. `http` and `clock` must outlive it.
struct Edge {
    Edge(Http& http, Clock& clock, const Settings& settings, const Environment& environment,
         CredentialSource* profile = nullptr)
        : credentials(http, environment.credentials, profile),
          aws(http, clock, credentials, aws_settings(settings, environment)),
          fleet(aws, settings.cluster),
          metrics(http, settings.metrics) {}
    ~Edge() = default;
    Edge(const Edge&) = delete;
    Edge& operator=(const Edge&) = delete;

    Credentials credentials;
    AwsClient aws;
    Ec2Manager fleet;
    Prometheus metrics;
    JsonCodec codec;
};

}  // namespace nodenap
