#include "controller/invocation.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace nodenap {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds lease_retry_every = 2s;
/// Someone who may publish events could send many at once: waiting invocations must not use up the
/// account's Lambda concurrency.
constexpr Milliseconds longest_lease_wait = 20s;
/// With less time than this a pass could observe, but not start any call.
constexpr Milliseconds useful_pass = longest_call + longest_release + 5s;

class Invocation {
public:
    Invocation(const Ports& ports, const Settings& settings, const Wakeup& wakeup)
        : ports_(ports),
          settings_(settings),
          wakeup_(wakeup),
          began_(ports.clock.monotonic()),
          length_(std::min(wakeup.time_left, longest_invocation)) {}

    Result<Outcome> run() {
        auto answer = first_pass();
        if (!answer || answer->held_by_another) return answer;
        auto latest = *answer;
        while (latest.in_flight && may_look_again()) {
            ports_.clock.sleep_for(settings_.relook.every);
            auto again = pass();
            if (!again) {
                ports_.log.write({"pass_failed", {{"error", again.error().text}}});
                answer->succeeded = false;
                break;
            }
            if (again->held_by_another) break;
            latest = std::move(*again);
            answer->succeeded = answer->succeeded && latest.succeeded;
            const bool nothing_yet = answer->record.done.empty();
            if (nothing_yet || !latest.record.done.empty()) answer->record = latest.record;
        }
        answer->in_flight = latest.in_flight;
        return answer;
    }

private:
    Milliseconds passed() const { return ports_.clock.monotonic() - began_; }
    Milliseconds left() const { return length_ - passed(); }

    bool may_look_again() const {
        return passed() + settings_.relook.every <= settings_.relook.span &&
               left() > settings_.relook.every + useful_pass;
    }

    Result<Outcome> pass() {
        if (!settings_.mode_named) ports_.log.write({"mode_not_set", {{"mode", "observe"}}});
        Claim claim;
        claim.owner = wakeup_.random();
        claim.fresh_generation = wakeup_.random();
        claim.now = ports_.clock.now();
        claim.monotonic = ports_.clock.monotonic();
        claim.length = left() + lease_margin;
        return reconcile(ports_, settings_, wakeup_.trigger, claim);
    }

    bool may_try_again() const {
        return !may_be_skipped(wakeup_.trigger) &&
               passed() + lease_retry_every <= longest_lease_wait &&
               left() > lease_retry_every + useful_pass;
    }

    Result<Outcome> first_pass() {
        auto outcome = pass();
        while (outcome && outcome->held_by_another && may_try_again()) {
            ports_.clock.sleep_for(lease_retry_every);
            outcome = pass();
        }
        return outcome;
    }

    const Ports& ports_;
    const Settings& settings_;
    const Wakeup& wakeup_;
    Milliseconds began_;
    Milliseconds length_;
};

bool is_ours(const State& state, const std::string& instance_id) {
    const auto about_it = [&](const Operation& operation) {
        return operation.instance_id == instance_id;
    };
    return state.memory.instances.contains(instance_id) ||
           std::any_of(state.open_operations.begin(), state.open_operations.end(), about_it);
}

/// Ignored silently, since EC2 sends events about all instances of the account.
Outcome not_ours(const Ports& ports, const Settings& settings, const Trigger& trigger,
                 const State& state) {
    const auto& id = *instance_of(trigger);
    ports.log.write({"not_ours", {{"trigger", name_of(trigger)}, {"instance_id", id}}});
    auto outcome =
        hold(settings, trigger, ports.clock.now(),
             {ReasonCode::not_ours, id + " does not belong to this cluster; event ignored"});
    outcome.record.epoch = state.epoch;
    return outcome;
}

/// Saves a spot or rebalance notice for the next pass, in whatever process it runs.
void keep_interruption(const Ports& ports, const Settings& settings, const Trigger& trigger) {
    if (std::holds_alternative<StateChange>(trigger)) return;
    const auto& id = *instance_of(trigger);
    const auto kept =
        post_interruption(ports.store, settings.cluster, id, {name_of(trigger), ports.clock.now()});
    if (kept) return;
    ports.log.write(
        {"notice_lost",
         {{"trigger", name_of(trigger)}, {"instance_id", id}, {"error", kept.error().text}}});
}

}  // namespace

Result<Outcome> run_invocation(const Ports& ports, const Settings& settings, const Wakeup& wakeup) {
    if (const auto* id = instance_of(wakeup.trigger)) {
        const auto state = read_state(ports.store, ports.codec, settings.cluster);
        if (!state) return state.error();
        if (!is_ours(*state, *id)) return not_ours(ports, settings, wakeup.trigger, *state);
        keep_interruption(ports, settings, wakeup.trigger);
    }
    return Invocation(ports, settings, wakeup).run();
}

}  // namespace nodenap
