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

/// /api/v1/query's answer at the evaluation time.
std::string vector_json(const Vector& vector, Time at);

// What the parts of prometheus_queries give over the samples of a scrape. Each part stands there
// only where Prometheus would have a series.

struct MachineUse {
    const sim::KubeNode& node;
    double factor = 1;    // what is wrong with the counters
    bool hidden = false;  // its targets are gone
    bool not_a_number = false;
};
/// "used", "size" and "seen" of one machine, as root group, as kubelet, or by two targets.
void add_cpu(Vector& vector, const MachineUse& machine, const sim::Scrape& scrape,
             std::optional<double> cores_busy);
void add_pending(Vector& vector, const sim::Scrape& scrape, std::size_t all_pods);
/// `faults`: what kube-state-metrics leaves out.
void add_nodes(Vector& vector, const sim::Scrape& scrape, std::size_t all_pods,
               const sim::MetricsFaults& faults);

}  // namespace nodenap::servers
