#include "app/handler.hpp"

#include "adapters/json/decision_json.hpp"
#include "adapters/lambda/event.hpp"
#include "controller/invocation.hpp"
#include "controller/status.hpp"
#include "decide/explain.hpp"

namespace nodenap {
namespace {

/// The answer where the state could not be read or kept: a failed pass, but no function error.
std::string answer_unavailable(const Ports& ports, const Settings& settings, const Trigger& trigger,
                               const Error& error) {
    const Record record =
        hold(settings, trigger, ports.clock.now(),
             {ReasonCode::state_unavailable, "the state cannot be read or written: " + error.text})
            .record;
    ports.log.pass(record, false);
    return record_json(record);
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

}  // namespace nodenap
