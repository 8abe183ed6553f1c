#include "app/cli/output.hpp"
#include "app/cli/plan_offline.hpp"
#include "base/harmless.hpp"
#include "cost/cost.hpp"
#include "decide/explain.hpp"

#include <fmt/format.h>

#include <cmath>

namespace nodenap {
namespace {

std::string a_month(double per_hour) { return fmt::format("${:.2f}", per_hour * hours_a_month); }

std::string money_lines(const ClusterPlan& told) {
    const auto change = told.price_after_per_hour_usd - told.price_now_per_hour_usd;
    std::string text = "Workers cost " + a_month(told.price_now_per_hour_usd) + " a month";
    constexpr double least = 0.000001;
    if (std::fabs(change) > least)
        text += ", and " + a_month(told.price_after_per_hour_usd) + " after " +
                (change > 0 ? "this" : "all that could go") + " (" + (change > 0 ? "+" : "-") +
                a_month(std::fabs(change)) + ")";
    text += ".\n";
    if (told.unpriced.empty()) return text;
    return text + "Not counted: " + counted(std::ssize(told.unpriced), "worker") +
           " of an unknown instance type (" + harmless(told.unpriced.front()) +
           (told.unpriced.size() > 1 ? ", …" : "") + ").\n";
}

std::string not_judged_section(const ClusterPlan& told, const Style& style) {
    Table table({"POD", "WHY"});
    for (const auto& pod : told.not_judged) table.add({pod.pod, pod.reason});
    return section("Pending pods that cause no launch", table, style);
}

}  // namespace

std::string cluster_plan_text(const ClusterPlan& told, const Style& style) {
    auto text = plan_text(told.plan, PlanTense::next, style) + "\n";
    text += not_judged_section(told, style);
    text += money_lines(told);
    for (const auto& each : told.left_out)
        text += "Note: " + wrapped(each, style.width > 30 ? style.width - 6 : 0, 6) + ".\n";
    return text;
}

}  // namespace nodenap
