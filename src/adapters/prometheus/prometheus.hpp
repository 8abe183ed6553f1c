#pragma once

#include "adapters/http/http.hpp"
#include "controller/ports.hpp"
#include "controller/settings.hpp"

namespace nodenap {

/// Reads the signals through Prometheus's HTTP API: POST /api/v1/query, at most four queries in one
/// batch, all evaluated at `now`. Data that cannot be trusted is Unknown with its cause, never 0: a
/// missing or incomplete response, an error, NaN, Inf, a missing metric family, a sample older than
/// `max_age`, Ready nodes without CPU data, clock skew. Series that were not queried are ignored.
class Prometheus final : public Metrics {
public:
    /// `http` must outlive this.
    Prometheus(Http& http, MetricsSettings settings);
    Signals read(Time now, Milliseconds window) override;

private:
    Http& http_;
    MetricsSettings settings_;
};

/// One query to Prometheus's HTTP API, POST /api/v1/query, evaluated at `now`.
HttpRequest prometheus_request(const std::string& query, Time now, const MetricsSettings& settings);

/// Prometheus's own clock, from its Date headers.
std::optional<Time> prometheus_clock(const std::vector<Result<HttpResponse>>& answers);

}  // namespace nodenap
