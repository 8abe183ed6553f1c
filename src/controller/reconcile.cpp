#include "controller/reconcile.hpp"

#include "controller/ownership.hpp"
#include "controller/pass.hpp"
#include "decide/explain.hpp"
#include "decide/membership.hpp"

#include <algorithm>
#include <utility>

namespace nodenap {
namespace {

Reading<std::vector<Instance>> list_fleet(const Ports& ports, const State& state,
                                          const Policy& policy) {
    auto fleet = ports.fleet.list();
    if (!fleet) return Unknown{fleet.error().text};
    mark_foreign(*fleet, state, policy);
    return std::move(*fleet);
}

Signals read_signals(const Ports& ports, const Settings& settings, Time now) {
    return ports.metrics.read(now, settings.policy.scale_up.cpu_window);
}

void log_foreign(const Pass& pass) {
    for (const auto& instance : pass.fleet.value()) {
        if (!instance.foreign || !runs(instance)) continue;
        pass.ports.log.write(
            {"foreign_instance",
             {{"instance_id", instance.id}, {"launch_template", instance.launch_template}}});
    }
}

/// Whether the pass did something, or its decision or reason differs from the last recorded one; if
/// so, remembers this one as the last.
bool note_recorded(Pass& pass, const Plan& plan) {
    const std::string decision{word(plan.decision)};
    const std::string reason{plan.reasons.empty() ? "" : word(plan.reasons.front().code)};
    const bool decides_otherwise = std::exchange(pass.memory.last_decision, decision) != decision;
    const bool has_other_reason = std::exchange(pass.memory.last_reason, reason) != reason;
    return decides_otherwise || has_other_reason || !pass.done.empty();
}

/// Whether EC2 was changed, by this pass or by the one whose operations it recovered.
bool has_acted(const std::vector<Effect>& done) {
    return std::any_of(done.begin(), done.end(), [](const Effect& effect) {
        return !effect.error && effect.kind != "close";
    });
}

/// Writes the history and releases the lease. A failed history write is logged and loses only that
/// record.
Status keep(Pass& pass, const Record& record) {
    if (note_recorded(pass, record.plan)) {
        const auto written = append_record(pass.ports.store, pass.ports.codec, record);
        if (!written) {
            pass.succeeded = false;
            pass.ports.log.write({"journal_failed", {{"error", written.error().text}}});
        }
    }
    Change change;
    const auto now_ms = pass.now.time_since_epoch().count();
    change.set.push_back({{"memory"}, {pass.ports.codec.memory_text(pass.memory)}});
    change.set.push_back({{"last_pass_at"}, {std::int64_t{now_ms}}});
    if (has_acted(pass.done)) change.set.push_back({{"last_action_at"}, {std::int64_t{now_ms}}});
    carry_along(pass, change);
    for (const auto& id : handled_interruptions(pass)) change.remove.push_back({"notices", id});
    const auto released = release(pass.ports.store, pass.lease, std::move(change));
    if (!released) return released.error();
    if (!*released) {
        pass.succeeded = false;
        pass.ports.log.write({"lease_lost", {{"epoch", pass.lease.epoch}}});
    }
    return Done{};
}

bool sources_answered(const Plan& plan, const Policy& policy) {
    return std::none_of(plan.signals.unknown.begin(), plan.signals.unknown.end(),
                        [&](const UnknownSignal& unknown) {
                            return unknown.signal != "memory" ||
                                   policy.scale_up.memory_above_percent > 0;
                        });
}

/// Whether another pass soon may change something: not while the user has paused Nodenap.
bool in_flight(const Pass& pass, const Plan& plan) {
    if (pass.needs_person || !may_launch(pass)) return false;
    const auto open = still_open(pass);
    const bool waits = std::any_of(open.begin(), open.end(), [&](const Operation& operation) {
        return operation.kind == OperationKind::launch || may_remove(pass);
    });
    return pass.acted || waits || plan.signals.nodes_booting > 0;
}

/// A recorded launch that EC2 does not list yet has no instance to terminate. Only rule 5 (above
/// max_nodes) selects one, and then nothing is launched.
void spare_the_unlisted(Plan& plan, const Pass& pass) {
    const auto spared = std::erase_if(plan.remove, [&](const Removal& removal) {
        const auto& fleet = pass.fleet.value();
        return std::none_of(fleet.begin(), fleet.end(), [&](const Instance& instance) {
            return instance.id == removal.instance_id;
        });
    });
    if (spared == 0 || !plan.remove.empty()) return;
    plan.decision = DecisionKind::hold;
    plan.reasons.insert(
        plan.reasons.begin(),
        {ReasonCode::booting, "a launch or termination of an earlier pass is not confirmed yet"});
}

Outcome finish(Pass& pass, Plan plan, const Trigger& trigger) {
    Outcome outcome;
    outcome.in_flight = in_flight(pass, plan);
    pass.succeeded = pass.succeeded && sources_answered(plan, pass.settings.policy);
    outcome.record = {std::move(plan), pass.lease.epoch, name_of(trigger), pass.done};
    const auto kept = keep(pass, outcome.record);
    if (!kept) {
        outcome.record.plan.reasons.push_back(
            {ReasonCode::state_unavailable,
             "the lease could not be released and will expire by itself: " + kept.error().text});
    }
    outcome.succeeded = pass.succeeded && bool(kept);
    pass.ports.log.pass(outcome.record, outcome.succeeded);
    return outcome;
}

/// Another pass is running. This one does not report success: a lease that is never released must
/// raise the alarm.
Outcome give_way(const Ports& ports, Outcome outcome, const State& state) {
    outcome.held_by_another = true;
    const auto until = state.lease_until.value_or(Time{}).time_since_epoch().count();
    ports.log.write({"lease_held",
                     {{"trigger", outcome.record.trigger},
                      {"owner", state.lease_owner},
                      {"until_ms", std::int64_t{until}}}});
    return outcome;
}

/// A newer Nodenap has written the state: this version must not change what it does not understand.
Result<Outcome> step_back(Pass& pass, const Trigger& trigger) {
    const auto format = std::to_string(pass.state.format);
    auto outcome = hold(pass.settings, trigger, pass.now,
                        {ReasonCode::state_newer,
                         "the state has format " + format + ", written by a newer version"});
    outcome.record.epoch = pass.lease.epoch;
    outcome.succeeded = false;
    const auto released = release(pass.ports.store, pass.lease, {});
    if (!released) return released.error();
    pass.ports.log.pass(outcome.record, false);
    return outcome;
}

}  // namespace

Outcome hold(const Settings& settings, const Trigger& trigger, Time now, Reason reason) {
    Outcome outcome;
    outcome.record.plan.now = now;
    outcome.record.plan.cluster = settings.cluster;
    outcome.record.plan.reasons.push_back(std::move(reason));
    outcome.record.trigger = name_of(trigger);
    return outcome;
}

bool may_launch(const Pass& pass) {
    const bool paused = pass.state.paused_until && *pass.state.paused_until > pass.now;
    return !paused && pass.settings.policy.mode != Mode::observe;
}

bool may_remove(const Pass& pass) {
    return may_launch(pass) && pass.settings.policy.mode == Mode::act;
}

Result<Outcome> reconcile(const Ports& ports, const Settings& settings, const Trigger& trigger,
                          const Claim& claim) {
    auto got = acquire(ports.store, ports.codec, settings.cluster, claim);
    if (!got) return got.error();
    if (got->held_by_another) {
        const Reason held{ReasonCode::lease_held, "another pass holds the lease"};
        return give_way(ports, hold(settings, trigger, claim.now, held), got->state);
    }
    Pass pass{ports, settings, got->lease, std::move(got->state), claim.now};
    if (pass.state.format > state_format) return step_back(pass, trigger);
    if (pass.state.memory_forgotten) ports.log.write({"memory_forgotten", {}});
    pass.memory = pass.state.memory;
    pass.fleet = list_fleet(ports, pass.state, settings.policy);
    auto signals = read_signals(ports, settings, pass.now);
    if (pass.fleet.known()) {
        log_foreign(pass);
        remember_templates(pass.memory, pass.fleet.value(), settings.policy, pass.now);
    }
    recover(pass, signals);
    // The snapshot takes the memory; `remember` returns it updated.
    const auto snapshot =
        snapshot_of(pass, pass.closed, std::move(signals), std::move(pass.memory));
    auto [decision, plan] = plan_pass(snapshot, settings.policy);
    if (!plan.remove.empty()) spare_the_unlisted(plan, pass);
    pass.memory = remember(snapshot, std::move(decision), plan, pass.lease.epoch);
    if (is_to_be_applied(plan)) apply(pass, snapshot, plan);
    return finish(pass, std::move(plan), trigger);
}

Result<Snapshot> observe_cluster(const Ports& ports, const Settings& settings) {
    const auto state = read_state(ports.store, ports.codec, settings.cluster);
    if (!state) return state.error();
    const auto now = ports.clock.now();
    Snapshot snapshot;
    snapshot.now = now;
    snapshot.cluster = settings.cluster;
    snapshot.signals = read_signals(ports, settings, now);
    snapshot.memory = state->memory;
    snapshot.paused_until = state->paused_until;
    snapshot.pause_reason = state->pause_reason;
    snapshot.fleet = list_fleet(ports, *state, settings.policy);
    if (snapshot.fleet.known()) {
        snapshot.fleet = with_open_operations(snapshot.fleet.value(), *state, {}, now);
    }
    return snapshot;
}

Result<Plan> preview(const Ports& ports, const Settings& settings) {
    const auto snapshot = observe_cluster(ports, settings);
    if (!snapshot) return snapshot.error();
    return plan_pass(*snapshot, settings.policy).plan;
}

}  // namespace nodenap
