#include "app/cli/output.hpp"

#include "decide/explain.hpp"

#include <fmt/format.h>

namespace nodenap {
namespace {

std::string time_or(const std::optional<Time>& time, std::string_view otherwise) {
    return time ? table_time(*time) + " UTC" : std::string(otherwise);
}

std::string lease_cell(const StatusReport& status) {
    const State& state = status.state;
    const bool held =
        !state.lease_owner.empty() && state.lease_until && *state.lease_until >= status.now;
    if (held) {
        return fmt::format("held by {} until {} UTC", state.lease_owner,
                           table_time(*state.lease_until));
    }
    return state.lease_owner.empty() ? "free" : "expired (left by a pass that crashed)";
}

std::string paused_cell(const StatusReport& status) {
    const std::optional<Time>& until = status.state.paused_until;
    if (!until || *until <= status.now) return "no";
    const bool is_limited = *until - status.now <= std::chrono::hours(24 * 366);
    const std::string text =
        is_limited ? "until " + table_time(*until) + " UTC" : "until `nodenap resume`";
    return status.state.pause_reason.empty() ? text : text + ": " + status.state.pause_reason;
}

std::string decision_cell(const StatusReport& status) {
    if (!status.last) {
        const Memory& memory = status.state.memory;
        return memory.last_decision.empty() ? "none yet" : memory.last_decision;
    }
    return headline(status.last->plan);
}

Table overview(const StatusReport& status, const Settings& settings) {
    const State& state = status.state;
    Table table({"STATUS", settings.cluster});
    table.add({"mode", std::string(word(settings.policy.mode))});
    table.add({"paused", paused_cell(status)});
    table.add({"lease", lease_cell(status)});
    table.add({"epoch", std::to_string(state.epoch)});
    table.add({"last pass", time_or(state.last_pass_at, "never")});
    table.add({"last action", time_or(state.last_action_at, "never")});
    table.add({"last decision", decision_cell(status)});
    return table;
}

Table operations(const State& state) {
    Table table({"KIND", "POOL", "TYPE", "ZONE", "SINCE (UTC)", "ID"});
    for (const Operation& operation : state.open_operations) {
        table.add({operation.kind == OperationKind::launch ? "launch" : "remove",
                   operation.offering.pool, operation.offering.instance_type,
                   operation.offering.zone, table_time(operation.since), operation.id});
    }
    return table;
}

Table unavailable(const StatusReport& status) {
    Table table({"POOL", "TYPE", "ZONE", "CAPACITY", "UNTIL (UTC)", "CAUSE"});
    for (const UnavailableOffering& offering : status.state.memory.unavailable_offerings) {
        if (offering.until <= status.now) continue;
        table.add({offering.offering.pool, offering.offering.instance_type, offering.offering.zone,
                   std::string(word(offering.offering.capacity)), table_time(offering.until),
                   offering.cause});
    }
    return table;
}

Table unplaceable(const StatusReport& status) {
    Table table({"POD", "WHY"});
    if (!status.last) return table;
    for (const auto& pod : status.last->plan.unplaceable) table.add({pod.pod, pod.reason});
    return table;
}

}  // namespace

std::string status_text(const StatusReport& status, const Settings& settings, const Style& style) {
    std::string text = overview(status, settings).text(style) + "\n";
    text += section("In-flight operations", operations(status.state), style);
    text += section("Offerings in backoff", unavailable(status), style);
    text += section("Unplaceable pods", unplaceable(status), style);
    text.pop_back();
    return text;
}

}  // namespace nodenap
