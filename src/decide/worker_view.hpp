#pragma once

#include "decide/membership.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nodenap {

// What a person sees of the workers: `nodenap nodes`.

/// "booting", "ready", "not_ready", "not_registered", "terminating", "terminated".
std::string_view word(Stage stage);

/// One worker. What Prometheus does not report is empty or zero.
struct WorkerRow {
    std::string instance_id;
    std::string node;  // empty while it has no Node
    Offering offering;
    Stage stage = Stage::booting;
    Milliseconds age{0};    // since its launch
    Resources requested;    // by its pods; `pods` is their number
    Resources allocatable;  // zero while it has no Node
    std::optional<double> cpu_percent;
    std::optional<double> memory_percent;
    double price_per_hour_usd = 0;  // 0 where its type has no price
    std::string blocker;            // what keeps it from being removed; empty where nothing does
    friend bool operator==(const WorkerRow&, const WorkerRow&) = default;
};

/// Every worker that EC2 has not terminated, oldest first. Needs a known fleet. Linear in workers,
/// Nodes and hosts, but for their sorting.
std::vector<WorkerRow> worker_rows(const Snapshot& snapshot, const Policy& policy);

}  // namespace nodenap
