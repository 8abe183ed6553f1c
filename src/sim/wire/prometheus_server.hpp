#pragma once

#include "sim/wire/prometheus_series.hpp"
#include "sim/wire/server.hpp"
#include "sim/world/world.hpp"

#include <map>
#include <set>
#include <string>

namespace nodenap::servers {

/// An HTTP date: "Mon, 23 Nov 2026 20:00:00 GMT".
std::string http_date(Time time);

/// The world's monitoring as Prometheus's POST /api/v1/query. It recognizes the adapter's queries
/// by their text and answers them from the last scrape; samples expire after five minutes. Another
/// query is bad_data and is reported to the world's checker.
class PrometheusServer final : public Server {
public:
    explicit PrometheusServer(sim::World& world);

    Delivery plan(const HttpRequest& request, sim::NetworkLink& link) override;
    Reply answer(const Arrival& arrival) override;

private:
    /// The fault while cAdvisor is unavailable: no targets, only the server's, or a counter that is
    /// NaN.
    enum class Trouble { none, all_away, workers_away, no_number };

    Vector cpu(Time at, Milliseconds window);
    Trouble trouble_at(const sim::Scrape& scrape, Milliseconds window) const;
    Reply respond(const Arrival& arrival, const std::string& signal, const Vector& vector, Time at);
    std::size_t all_pods() const { return world_.cluster.pods().size(); }
    bool is_whole(const std::string& signal, Time asked_at);

    sim::World& world_;
    std::string memory_query_;
    std::string pending_query_;
    std::string nodes_query_;
    std::map<const sim::NetworkLink*, std::set<std::string>>
        received_;  // of each process's last request
};

}  // namespace nodenap::servers
