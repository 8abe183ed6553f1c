#pragma once

#include "cost/cost.hpp"

namespace nodenap {

/// What our passes ask of AWS, for `nodenap cost`. *Counted* and *measured* values are checked
/// against real passes by tests/app/footprint_test.cpp, which fails when a change breaks them.
/// *Assumed* ones are Lambda's, the network's or the cluster's, and stand in docs/costs.md.
inline constexpr Footprint our_footprint{
    .pass_writes = 2,        // counted: acquire and release
    .change_writes = 1,      // counted: operations announced; the answers go with the release
    .change_records = 4,     // assumed: the act, what boots, the cooldown, calm again
    .change_events = 2,      // assumed: an alert and its end, or EC2's shutting-down and terminated
    .state_bytes = 371,      // measured, with the lease held
    .node_bytes = 40,        // measured
    .operation_bytes = 550,  // measured, of two operations
    .record_bytes = 1000,    // measured, of a launch of two nodes
    .record_kept_days = 30,  // counted: memory.cpp
    // Measured, and the 26 bytes that CloudWatch adds to each line. Assumed: 60 that Lambda adds, a
    // time and a level.
    .pass_log_bytes = 600,
    // Counted: infra/ sets Lambda's own log level to WARN, and START, END and REPORT are below it
    // (360 bytes as text).
    .wakeup_log_bytes = 0,
    .start_log_bytes = 200,      // assumed: our `started`
    .log_kept_days = 14,         // as infra/ sets it
    .metrics_bytes = 24000,      // measured: four questions and their headers
    .host_metrics_bytes = 2500,  // measured: what the four answers say about one machine
    .other_zone_share = 0.5,     // assumed: two zones, Prometheus in one of them
    .change_settles_in = std::chrono::seconds(90),  // assumed: EC2 and K3s
    // Measured on a whole core by ./dev bench (benchmarks.md says less), Runtime API and TLS
    // included; arm64 is taken to be as fast.
    .pass_cpu_ms = 3,
    // Assumed: two UpdateItem of 10 ms, DescribeInstances 150 ms, a batch to Prometheus 30 ms.
    .pass_wait_ms = 200,
    .start_ms = 200,       // assumed: init is billed since August 2025; ours takes 3 ms of CPU
    .starts_a_month = 365  // assumed: Lambda replaces a warm environment every two hours
};

/// Without a history to count them in: the cluster grows once a day and shrinks once a day.
inline constexpr double assumed_changes_a_month = 60;

}  // namespace nodenap
