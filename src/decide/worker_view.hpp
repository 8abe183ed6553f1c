#pragma once

#include "decide/membership.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nodenap {

// The workers as `nodenap nodes` shows them.

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
    double price_per_hour_usd = 0;  // 0 if its type has no price
    std::string blocker;            // what blocks its removal; empty if nothing does
    friend bool operator==(const WorkerRow&, const WorkerRow&) = default;
};

/// Every worker that EC2 has not terminated, oldest first. Requires known instances. Linear in
/// workers, Nodes and hosts, except for sorting.
std::vector<WorkerRow> worker_rows(const Snapshot& snapshot, const Policy& policy);

}  // namespace nodenap
