#include "controller/reconcile.hpp"

#include "controller/pass.hpp"
#include "engine/explain.hpp"

#include <algorithm>
#include <utility>

namespace nodenap {
namespace {

Outcome hold(const Settings& settings, const Trigger& trigger, Time now, Reason reason) {
    Outcome outcome;
    outcome.record.plan.now = now;
    outcome.record.plan.cluster = settings.cluster;
    outcome.record.plan.reasons.push_back(std::move(reason));
    outcome.record.trigger = name_of(trigger);
    return outcome;
}

Reading<std::vector<Instance>> list_fleet(const Ports& ports) {
    auto fleet = ports.fleet.list();
    if (!fleet) return Unknown{fleet.error().text};
    return std::move(*fleet);
}

Snapshot snapshot_of(const Ports& ports, const Settings& settings, Time now) {
    Snapshot snapshot;
    snapshot.now = now;
    snapshot.cluster = settings.cluster;
    snapshot.signals = ports.metrics.read(now, settings.policy.scale_up.cpu_window);
    return snapshot;
}

/// Ports → values.
Snapshot look(const Pass& pass) {
    auto snapshot = snapshot_of(pass.ports, pass.settings, pass.now);
    snapshot.memory = pass.memory;
    snapshot.paused_until = pass.state.paused_until;
    const std::set<std::string> closed(pass.closed.begin(), pass.closed.end());
    if (pass.fleet.known()) {
        snapshot.fleet = with_open_intents(pass.fleet.value(), pass.state, closed, pass.now);
    } else {
        snapshot.fleet = pass.fleet;
    }
    return snapshot;
}

/// A spot warning is handled once its instance is gone; a rebalance notice once it was seen.
std::vector<std::string> handled_notices(const Pass& pass) {
    std::vector<std::string> handled;
    if (!pass.fleet.known()) return handled;
    const auto& fleet = pass.fleet.value();
    for (const auto& [id, notice] : pass.state.notices) {
        const bool runs = std::any_of(fleet.begin(), fleet.end(), [&, key = id](const Instance& i) {
            return i.id == key && (i.state == InstanceState::pending ||
                                   i.state == InstanceState::running);
        });
        if (!runs || notice.kind != "spot_warning") handled.push_back(id);
    }
    return handled;
}

bool worth_a_record(const Pass& pass, const Snapshot& before) {
    return !pass.done.empty() || pass.memory.last_reason != before.memory.last_reason ||
           pass.memory.last_decision != before.memory.last_decision;
}

/// The journal and the release. A failed journal write is said and loses only that record.
Status keep(Pass& pass, const Snapshot& snapshot, const Record& record) {
    if (worth_a_record(pass, snapshot)) {
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
    if (!pass.done.empty()) change.set.push_back({{"last_action_at"}, {std::int64_t{now_ms}}});
    for (const auto& id : pass.closed) close(change, id);
    for (const auto& id : handled_notices(pass)) change.remove.push_back({"notices", id});
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

Result<Outcome> finish(Pass& pass, const Snapshot& snapshot, Plan plan, const Trigger& trigger) {
    Outcome outcome;
    outcome.in_flight = pass.unsettled || plan.signals.nodes_booting > 0;
    pass.succeeded = pass.succeeded && sources_answered(plan, pass.settings.policy);
    outcome.record = {std::move(plan), pass.lease.epoch, name_of(trigger), pass.done};
    const auto kept = keep(pass, snapshot, outcome.record);
    outcome.succeeded = pass.succeeded && bool(kept);
    pass.ports.log.pass(outcome.record, outcome.succeeded);
    if (!kept) return kept.error();
    return outcome;
}

/// A newer Nodenap has written the state: what we do not understand we do not touch.
Result<Outcome> step_back(const Pass& pass, const Trigger& trigger) {
    const auto released = release(pass.ports.store, pass.lease, {});
    if (!released) return released.error();
    return hold(pass.settings, trigger, pass.now,
                {ReasonCode::state_newer, "the state has format " +
                                              std::to_string(pass.state.format) +
                                              ", written by a newer version"});
}

}  // namespace

Result<Outcome> reconcile(const Ports& ports, const Settings& settings, const Trigger& trigger,
                          const Claim& claim) {
    auto got = acquire(ports.store, ports.codec, settings.cluster, claim);
    if (!got) return got.error();
    if (got->held_by_another) {
        auto outcome = hold(settings, trigger, claim.now,
                            {ReasonCode::lease_held, "another pass is at work"});
        outcome.held_by_another = true;
        return outcome;
    }
    Pass pass{ports, settings, got->lease, std::move(got->state), claim.now};
    if (pass.state.format > state_format) return step_back(pass, trigger);
    pass.memory = pass.state.memory;
    pass.fleet = list_fleet(ports);
    settle(pass);
    const auto snapshot = look(pass);
    auto plan = make_plan(decide(snapshot, settings.policy), snapshot, settings.policy);
    pass.memory = remember(snapshot, plan, settings.policy, pass.lease.epoch);
    if (is_to_be_applied(plan)) apply(pass, plan);
    return finish(pass, snapshot, std::move(plan), trigger);
}

Result<Plan> look_ahead(const Ports& ports, const Settings& settings) {
    const auto state = read_state(ports.store, ports.codec, settings.cluster);
    if (!state) return state.error();
    const auto now = ports.clock.now();
    auto snapshot = snapshot_of(ports, settings, now);
    snapshot.memory = state->memory;
    snapshot.paused_until = state->paused_until;
    snapshot.fleet = list_fleet(ports);
    if (snapshot.fleet.known()) {
        snapshot.fleet = with_open_intents(snapshot.fleet.value(), *state, {}, now);
    }
    return make_plan(decide(snapshot, settings.policy), snapshot, settings.policy);
}

}  // namespace nodenap
