#pragma once

#include "sim/wire/prometheus_series.hpp"
#include "sim/wire/server.hpp"
#include "sim/world/world.hpp"

#include <map>
#include <set>
#include <string>

namespace nodenap::servers {

/// HTTP's own date: "Mon, 23 Nov 2026 20:00:00 GMT".
std::string http_date(Time time);

/// The world's monitoring as Prometheus's POST /api/v1/query: it knows the queries that the
/// adapter builds, each by its text, and answers them from its last scrape; samples are forgotten
/// five minutes after it. Another query is bad_data, and the world's checker is told.
class PrometheusServer final : public Server {
public:
    explicit PrometheusServer(sim::World& world);

    Journey plan(const HttpRequest& request, sim::NetworkLink& link) override;
    Reply answer(const Arrival& arrival) override;

private:
    /// What is wrong while cAdvisor is away: nothing of it is there, or only the server's, or a
    /// counter that is no number.
    enum class Trouble { none, all_away, workers_away, no_number };

    Vector cpu(Time at, Milliseconds window);
    Trouble trouble_at(const sim::Scrape& scrape, Milliseconds window) const;
    Reply told(const Arrival& arrival, const std::string& signal, const Vector& vector, Time at);
    std::size_t all_pods() const { return world_.cluster.pods().size(); }
    bool is_whole(const std::string& signal, Time asked_at);

    sim::World& world_;
    std::string memory_query_;
    std::string pending_query_;
    std::string nodes_query_;
    std::map<const sim::NetworkLink*, std::set<std::string>> heard_;  // of each process's last look
};

}  // namespace nodenap::servers
