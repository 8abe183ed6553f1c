#include "app/cli/output.hpp"
#include "app/cli/output_json.hpp"

#include "base/time_text.hpp"
#include "decide/explain.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace nodenap {
namespace {

using Json = nlohmann::ordered_json;

constexpr double hours_a_month = 730;

/// "▕███████   ▏ 71%"; empty where nothing is known.
std::string bar(std::optional<double> percent) {
    if (!percent) return "";
    constexpr int cells = 8;
    const int full = std::clamp(static_cast<int>(std::lround(*percent * cells / 100)), 0, cells);
    std::string text = "▕";
    for (int i = 0; i < cells; ++i) text += i < full ? "█" : " ";
    return text + fmt::format("▏{:>3.0f}%", *percent);
}

std::optional<double> share(std::int64_t part, std::int64_t whole) {
    if (whole <= 0) return std::nullopt;
    return 100 * static_cast<double>(part) / static_cast<double>(whole);
}

/// "12d3h", "4h7m": two units are enough for an age.
std::string age_text(Milliseconds age) {
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(age).count();
    if (minutes < 60) return fmt::format("{}m", std::max<std::int64_t>(minutes, 0));
    const auto hours = minutes / 60;
    if (hours < 24) return fmt::format("{}h{}m", hours, minutes % 60);
    return fmt::format("{}d{}h", hours / 24, hours % 24);
}

double total_per_hour_usd(const std::vector<WorkerRow>& rows) {
    double total = 0;
    for (const auto& row : rows) total += row.price_per_hour_usd;
    return total;
}

Json percent_or_null(std::optional<double> percent) {
    return percent ? Json(std::round(*percent * 10) / 10) : Json(nullptr);
}

Json resources_json(const Resources& resources) {
    return {{"cpu_millicores", resources.cpu.value},
            {"memory_mib", resources.memory.value},
            {"pods", resources.pods}};
}

Json row_json(const WorkerRow& row) {
    Json one;
    one["instance_id"] = row.instance_id;
    one["node"] = row.node;
    one["pool"] = row.offering.pool;
    one["instance_type"] = row.offering.instance_type;
    one["zone"] = row.offering.zone;
    one["capacity"] = word(row.offering.capacity);
    one["stage"] = word(row.stage);
    one["age_seconds"] = std::chrono::duration_cast<std::chrono::seconds>(row.age).count();
    one["requested"] = resources_json(row.requested);
    one["allocatable"] = resources_json(row.allocatable);
    one["cpu_percent"] = percent_or_null(row.cpu_percent);
    one["memory_percent"] = percent_or_null(row.memory_percent);
    one["price_per_hour_usd"] = row.price_per_hour_usd;
    one["blocker"] = row.blocker;
    return one;
}

}  // namespace

std::string nodes_table(const std::vector<WorkerRow>& rows, const Style& style) {
    if (rows.empty()) return "No workers.\n";
    Table table({"WORKER", "POOL", "TYPE", "ZONE", "CAPACITY", "STAGE", "AGE", "PODS",
                 "CPU REQUESTS", "MEMORY REQUESTS", "CPU USE", "$/HOUR", "NOT REMOVED BECAUSE"});
    for (const auto& row : rows) {
        table.add({row.instance_id, row.offering.pool, row.offering.instance_type,
                   row.offering.zone, std::string(word(row.offering.capacity)),
                   std::string(word(row.stage)), age_text(row.age),
                   row.node.empty() ? "" : std::to_string(row.requested.pods),
                   bar(share(row.requested.cpu.value, row.allocatable.cpu.value)),
                   bar(share(row.requested.memory.value, row.allocatable.memory.value)),
                   bar(row.cpu_percent),
                   row.price_per_hour_usd > 0 ? dollars(row.price_per_hour_usd) : "unknown",
                   row.blocker});
    }
    const double per_hour = total_per_hour_usd(rows);
    return table.text(style) + fmt::format("\n{}: {}/h (${:.2f}/month)\n",
                                           counted(std::ssize(rows), "worker"), dollars(per_hour),
                                           per_hour * hours_a_month);
}

std::string nodes_json(const std::vector<WorkerRow>& rows, const Snapshot& snapshot) {
    Json out;
    out["version"] = 1;
    out["now"] = time_text(snapshot.now);
    out["cluster"] = snapshot.cluster;
    out["nodes"] = Json::array();
    for (const auto& row : rows) out["nodes"].push_back(row_json(row));
    const double per_hour = total_per_hour_usd(rows);
    out["totals"] = {{"workers", rows.size()},
                     {"price_per_hour_usd", per_hour},
                     {"price_per_month_usd", per_hour * hours_a_month}};
    return document_text(std::move(out));
}

}  // namespace nodenap
