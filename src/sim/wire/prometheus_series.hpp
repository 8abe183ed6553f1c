#pragma once

#include "sim/world/cluster.hpp"
#include "sim/world/monitoring.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nodenap::servers {

/// One series of an instant vector; the labels in any order.
struct Series {
    std::vector<std::pair<std::string, std::string>> labels;
    double value = 0;
};
using Vector = std::vector<Series>;

/// The response of /api/v1/query at the evaluation time.
std::string vector_json(const Vector& vector, Time at);

// The results of the adapter's query parts for the samples of a scrape. A part is present only if
// Prometheus would have a series.

struct MachineUse {
    const sim::KubeNode& node;
    double factor = 1;    // the error of the counters
    bool hidden = false;  // its targets are missing
    bool not_a_number = false;
};
/// "used", "size" and "seen" of one host: as root cgroup, from the kubelet, or by two targets.
void add_cpu(Vector& vector, const MachineUse& machine, const sim::Scrape& scrape,
             std::optional<double> cores_busy);
void add_pending(Vector& vector, const sim::Scrape& scrape, std::size_t all_pods);
/// `faults`: determines what kube-state-metrics omits.
void add_nodes(Vector& vector, const sim::Scrape& scrape, std::size_t all_pods,
               const sim::MetricsFaults& faults);

}  // namespace nodenap::servers
