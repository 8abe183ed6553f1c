#pragma once

#include "adapters/http/http.hpp"
#include "controller/settings.hpp"

#include <optional>
#include <string>
#include <vector>

namespace nodenap {

/// One query to Prometheus's HTTP API, POST /api/v1/query, evaluated at `now`.
HttpRequest prometheus_request(const std::string& query, Time now, const MetricsSettings& settings);

/// Prometheus's own clock, from its Date headers.
std::optional<Time> prometheus_clock(const std::vector<Result<HttpResponse>>& answers);

}  // namespace nodenap
