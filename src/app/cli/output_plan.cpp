#include "app/cli/output.hpp"

#include "base/harmless.hpp"
#include "base/time_text.hpp"
#include "decide/explain.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

namespace nodenap {
namespace {

/// "Would launch", "Launched".
std::string titled(std::string_view verb, std::string_view past, PlanTense tense) {
    switch (tense) {
        case PlanTense::next:
            return fmt::format("Would {}", verb);
        case PlanTense::withheld:
            return fmt::format("Would {} (but not while paused or in this mode)", verb);
        case PlanTense::did:
            break;
    }
    return std::string(past);
}

std::string decision_text(DecisionKind decision) {
    switch (decision) {
        case DecisionKind::scale_up:
            return "add nodes";
        case DecisionKind::scale_down:
            return "remove nodes";
        case DecisionKind::hold:
            break;
    }
    return "no change";
}

Tint tint_of(DecisionKind decision) {
    switch (decision) {
        case DecisionKind::scale_up:
            return Tint::good;
        case DecisionKind::scale_down:
            return Tint::warn;
        case DecisionKind::hold:
            break;
    }
    return Tint::plain;
}

/// The cause, if the signal is unknown.
const std::string* cause_of(const SignalSummary& signals, std::string_view name) {
    const auto found = std::find_if(signals.unknown.begin(), signals.unknown.end(),
                                    [&](const auto& each) { return each.signal == name; });
    return found == signals.unknown.end() ? nullptr : &found->cause;
}

/// `value` if the signal is known.
std::string cell(const SignalSummary& signals, std::string_view name, const std::string& value) {
    const std::string* cause = cause_of(signals, name);
    return cause == nullptr ? value : "unknown: " + *cause;
}

std::string percent_text(const std::optional<double>& percent) {
    return percent ? number_text(*percent) + "%" : "not read";
}

std::string cpu_text(const SignalSummary& signals) {
    std::string percent = percent_text(signals.cpu_percent);
    if (!signals.cpu_percent || !signals.cores) return percent;
    return fmt::format("{} of {}", percent,
                       number_text(*signals.cores) + (*signals.cores == 1 ? " core" : " cores"));
}

std::string pending_text(const SignalSummary& signals) {
    if (!signals.pending_pods) return "not read";
    return counted(*signals.pending_pods, "unschedulable pod");
}

std::string seen_section(const SignalSummary& signals, const Style& style) {
    Table table({"SIGNAL", "VALUE"});
    table.add({"CPU", cell(signals, "cpu", cpu_text(signals))});
    if (signals.memory_percent || cause_of(signals, "memory") != nullptr) {
        table.add({"memory", cell(signals, "memory", percent_text(signals.memory_percent))});
    }
    table.add({"pending", cell(signals, "pending", pending_text(signals))});
    table.add({"nodes", cell(signals, "nodes", nodes_text(signals))});
    if (const std::string* cause = cause_of(signals, "fleet")) {
        table.add({"EC2", "unknown: " + *cause});
    }
    return section("Observed", table, style);
}

std::string launch_section(const Plan& plan, PlanTense tense, const Style& style) {
    Table table({"POOL", "TYPE", "ZONE", "CAPACITY", "COUNT", "$/HOUR EACH", "PODS"});
    for (const LaunchGroup& group : plan.launch) {
        std::size_t pods = 0;
        for (const auto& node : group.pods) pods += node.size();
        table.add({group.offering.pool, group.offering.instance_type, group.offering.zone,
                   std::string(word(group.offering.capacity)), std::to_string(group.count),
                   dollars(group.price_per_hour_usd), std::to_string(pods)});
    }
    return section(titled("launch", "Launched", tense), table, style);
}

std::string removals_section(std::string_view title, const std::vector<Removal>& removals,
                             const Style& style) {
    Table table({"INSTANCE", "NODE", "WHY"});
    for (const Removal& removal : removals) {
        table.add({removal.instance_id.empty() ? "unknown" : removal.instance_id,
                   removal.node.empty() ? "no Node" : removal.node,
                   std::string(word(removal.cause))});
    }
    return section(title, table, style);
}

std::string remove_sections(const Plan& plan, PlanTense tense, const Style& style) {
    auto text = removals_section(titled("remove", "Removed", tense), plan.remove, style);
    if (plan.could_remove.size() > plan.remove.size())
        text +=
            removals_section("Could be removed together, pass by pass", plan.could_remove, style);
    return text;
}

std::string placed_section(const Plan& plan, const Style& style) {
    Table table({"NODE", "PODS"});
    for (const auto& [node, pods] : plan.placed) {
        table.add({node, fmt::format("{}", fmt::join(pods, " "))});
    }
    return section("Pods that fit on nodes already launched", table, style);
}

template <class Item>
std::string reasons_section(std::string_view title, std::string_view header,
                            const std::vector<Item>& items, const Style& style) {
    Table table({std::string(header), "WHY"});
    for (const Item& item : items) {
        if constexpr (std::is_same_v<Item, KeptNode>) {
            table.add({item.node, item.reason});
        } else {
            table.add({item.pod, item.reason});
        }
    }
    return section(title, table, style);
}

std::string totals_line(const Plan& plan) {
    if (plan.totals.new_nodes == 0) return "";
    constexpr double hours_a_month = 730;
    const double per_hour = plan.totals.price_per_hour_usd;
    return fmt::format(
        "{} for {}: {}/h (${:.2f}/month)\n\n", counted(plan.totals.new_nodes, "new node"),
        counted(plan.totals.pods_placed, "pod"), dollars(per_hour), per_hour * hours_a_month);
}

}  // namespace

std::string table_time(Time time) {
    std::string text = time_text(time);
    if (text.size() >= 20) text[10] = ' ';
    if (text.ends_with('Z')) text.pop_back();
    return text;
}

std::string nodes_text(const SignalSummary& signals) {
    std::string text = fmt::format("{} ready", signals.nodes_ready);
    if (signals.nodes_booting > 0) text += fmt::format(", {} booting", signals.nodes_booting);
    if (signals.nodes_notready > 0) text += fmt::format(", {} not ready", signals.nodes_notready);
    return text + fmt::format(" (managed), {} other", signals.nodes_other);
}

std::string plan_text(const Plan& plan, PlanTense tense, const Style& style) {
    std::string text =
        fmt::format("{} {} at {} UTC\n\n", tinted("Cluster", Tint::dim, style),
                    tinted(harmless(plan.cluster), Tint::strong, style), table_time(plan.now));
    text += fmt::format("Decision: {} ({})\n",
                        tinted(std::string(word(plan.decision)), tint_of(plan.decision), style),
                        decision_text(plan.decision));
    for (const Reason& reason : plan.reasons) {
        const std::string line =
            harmless(reason.text) + " [" + std::string(word(reason.code)) + "]";
        text += "  " + wrapped(line, style.width > 30 ? style.width - 2 : 0, 2) + "\n";
    }
    text += "\n" + seen_section(plan.signals, style);
    text += launch_section(plan, tense, style) + totals_line(plan);
    text += remove_sections(plan, tense, style);
    text += placed_section(plan, style);
    text += reasons_section("Unplaceable pods", "POD", plan.unplaceable, style);
    text += reasons_section("Nodes kept, and why", "NODE", plan.kept, style);
    text.pop_back();
    return text;
}

}  // namespace nodenap
