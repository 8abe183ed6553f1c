#pragma once

#include "base/units.hpp"

#include <optional>
#include <string>
#include <vector>

namespace nodenap {

/// What one month of the scaler costs: counts × list prices, without any free tier.

inline constexpr double hours_a_month = 730;

enum class Architecture { arm64, x86_64 };

/// List prices of one region in US dollars. A GB of transfer crosses a zone's border and is
/// charged on both sides; `unconfirmed` names what of it was not seen in a price list.
struct RegionPrices {
    std::string region;
    double lambda_million_requests = 0;
    double lambda_gb_second_arm64 = 0;
    double lambda_gb_second_x86_64 = 0;
    double scheduler_million = 0;
    double write_million = 0;
    double read_million = 0;
    double table_gb_month = 0;
    double log_gb = 0;
    double log_gb_month = 0;
    double zone_gb = 0;
    double metric_month = 0;
    double alarm_month = 0;
    double dashboard_month = 0;
    std::string unconfirmed;
};

/// What passes ask of AWS. A *change* is a pass that launched or terminated; while its instances
/// come or go, passes repeat. The values are cost/footprint.hpp's.
struct Footprint {
    int pass_writes = 0;         // of the state item
    int change_writes = 0;       // more of them in a pass that acts
    int change_records = 0;      // put into the history, from the change to the next calm
    int change_events = 0;       // wake-ups by alerts and EC2, one read of the state each
    double state_bytes = 0;      // of an idle cluster without nodes …
    double node_bytes = 0;       // … and each node's share
    double operation_bytes = 0;  // more in the state while a change is under way
    double record_bytes = 0;
    double record_kept_days = 0;
    double pass_log_bytes = 0;
    double wakeup_log_bytes = 0;  // Lambda's own lines
    double start_log_bytes = 0;   // Lambda's and ours, of a cold start
    double log_kept_days = 0;
    double metrics_bytes = 0;       // one batch of questions to Prometheus …
    double host_metrics_bytes = 0;  // … and the answers about one machine
    double other_zone_share = 0;    // of the passes
    Milliseconds change_settles_in{0};
    double pass_cpu_ms = 0;  // on a whole vCPU
    double pass_wait_ms = 0;
    double start_ms = 0;  // of a cold start, at any memory
    double starts_a_month = 0;
};

/// What a person may choose, and what the cluster is like.
struct CostSettings {
    int memory_mb = 128;
    Milliseconds every = std::chrono::minutes(2);
    Architecture architecture = Architecture::arm64;
    int nodes = 10;
    double changes_a_month = 0;
    Milliseconds relook_every = std::chrono::seconds(5);
    Milliseconds relook_span = std::chrono::seconds(45);
};

struct MonthOfUse {
    double scheduled = 0;
    double invocations = 0;
    double passes = 0;
    double gb_seconds = 0;
    double write_units = 0;
    double read_units = 0;
    double table_gb = 0;
    double log_gb = 0;
    double kept_log_gb = 0;
    double zone_gb = 0;
};

/// Milliseconds of a warm wake-up with one pass: its CPU on the share of a vCPU that the memory
/// buys, and its waiting.
double wakeup_ms(const Footprint& footprint, int memory_mb);
MonthOfUse month_of_use(const Footprint& footprint, const CostSettings& settings);

/// `usd` is quantity × unit price.
struct CostLine {
    std::string what;
    double quantity = 0;
    std::string unit;
    double unit_price_usd = 0;
    double usd = 0;
    std::string note;
};

/// `beside` is what every account has some of for free, for ever: not in the total.
struct Bill {
    std::vector<CostLine> lines;
    double total_usd = 0;
    std::vector<CostLine> beside;
};
Bill bill_of(const MonthOfUse& use, const RegionPrices& prices, Architecture architecture);

/// How many nodes of ours there were from a time on.
struct NodesSince {
    Time at{};
    int nodes = 0;
};
struct NodeHours {
    Milliseconds span{0};
    double hours = 0;
    double at_maximum = 0;  // hours, had there always been as many nodes as are allowed
};

/// The hours of all nodes from the first entry to `until`; nullopt where no time is covered.
/// `counts` is oldest first.
std::optional<NodeHours> node_hours(const std::vector<NodesSince>& counts, Time until,
                                    int max_nodes);

}  // namespace nodenap
