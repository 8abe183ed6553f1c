#include "adapters/prometheus/request.hpp"

#include "adapters/prometheus/queries.hpp"
#include "base/percent.hpp"
#include "base/time_text.hpp"

#include <algorithm>
#include <cstdio>

namespace nodenap {

namespace {

/// Formats seconds with three decimals.
std::string seconds_text(Milliseconds span) {
    char text[40];
    const auto milliseconds = static_cast<long long>(span.count());
    std::snprintf(text, sizeof text, "%lld.%03lld", milliseconds / 1000, milliseconds % 1000);
    return text;
}

}  // namespace

HttpRequest prometheus_request(const std::string& query, Time now,
                               const MetricsSettings& settings) {
    HttpRequest request;
    request.method = "POST";
    const auto end = settings.url.find_last_not_of('/');
    request.url = settings.url.substr(0, end == std::string::npos ? 0 : end + 1) + "/api/v1/query";
    request.headers = {"Content-Type: application/x-www-form-urlencoded"};
    request.body = "query=" + form_encoded(query) +
                   "&time=" + seconds_text(now.time_since_epoch()) +
                   "&timeout=" + promql_duration(settings.timeout);
    request.timeout = settings.timeout;
    return request;
}

std::optional<Time> prometheus_clock(const std::vector<Result<HttpResponse>>& answers) {
    std::optional<Time> latest;
    for (const auto& answer : answers) {
        if (!answer || !answer->headers.contains("date")) continue;
        latest = std::max(latest, time_from_http(answer->headers.at("date")));
    }
    return latest;
}

}  // namespace nodenap
