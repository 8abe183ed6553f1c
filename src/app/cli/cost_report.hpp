#pragma once

#include "app/cli/terminal.hpp"
#include "controller/ports.hpp"
#include "cost/cost.hpp"

#include <optional>
#include <string>
#include <vector>

namespace nodenap {

/// What the workers cost, and what fewer of them saved.
struct WorkerCost {
    int min_nodes = 0;
    int max_nodes = 0;
    double min_usd = 0;  // a month of the fewest of the cheapest …
    double max_usd = 0;  // … and of the most of the dearest type of the pools
    std::optional<int> present;
    double present_usd = 0;    // a month of what is there now
    double node_hour_usd = 0;  // of the mean present node, else of the first pool's first type
    std::optional<NodeHours> hours;
    std::string unread;  // why the rest is not known
};

struct CostReport {
    RegionPrices prices;
    std::string prices_of;
    CostSettings settings;
    std::string changes_from;  // "assumed", "given", or the span of the history
    double wakeup_ms = 0;
    Bill bill;
    WorkerCost workers;
};

/// What the history, newest first, says of the nodes that were there, oldest first.
std::vector<NodesSince> node_counts_of(const std::vector<Record>& records);
/// How many of its records launched or terminated something.
int changes_in(const std::vector<Record>& records);

/// The bounds, which need the policy only.
WorkerCost worker_bounds(const Policy& policy);
/// Adds what EC2 shows now.
void add_present(WorkerCost& workers, const Policy& policy, const std::vector<Instance>& instances);

std::string cost_text(const CostReport& report, const Style& style);
std::string cost_json(const CostReport& report);

}  // namespace nodenap
