#include "app/cli/cost_report.hpp"
#include "app/cli/output_json.hpp"
#include "app/cli/table.hpp"

#include "base/harmless.hpp"

#include "decide/explain.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace nodenap {
namespace {

using Json = nlohmann::ordered_json;

std::string_view word_of(Architecture architecture) {
    return architecture == Architecture::arm64 ? "arm64" : "x86_64";
}

std::string quantity_text(const CostLine& line) {
    return line.quantity >= 100 ? fmt::format("{:.0f} {}", line.quantity, line.unit)
                                : fmt::format("{:.3g} {}", line.quantity, line.unit);
}

/// A price too small to read is one for a million.
std::string unit_price_text(double price) {
    constexpr double million = 1e6;
    return price < 0.001 ? fmt::format("${} a million", price_text(price * million))
                         : fmt::format("${}", price_text(price));
}

void add(Table& table, const CostLine& line) {
    table.add({line.what, quantity_text(line), unit_price_text(line.unit_price_usd),
               dollars(line.usd), line.note});
}

Table table_of(const std::vector<CostLine>& lines) {
    Table table({"WHAT", "QUANTITY", "UNIT PRICE", "COST", "BASIS"});
    for (const CostLine& line : lines) add(table, line);
    return table;
}

std::string heading(const CostReport& report) {
    const CostSettings& settings = report.settings;
    std::string text = fmt::format(
        "Nodenap's own bill for a month of {} hours in {}: list prices of {}, no free tier.\n"
        "{} MB {}, a tick every {}, {} ms a wake-up; {}; {} changes a month ({}).\n",
        number_text(hours_a_month), report.prices.region, report.prices_of, settings.memory_mb,
        word_of(settings.architecture), duration_text(settings.every),
        number_text(std::round(report.wakeup_ms)), counted(settings.nodes, "node"),
        number_text(settings.changes_a_month), report.changes_from);
    if (!report.prices.unconfirmed.empty()) {
        text += "Not confirmed by a price list: " + report.prices.unconfirmed + ".\n";
    }
    return text + "\n";
}

Table bill_table(const CostReport& report) {
    Table table = table_of(report.bill.lines);
    table.add({"Total", "", "", dollars(report.bill.total_usd), "a month"});
    return table;
}

double saved_usd(const WorkerCost& workers) {
    return (workers.hours->at_maximum - workers.hours->hours) * workers.node_hour_usd;
}

std::string money(double usd) { return fmt::format("${:.2f}", usd); }

Table workers_table(const WorkerCost& workers) {
    Table table({"WHAT", "NODES", "COST", "BASIS"});
    table.add({"minimum", std::to_string(workers.min_nodes), money(workers.min_usd),
               "a month, all of the cheapest type"});
    table.add({"maximum", std::to_string(workers.max_nodes), money(workers.max_usd),
               "a month, all of the most expensive type"});
    if (workers.present) {
        table.add({"now", std::to_string(*workers.present), money(workers.present_usd),
                   "a month for the workers that run now"});
    }
    if (workers.hours) {
        const double span = workers.hours->at_maximum / workers.max_nodes;
        table.add({"saved", number_text(workers.hours->hours / span), money(saved_usd(workers)),
                   fmt::format("in {}, against always {} nodes, at ${} an hour each",
                               duration_text(workers.hours->span), workers.max_nodes,
                               price_text(workers.node_hour_usd))});
    }
    return table;
}

Json json_of(const std::vector<CostLine>& lines) {
    auto out = Json::array();
    for (const CostLine& line : lines) {
        out.push_back({{"what", line.what},
                       {"quantity", line.quantity},
                       {"unit", line.unit},
                       {"unit_price_usd", line.unit_price_usd},
                       {"usd", line.usd},
                       {"note", line.note}});
    }
    return out;
}

Json json_of(const CostReport& report) {
    const CostSettings& settings = report.settings;
    return {{"memory_mb", settings.memory_mb},
            {"architecture", word_of(settings.architecture)},
            {"every_seconds", static_cast<double>(settings.every.count()) / 1000},
            {"nodes", settings.nodes},
            {"changes_a_month", settings.changes_a_month},
            {"changes_from", report.changes_from},
            {"wakeup_ms", report.wakeup_ms}};
}

Json json_of(const WorkerCost& workers) {
    Json out = {{"min_nodes", workers.min_nodes},
                {"max_nodes", workers.max_nodes},
                {"min_usd_a_month", workers.min_usd},
                {"max_usd_a_month", workers.max_usd},
                {"node_hour_usd", workers.node_hour_usd},
                {"present", nullptr},
                {"saved", nullptr},
                {"unread", nullptr}};
    if (workers.present) {
        out["present"] = {{"nodes", *workers.present}, {"usd_a_month", workers.present_usd}};
    }
    if (workers.hours) {
        out["saved"] = {{"usd", saved_usd(workers)},
                        {"span_seconds", workers.hours->span.count() / 1000},
                        {"node_hours", workers.hours->hours},
                        {"node_hours_at_maximum", workers.hours->at_maximum}};
    }
    if (!workers.unread.empty()) out["unread"] = workers.unread;
    return out;
}

}  // namespace

std::string cost_text(const CostReport& report, const Style& style) {
    std::string text = heading(report) + bill_table(report).text(style) + "\n";
    text += section("In addition, not in the total", table_of(report.bill.beside), style);
    text += section("The workers", workers_table(report.workers), style);
    text +=
        "A worker's price is its type's on demand in the catalogue (N. Virginia's unless the "
        "file says\notherwise) and [reserve] price_per_hour_usd. Burstable types with unlimited "
        "credits cost more while\nthey are busier than their baseline: $0.05 a vCPU-hour above it, "
        "t4g $0.04.\n";
    if (!report.workers.unread.empty()) text += harmless(report.workers.unread) + "\n";
    return text;
}

std::string cost_json(const CostReport& report) {
    Json out = {{"version", 1},
                {"region", report.prices.region},
                {"prices_of", report.prices_of},
                {"unconfirmed", report.prices.unconfirmed},
                {"settings", json_of(report)},
                {"lines", json_of(report.bill.lines)},
                {"total_usd", report.bill.total_usd},
                {"beside", json_of(report.bill.beside)},
                {"workers", json_of(report.workers)}};
    return document_text(std::move(out));
}

}  // namespace nodenap
