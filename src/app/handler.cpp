#include "app/handler.hpp"

#include "adapters/decision_json.hpp"
#include "adapters/lambda_event.hpp"
#include "controller/invocation.hpp"
#include "engine/explain.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace nodenap {
namespace {

/// The instance that an EC2 event is about; nullptr for any other trigger.
const std::string* instance_of(const Trigger& trigger) {
    if (const auto* warning = std::get_if<SpotWarning>(&trigger)) return &warning->instance_id;
    if (const auto* rebalance = std::get_if<Rebalance>(&trigger)) return &rebalance->instance_id;
    if (const auto* change = std::get_if<StateChange>(&trigger)) return &change->instance_id;
    return nullptr;
}

bool is_ours(const State& state, const std::string& instance_id) {
    const auto about_it = [&](const Intent& intent) { return intent.instance_id == instance_id; };
    return state.memory.instances.contains(instance_id) ||
           std::any_of(state.open_intents.begin(), state.open_intents.end(), about_it);
}

/// A record of having done nothing, with the reason.
Record hold(const Ports& ports, const Settings& settings, const Trigger& trigger, Reason reason) {
    Record record;
    record.plan.now = ports.clock.now();
    record.plan.cluster = settings.cluster;
    record.plan.reasons = {std::move(reason)};
    record.trigger = name_of(trigger);
    return record;
}

/// The answer where the state could not be read or kept: a failed pass, but no function error.
std::string answer_unavailable(const Ports& ports, const Settings& settings, const Trigger& trigger,
                               const Error& error) {
    const Record record =
        hold(ports, settings, trigger,
             {ReasonCode::state_unavailable, "The state cannot be read or kept: " + error.text});
    ports.log.pass(record, false);
    return record_json(record);
}

/// The answer to an event about an instance of somebody else, as quiet as it can be: EC2 tells us
/// of every instance of the account.
std::string answer_not_ours(const Ports& ports, const Settings& settings, const Trigger& trigger,
                            const State& state) {
    const std::string& id = *instance_of(trigger);
    ports.log.write({"not_ours", {{"trigger", name_of(trigger)}, {"instance_id", id}}});
    Record record = hold(ports, settings, trigger,
                         {ReasonCode::not_ours, id + " is no instance of this cluster."});
    record.epoch = state.epoch;
    return record_json(record);
}

/// Puts a spot or rebalance notice where the next pass finds it, whoever makes that pass.
void keep_notice(const Ports& ports, const Settings& settings, const Trigger& trigger) {
    if (std::holds_alternative<StateChange>(trigger)) return;
    const std::string& id = *instance_of(trigger);
    const Status kept =
        post_notice(ports.store, settings.cluster, id, {name_of(trigger), ports.clock.now()});
    if (kept) return;
    ports.log.write(
        {"notice_lost",
         {{"trigger", name_of(trigger)}, {"instance_id", id}, {"error", kept.error().text}}});
}

std::string answer_status(const Ports& ports, const Settings& settings) {
    const Result<StatusReport> status = read_status(ports, settings);
    if (!status) {
        ports.log.write({"status_failed", {{"error", status.error().text}}});
        return error_json(word(ReasonCode::state_unavailable), status.error().text);
    }
    return status_json(status->state, settings, status->now, status->last_or_null());
}

std::string answer_passes(const Ports& ports, const Settings& settings, const Event& event,
                          const Trigger& trigger) {
    const Result<Outcome> outcome =
        run_invocation(ports, settings, {trigger, event.time_left, event.random});
    if (!outcome) return answer_unavailable(ports, settings, trigger, outcome.error());
    return record_json(outcome->record);
}

std::string answer_trigger(const Ports& ports, const Settings& settings, const Event& event,
                           const Trigger& trigger) {
    const auto* action = std::get_if<Action>(&trigger);
    if (action != nullptr && *action == Action::status) return answer_status(ports, settings);
    if (const std::string* id = instance_of(trigger)) {
        const Result<State> state = read_state(ports.store, ports.codec, settings.cluster);
        if (!state) return answer_unavailable(ports, settings, trigger, state.error());
        if (!is_ours(*state, *id)) return answer_not_ours(ports, settings, trigger, *state);
        keep_notice(ports, settings, trigger);
    }
    return answer_passes(ports, settings, event, trigger);
}

}  // namespace

std::string handle(const Ports& ports, const Settings& settings, const Event& event) {
    const std::variant<Trigger, Refusal> read = read_event(event.body);
    if (const auto* refusal = std::get_if<Refusal>(&read)) {
        ports.log.write({"refused", {{"code", refusal->code}, {"text", refusal->text}}});
        return error_json(refusal->code, refusal->text);
    }
    return answer_trigger(ports, settings, event, std::get<Trigger>(read));
}

Result<StatusReport> read_status(const Ports& ports, const Settings& settings) {
    Result<State> state = read_state(ports.store, ports.codec, settings.cluster);
    if (!state) return state.error();
    const Result<History> history =
        read_history(ports.store, ports.codec, settings.cluster, {Time{}, 1});
    if (!history) return history.error();
    StatusReport report{std::move(*state), std::nullopt, ports.clock.now()};
    if (!history->records.empty()) report.last = history->records.front();
    return report;
}

}  // namespace nodenap
