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

/// " (t2.small, $0.0232/h each)"; nothing where the type is not known.
std::string type_text(const std::string& name, std::size_t count, const Policy& policy) {
    if (name.empty()) return "";
    const auto* type = find_type(policy, name);
    if (type == nullptr) return fmt::format(" ({})", name);
    return fmt::format(" ({}, {}/h{})", name, dollars(node_price_per_hour_usd(policy, *type)),
                       count > 1 ? " each" : "");
}

/// Effects that succeeded, those of one kind and type together, in the order of the first.
std::vector<std::string> done_parts(const std::vector<Effect>& effects, const Policy& policy) {
    struct Part {
        std::string verb;
        std::string type;
        std::vector<std::string> ids;
    };
    std::vector<Part> parts;
    for (const Effect& effect : effects) {
        if (effect.error) continue;
        const auto verb = done_verb(effect);
        const auto part = std::ranges::find_if(parts, [&](const Part& each) {
            return each.verb == verb && each.type == effect.instance_type;
        });
        if (part != parts.end()) {
            part->ids.push_back(effect.id);
        } else {
            parts.push_back({std::string(verb), effect.instance_type, {effect.id}});
        }
    }
    std::vector<std::string> texts;
    for (const auto& [verb, type, ids] : parts) {
        texts.push_back(fmt::format("{} {}{}", verb, fmt::join(ids, ", "),
                                    type_text(type, ids.size(), policy)));
    }
    return texts;
}

/// "launched i-1, i-2 (t2.small, $0.0232/h each); launch refused: none left (3 times)": what
/// failed in the same words is said once.
std::string effects_text(const std::vector<Effect>& effects, const Policy& policy) {
    std::vector<std::string> parts = done_parts(effects, policy);
    std::vector<std::pair<std::string, int>> failures;
    for (const Effect& effect : effects) {
        if (!effect.error) continue;
        const auto text = effect.kind == "terminate"
                              ? failure_text(effect)
                              : fmt::format("{} {}: {}", effect.kind, effect.result, *effect.error);
        const auto same = std::ranges::find(failures, text, &std::pair<std::string, int>::first);
        if (same == failures.end()) failures.emplace_back(text, 1);
        if (same != failures.end()) ++same->second;
    }
    for (const auto& [text, times] : failures) {
        parts.push_back(times == 1 ? text : fmt::format("{} ({} times)", text, times));
    }
    return fmt::format("{}", fmt::join(parts, "; "));
}

Tint did_tint(const Record& record) {
    if (std::ranges::any_of(record.done, [](const Effect& each) { return bool(each.error); })) {
        return Tint::bad;
    }
    if (record.done.empty()) return Tint::plain;
    return record.plan.decision == DecisionKind::scale_down ? Tint::warn : Tint::good;
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

std::string did_text(const Record& record, const Policy& policy) {
    if (!record.done.empty()) return effects_text(record.done, policy);
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

std::string history_text(const std::vector<Record>& records, const Policy& policy,
                         const Style& style) {
    Table table({"TIME (UTC)", "SAW", "DID", "WHY"});
    for (const Record& record : records) {
        table.add({table_time(record.plan.now), saw_text(record.plan.signals),
                   did_text(record, policy), why_text(record.plan)},
                  {Tint::dim, Tint::plain, did_tint(record)});
    }
    return table.text(style);
}

}  // namespace nodenap
