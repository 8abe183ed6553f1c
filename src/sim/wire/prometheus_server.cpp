#include "sim/wire/prometheus_server.hpp"

#include "adapters/prometheus/queries.hpp"
#include "sim/wire/delivery.hpp"
#include "sim/wire/form.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <optional>

namespace nodenap::servers {
namespace {

using namespace std::chrono_literals;

/// How far Prometheus looks back for the newest sample of a series.
constexpr Milliseconds lookback = 5min;
/// A rate needs two samples.
constexpr Milliseconds two_scrapes = 30s;
/// More than the adapter allows, so that the two never differ by a second.
constexpr Milliseconds clocks_may_differ_by = 95s;
constexpr Milliseconds a_moment = 5s;

/// "1795531441.834"
std::optional<Time> time_of(const std::string& text) {
    double seconds = 0;
    const auto* end = text.data() + text.size();
    if (std::from_chars(text.data(), end, seconds).ptr != end || text.empty()) return std::nullopt;
    return Time{Milliseconds{std::llround(seconds * 1000)}};
}

/// The first "[120s]" of a query.
std::optional<Milliseconds> window_of(const std::string& query) {
    const auto begin = query.find('[');
    const auto end = query.find(']', begin);
    if (end == std::string::npos) return std::nullopt;
    std::int64_t count = 0;
    const auto text = query.substr(begin + 1, end - begin - 1);
    const auto* unit = std::from_chars(text.data(), text.data() + text.size(), count).ptr;
    return std::string(unit) == "s" ? Milliseconds{count * 1000} : Milliseconds{count};
}

/// Instances that terminated since the scrape are still in it.
bool was_there(const sim::KubeNode& node, Time at) {
    const bool ended_since = !node.alive && !node.busy.empty() && node.busy.back().first > at;
    return node.node.created_at <= at && (node.alive || ended_since);
}

/// Nothing for a host that is too new to have a rate; the last rate for a terminated one.
std::optional<double> busy_of(const sim::KubeNode& node, const Use& use) {
    for (const auto& host : use.hosts) {
        if (host.host == node.node.name) return host.busy;
    }
    if (node.alive || node.busy.size() < 2) return std::nullopt;
    return node.busy[node.busy.size() - 2].second;
}

}  // namespace

std::string http_date(Time time) {
    static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const auto second = std::chrono::floor<std::chrono::seconds>(time - day).count();
    return fmt::format(
        "{}, {:02} {} {} {:02}:{:02}:{:02} GMT", days[std::chrono::weekday{day}.c_encoding()],
        static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
        static_cast<int>(date.year()), second / 3600, second / 60 % 60, second % 60);
}

PrometheusServer::PrometheusServer(sim::World& world)
    : world_(world),
      memory_query_(combined(memory_parts())),
      pending_query_(combined(pending_parts())),
      nodes_query_(combined(node_parts(world.settings.metrics.max_age))) {}

// The results of the last observation are dropped when a new one begins.
Delivery PrometheusServer::plan(const HttpRequest& request, sim::NetworkLink& link) {
    received_.erase(&link);
    link.sender.had_all_signals = link.sender.had_nodes = false;
    return to_prometheus(world_, link.random, request);
}

Reply PrometheusServer::answer(const Arrival& arrival) {
    const auto form = form_of(arrival.request.body);
    const auto query = field(form, "query");
    const auto asked_at = time_of(field(form, "time"));
    const auto window = window_of(query);
    const auto& faults = world_.monitoring.faults;
    const auto& scrape = world_.monitoring.newest();
    const bool forgotten = asked_at && *asked_at - scrape.at > lookback;
    const bool no_kube_state = forgotten || faults.kube_state_away;
    Vector vector;
    if (!asked_at) {
        world_.checker.breach("wire", "a query has no time");
    } else if (query == memory_query_) {
        return respond(arrival, "memory", vector, *asked_at);
    } else if (query == pending_query_) {
        if (!no_kube_state && !faults.pending_away) {
            const sim::Scrape none{scrape.at, {}, {}};
            add_pending(vector, faults.namespaces_missing ? none : scrape, all_pods());
        }
        return respond(arrival, "pending", vector, *asked_at);
    } else if (query == nodes_query_) {
        if (!no_kube_state) add_nodes(vector, scrape, all_pods(), faults);
        return respond(arrival, "nodes", vector, *asked_at);
    } else if (window && query == combined(cpu_parts(*window))) {
        if (!forgotten) vector = cpu(*asked_at, *window);
        return respond(arrival, "cpu", vector, *asked_at);
    } else {
        world_.checker.breach("wire", "Prometheus does not know the query " + query);
    }
    return {prometheus_error(400, "bad_data", "invalid parameter \"query\"")};
}

Reply PrometheusServer::respond(const Arrival& arrival, const std::string& signal,
                                const Vector& vector, Time at) {
    Reply reply{{200,
                 {{"content-type", "application/json"}, {"date", http_date(world_.timeline.now())}},
                 vector_json(vector, at)}};
    if (is_whole(signal, at)) {
        reply.on_received = [this, signal, &link = arrival.link] {
            auto& received = received_[&link];
            received.insert(signal);
            link.sender.had_nodes = received.contains("nodes");
            link.sender.had_all_signals =
                link.sender.had_nodes && received.contains("cpu") && received.contains("pending");
        };
    }
    return reply;
}

/// Whether its data is complete and correct, which only the world knows.
bool PrometheusServer::is_whole(const std::string& signal, Time asked_at) {
    const auto now = world_.timeline.now();
    const auto& faults = world_.monitoring.faults;
    if (now - world_.monitoring.newest().at > world_.settings.metrics.max_age + a_moment ||
        std::chrono::abs(asked_at - now) > clocks_may_differ_by) {
        return false;
    }
    if (signal == "cpu") return !faults.cadvisor_away;
    if (signal == "nodes") {
        return !faults.kube_state_away && !faults.nodes_partial && !faults.names_foreign;
    }
    return !faults.kube_state_away && !faults.pending_away && !faults.namespaces_missing;
}

PrometheusServer::Trouble PrometheusServer::trouble_at(const sim::Scrape& scrape,
                                                       Milliseconds window) const {
    const auto kind = scrape.at.time_since_epoch() / 7min % 3;
    if (kind == 0) return Trouble::no_number;
    // If no worker is old enough to be missed, this cannot be noticed.
    const auto old = window + world_.settings.metrics.max_age + 2 * clocks_may_differ_by;
    const bool is_missed =
        std::any_of(scrape.nodes.begin(), scrape.nodes.end(), [&](const Node& node) {
            return node.ready && !node.server && scrape.at - node.created_at > old;
        });
    return kind == 1 && is_missed ? Trouble::workers_away : Trouble::all_away;
}

Vector PrometheusServer::cpu(Time at, Milliseconds window) {
    const auto& faults = world_.monitoring.faults;
    const auto& scrape = world_.monitoring.newest();
    const bool has_slope = at - scrape.at < window - two_scrapes;
    const auto use = world_.monitoring.use_at(scrape.at, window);
    const auto trouble = faults.cadvisor_away ? trouble_at(scrape, window) : Trouble::none;
    Vector vector;
    if (trouble == Trouble::all_away) return vector;
    for (const auto& node : world_.cluster.nodes()) {
        if (!was_there(node, scrape.at)) continue;
        const auto busy = has_slope ? busy_of(node, use) : std::nullopt;
        const MachineUse machine{node, faults.cpu_factor,
                                 trouble == Trouble::workers_away && !node.node.server,
                                 trouble == Trouble::no_number && node.node.server};
        add_cpu(vector, machine, scrape, busy);
    }
    return vector;
}

}  // namespace nodenap::servers
