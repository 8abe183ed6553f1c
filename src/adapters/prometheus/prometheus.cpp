#include "adapters/prometheus/prometheus.hpp"

#include "adapters/prometheus/judge.hpp"
#include "adapters/prometheus/matcher.hpp"
#include "adapters/prometheus/queries.hpp"
#include "base/percent.hpp"
#include "base/time_text.hpp"
#include "decide/explain.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace nodenap {

namespace {

/// Formats seconds with three decimals.
std::string seconds_text(Milliseconds span) {
    char text[40];
    const auto milliseconds = static_cast<long long>(span.count());
    std::snprintf(text, sizeof text, "%lld.%03lld", milliseconds / 1000, milliseconds % 1000);
    return text;
}

/// `now` is read before the first call of a pass, and calls take time: a smaller difference proves
/// nothing.
constexpr Milliseconds most_apart = std::chrono::seconds(90);

/// Queries are evaluated at our time, so a slow clock would read old data as current.
std::optional<Error> clocks_differ(Time now, std::optional<Time> peer) {
    if (!peer || std::chrono::abs(now - *peer) <= most_apart) return std::nullopt;
    return Error{ErrorKind::unavailable, "clock skew: the clocks are " +
                                             duration_text(std::chrono::abs(now - *peer)) +
                                             " apart; this machine's says " + time_text(now) +
                                             ", Prometheus's " + time_text(*peer)};
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

Prometheus::Prometheus(Http& http, MetricsSettings settings)
    : http_(http), settings_(std::move(settings)) {}

Signals Prometheus::read(Time now, Milliseconds window) {
    const auto ask = [&](const std::optional<std::string>& custom,
                         const std::vector<QueryPart>& parts) {
        const auto text = custom ? *custom : with_matcher(combined(parts), settings_.matcher);
        return prometheus_request(text, now, settings_);
    };
    auto answers = http_.send({ask(settings_.cpu_query, cpu_parts(window)),
                               ask(settings_.memory_query, memory_parts()),
                               ask(settings_.pending_query, pending_parts()),
                               ask(std::nullopt, node_parts(settings_.max_age))});
    const Moment moment{now, window, settings_.max_age, prometheus_clock(answers)};
    if (const auto differ = clocks_differ(now, moment.peer))
        return judge({*differ, *differ, *differ, *differ}, moment, {});
    const CustomQueries custom{settings_.cpu_query.has_value(), settings_.memory_query.has_value(),
                               settings_.pending_query.has_value()};
    const auto take = [&](std::size_t at) { return parse_answer(std::move(answers.at(at))); };
    return judge({take(0), take(1), take(2), take(3)}, moment, custom);
}

}  // namespace nodenap
