#include "adapters/prometheus.hpp"

#include "adapters/percent.hpp"
#include "adapters/prometheus_judge.hpp"
#include "adapters/prometheus_queries.hpp"
#include "adapters/time_text.hpp"
#include "engine/explain.hpp"

#include <algorithm>
#include <cstdio>

namespace nodenap {

namespace {

/// Seconds with three decimals.
std::string seconds_text(Milliseconds span) {
    char text[40];
    const auto milliseconds = static_cast<long long>(span.count());
    std::snprintf(text, sizeof text, "%lld.%03lld", milliseconds / 1000, milliseconds % 1000);
    return text;
}

HttpRequest request_for(const std::string& query, Time now, const MetricsSettings& settings) {
    HttpRequest request;
    request.method = "POST";
    const auto end = settings.url.find_last_not_of('/');
    request.url = settings.url.substr(0, end == std::string::npos ? 0 : end + 1) + "/api/v1/query";
    request.headers = {"Content-Type: application/x-www-form-urlencoded"};
    request.body = "query=" + percent_encoded(query) +
                   "&time=" + seconds_text(now.time_since_epoch()) +
                   "&timeout=" + promql_duration(settings.timeout);
    request.timeout = settings.timeout;
    return request;
}

/// `now` is read before a pass's first call, and calls take their time: less proves nothing.
constexpr Milliseconds most_apart = std::chrono::seconds(90);

/// Prometheus's own clock, as its answers show it.
std::optional<Time> clock_of(const std::vector<Result<HttpResponse>>& answers) {
    std::optional<Time> latest;
    for (const auto& answer : answers) {
        if (!answer || !answer->headers.contains("date")) continue;
        latest = std::max(latest, time_from_http(answer->headers.at("date")));
    }
    return latest;
}

/// We say for which time we ask, so a slow clock of ours would be shown an old world as today's.
std::optional<Error> clocks_differ(Time now, std::optional<Time> peer) {
    if (!peer || std::chrono::abs(now - *peer) <= most_apart) return std::nullopt;
    return Error{ErrorKind::unavailable,
                 "the clocks are " + duration_text(std::chrono::abs(now - *peer)) +
                     " apart: ours says " + time_text(now) + ", Prometheus's " + time_text(*peer)};
}

}  // namespace

Prometheus::Prometheus(Http& http, MetricsSettings settings)
    : http_(http), settings_(std::move(settings)) {}

Signals Prometheus::read(Time now, Milliseconds window) {
    const auto ask = [&](const std::optional<std::string>& custom,
                         const std::vector<QueryPart>& parts) {
        return request_for(custom ? *custom : combined(parts), now, settings_);
    };
    const auto answers = http_.send(
        {ask(settings_.cpu_query, cpu_parts(window)), ask(settings_.memory_query, memory_parts()),
         ask(settings_.pending_query, pending_parts()), ask(std::nullopt, node_parts())});
    const Moment moment{now, window, settings_.max_age, clock_of(answers)};
    if (const auto differ = clocks_differ(now, moment.peer))
        return judge({*differ, *differ, *differ, *differ}, moment, {});
    const CustomQueries custom{settings_.cpu_query.has_value(), settings_.memory_query.has_value(),
                               settings_.pending_query.has_value()};
    return judge({parse_answer(answers.at(0)), parse_answer(answers.at(1)),
                  parse_answer(answers.at(2)), parse_answer(answers.at(3))},
                 moment, custom);
}

}  // namespace nodenap
