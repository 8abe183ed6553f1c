#pragma once

#include "app/cli/table.hpp"
#include "controller/ports.hpp"
#include "controller/status.hpp"
#include "decide/worker_view.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace nodenap {

/// Whether the next pass would carry out the lists of a plan, would not while paused or in this
/// mode, or a pass did.
enum class PlanTense { next, withheld, did };

/// A plan for people: what was seen, what would be or was done, and why.
std::string plan_text(const Plan& plan, PlanTense tense, const Style& style);

/// What a pass saw, decided and did.
std::string record_text(const Record& record, const Style& style);

/// One line: when, what it decided, why and on what; below it what failed.
std::string record_line(const Record& record, const Style& style);

/// The workers with their requests and use as bars, and totals; `rows` as worker_rows makes them.
std::string nodes_table(const std::vector<WorkerRow>& rows, const Style& style);
std::string nodes_json(const std::vector<WorkerRow>& rows, const Snapshot& snapshot);

std::string status_text(const StatusReport& status, const Settings& settings, const Style& style);

/// Time, what Nodenap saw, did, and why, in the order given; prices are those of the policy.
std::string history_text(const std::vector<Record>& records, const Policy& policy,
                         const Style& style);

/// The three columns of a record: "CPU 9.5%, 23 pending, 3 ready", "launched i-1, i-2 (t2.small,
/// $0.0232/h each)", and the first of the reasons.
std::string saw_text(const SignalSummary& signals);
std::string did_text(const Record& record, const Policy& policy);
/// What was done with counts in place of many ids: "launched 10 (t2.small, $0.0232/h each)",
/// "launch refused (3 times)"; nothing where nothing was.
std::string did_in_short(const Record& record, const Policy& policy);
std::string why_text(const Plan& plan);

/// "2026-11-23 20:00:00": UTC, as the tables say.
std::string table_time(Time time);
/// "3 ready, 1 booting (managed), 1 other".
std::string nodes_text(const SignalSummary& signals);

}  // namespace nodenap
