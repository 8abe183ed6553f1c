#include "app/cli/output.hpp"

#include "base/harmless.hpp"

#include "decide/explain.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace nodenap {
namespace {

std::string signal_name(const std::string& signal) {
    if (signal == "cpu") return "CPU";
    return signal == "fleet" ? "EC2" : signal;
}

std::string unknown_text(const std::vector<UnknownSignal>& unknown) {
    std::vector<std::string> names;
    for (const auto& each : unknown) names.push_back(signal_name(each.signal));
    return fmt::format("unknown: {}", fmt::join(names, ", "));
}

/// The counts of nodes mean nothing where the nodes could not be read.
std::vector<std::string> node_counts(const SignalSummary& signals) {
    const bool unread = std::any_of(
        signals.unknown.begin(), signals.unknown.end(),
        [](const auto& each) { return each.signal == "nodes" || each.signal == "fleet"; });
    if (unread) return {};
    std::vector<std::string> parts = {fmt::format("{} ready", signals.nodes_ready)};
    if (signals.nodes_booting > 0) {
        parts.push_back(fmt::format("{} booting", signals.nodes_booting));
    }
    if (signals.nodes_notready > 0) {
        parts.push_back(fmt::format("{} not ready", signals.nodes_notready));
    }
    return parts;
}

std::string_view done_verb(const Effect& effect) {
    if (effect.kind == "launch") return "launched";
    if (effect.kind == "terminate") return "terminated";
    return effect.kind == "adopt" ? "took over" : "closed";
}

std::string failure_text(const Effect& effect) {
    return fmt::format("{} {} {}: {}", effect.kind, effect.id, effect.result,
                       effect.error.value_or(""));
}

/// "launched i-1, i-2; terminated i-3; launch n-4 refused: none left".
std::string effects_text(const std::vector<Effect>& effects) {
    std::vector<std::string> parts;
    std::string_view verb;
    for (const Effect& effect : effects) {
        const std::string_view next = effect.error ? std::string_view() : done_verb(effect);
        if (effect.error) {
            parts.push_back(failure_text(effect));
        } else if (next == verb) {
            parts.back() += ", " + effect.id;
        } else {
            parts.push_back(fmt::format("{} {}", next, effect.id));
        }
        verb = next;
    }
    return fmt::format("{}", fmt::join(parts, "; "));
}

std::string done_section(const Record& record, const Style& style) {
    Table table({"EFFECT", "ID", "RESULT", "ERROR"});
    for (const Effect& effect : record.done) {
        table.add({effect.kind, effect.id, effect.result, effect.error.value_or("")});
    }
    return section("Done", table, style);
}

}  // namespace

std::string saw_text(const SignalSummary& signals) {
    std::vector<std::string> parts;
    if (signals.cpu_percent) parts.push_back("CPU " + number_text(*signals.cpu_percent) + "%");
    if (signals.memory_percent) {
        parts.push_back("memory " + number_text(*signals.memory_percent) + "%");
    }
    if (signals.pending_pods) parts.push_back(fmt::format("{} pending", *signals.pending_pods));
    for (const auto& count : node_counts(signals)) parts.push_back(count);
    if (!signals.unknown.empty()) parts.push_back(unknown_text(signals.unknown));
    return fmt::format("{}", fmt::join(parts, ", "));
}

std::string did_text(const Record& record) {
    if (!record.done.empty()) return effects_text(record.done);
    const Plan& plan = record.plan;
    const bool only_said = !is_to_be_applied(plan) && plan.decision != DecisionKind::hold;
    return only_said ? fmt::format("nothing (would {})", word(plan.decision)) : "nothing";
}

std::string why_text(const Plan& plan) {
    if (plan.reasons.empty()) return "";
    const Reason& reason = plan.reasons.front();
    std::string text = reason.text.empty() ? std::string(word(reason.code)) : reason.text;
    for (const Reason& other : plan.reasons) {
        if (other.code == ReasonCode::spot_unavailable) text += "; " + other.text;
    }
    return text;
}

std::string record_text(const Record& record, const Style& style) {
    const bool applied = is_to_be_applied(record.plan);
    std::string text = plan_text(record.plan, applied ? PlanTense::did : PlanTense::would, style);
    const std::string done = done_section(record, style);
    if (!done.empty()) text += "\n" + done.substr(0, done.size() - 1);
    return text;
}

std::string record_line(const Record& record, const Style& style) {
    std::string text = fmt::format(
        "{}  {}  {}\n", tinted(table_time(record.plan.now), Tint::dim, style),
        harmless(headline(record.plan)), tinted(saw_text(record.plan.signals), Tint::dim, style));
    for (const Effect& effect : record.done) {
        if (!effect.error) continue;
        text += "  " + tinted(harmless(failure_text(effect)), Tint::bad, style) + "\n";
    }
    return text;
}

std::string history_text(const std::vector<Record>& records, const Style& style) {
    Table table({"TIME (UTC)", "SAW", "DID", "WHY"});
    for (const Record& record : records) {
        table.add({table_time(record.plan.now), saw_text(record.plan.signals), did_text(record),
                   why_text(record.plan)});
    }
    return table.text(style);
}

}  // namespace nodenap
