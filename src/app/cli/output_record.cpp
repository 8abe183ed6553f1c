#include "app/cli/output.hpp"

#include "base/harmless.hpp"

#include "decide/explain.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

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

/// "t2.small, $0.0232/h each".
std::string type_text(const std::string& name, std::size_t count, const Policy& policy) {
    const auto* type = find_type(policy, name);
    if (type == nullptr) return name;
    return fmt::format("{}, {}/h{}", name, dollars(node_price_per_hour_usd(policy, *type)),
                       count > 1 ? " each" : "");
}

/// Effects of one kind with one end, on instances of one type.
struct Alike {
    std::string did;   // "launched", "launch refused"
    std::string type;  // empty: not known
    std::string error;
    bool failed = false;
    std::vector<std::string> ids;
};

/// In the order of the first of each, what succeeded before what failed. Failures in the same words
/// are one, whatever the type; of a removal each is one, since it says which instance is left.
std::vector<Alike> alike(const std::vector<Effect>& effects) {
    std::vector<Alike> groups;
    for (const bool failed : {false, true}) {
        for (const Effect& effect : effects) {
            if (effect.error.has_value() != failed) continue;
            Alike one{
                std::string(done_verb(effect)), effect.instance_type, "", failed, {effect.id}};
            if (failed) {
                const bool is_removal = effect.kind == "terminate";
                one.did = effect.kind + (is_removal ? " " + effect.id : "") + " " + effect.result;
                one.type = "";
                one.error = *effect.error;
            }
            const auto same = std::ranges::find_if(groups, [&](const Alike& each) {
                return std::tie(each.did, each.type, each.error, each.failed) ==
                       std::tie(one.did, one.type, one.error, one.failed);
            });
            if (same == groups.end())
                groups.push_back(std::move(one));
            else
                same->ids.push_back(effect.id);
        }
    }
    return groups;
}

std::string failures_text(const Alike& failures, bool with_cause) {
    const auto times =
        failures.ids.size() == 1 ? "" : fmt::format(" ({} times)", failures.ids.size());
    return failures.did + (with_cause ? ": " + failures.error : "") + times;
}

/// "launched i-1, i-2 (t2.small, $0.0232/h each)".
std::string with_ids(const Alike& group, const Policy& policy) {
    const auto text = fmt::format("{} {}", group.did, fmt::join(group.ids, ", "));
    if (group.type.empty()) return text;
    return fmt::format("{} ({})", text, type_text(group.type, group.ids.size(), policy));
}

/// "launched 2 (t2.small, $0.0232/h each)".
std::string with_count(const Alike& group, const Policy& policy) {
    if (group.ids.size() == 1) return with_ids(group, policy);
    const auto text = fmt::format("{} {}", group.did, group.ids.size());
    if (group.type.empty()) return text;
    return fmt::format("{} ({})", text, type_text(group.type, group.ids.size(), policy));
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
    std::vector<std::string> parts;
    for (const auto& group : alike(record.done)) {
        parts.push_back(group.failed ? failures_text(group, true) : with_ids(group, policy));
    }
    if (!parts.empty()) return fmt::format("{}", fmt::join(parts, "; "));
    const Plan& plan = record.plan;
    const bool only_said = !is_to_be_applied(plan) && plan.decision != DecisionKind::hold;
    return only_said ? fmt::format("nothing (would {})", word(plan.decision)) : "nothing";
}

std::string did_in_short(const Record& record, const Policy& policy) {
    std::vector<std::string> parts;
    for (const auto& group : alike(record.done)) {
        parts.push_back(group.failed ? failures_text(group, false) : with_count(group, policy));
    }
    return fmt::format("{}", fmt::join(parts, "; "));
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
    std::string text =
        plan_text(record.plan, applied ? PlanTense::did : PlanTense::withheld, style);
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
