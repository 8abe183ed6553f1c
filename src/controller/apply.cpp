#include "controller/pass.hpp"

#include "decide/backoff.hpp"
#include "decide/cooldown.hpp"
#include "decide/explain.hpp"
#include "decide/membership.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

namespace nodenap {
namespace {

/// Offerings of a plan name a pool and a zone of the policy that the plan was made with.
const Subnet& subnet_in(const Pool& pool, const std::string& zone) {
    const auto found = std::find_if(pool.subnets.begin(), pool.subnets.end(),
                                    [&](const Subnet& subnet) { return subnet.zone == zone; });
    assert(found != pool.subnets.end());
    return *found;
}

/// Unique because of the generation's 128 random bits. Also used as client token (at most 64
/// characters).
Operation new_operation(Pass& pass, OperationKind kind) {
    Operation operation;
    operation.id = pass.state.generation + "-" + std::to_string(pass.lease.epoch) + "-" +
                   std::to_string(pass.next_ordinal++);
    operation.kind = kind;
    operation.epoch = pass.lease.epoch;
    operation.since = pass.ports.clock.now();
    return operation;
}

std::vector<Operation> launches_of(Pass& pass, const Plan& plan) {
    std::vector<Operation> operations;
    for (const auto& group : plan.launch) {
        const auto& pool = *find_pool(pass.settings.policy, group.offering.pool);
        const auto& subnet = subnet_in(pool, group.offering.zone);
        for (int i = 0; i < group.count; ++i) {
            auto operation = new_operation(pass, OperationKind::launch);
            operation.offering = group.offering;
            operation.subnet = subnet.id;
            operation.launch_template = pool.launch_template;
            operation.launch_template_version = pool.launch_template_version;
            operations.push_back(std::move(operation));
        }
    }
    return operations;
}

std::vector<Operation> removals_of(Pass& pass, const Plan& plan) {
    std::vector<Operation> operations;
    for (const auto& removal : plan.remove) {
        auto operation = new_operation(pass, OperationKind::remove);
        for (const auto& instance : pass.fleet.value()) {
            if (instance.id == removal.instance_id) operation.offering = instance.offering;
        }
        operation.instance_id = removal.instance_id;
        operation.reason = word(removal.cause);
        operations.push_back(std::move(operation));
    }
    return operations;
}

/// The effect of an operation on limits and cooldown is saved together with the operation, not
/// after its call: a process that crashes in between would lose it.
void note_announced(Memory& memory, const Operation& operation, Time now) {
    if (operation.kind == OperationKind::launch) return note_launch(memory, operation.since);
    const auto cause = removal_cause(operation.reason);
    if (cause == RemovalCause::not_ready) return note_repair(memory, now);
    if (cause != RemovalCause::not_joined) return note_removal(memory, now);
    note_registration_failure(memory, operation.instance_id, operation.offering, now);
}

void note_failed_announcement(Pass& pass, const Operation& first, const Error& error) {
    pass.succeeded = false;
    pass.acted = true;
    pass.done.push_back({"announce", first.id, "failed", error.text});
}

/// Called after a fenced write: its changes are in the store now.
void note_carried(Pass& pass) {
    const auto is_closed = [&](const Operation& operation) {
        return pass.closed.contains(operation.id);
    };
    std::erase_if(pass.state.open_operations, is_closed);
    std::erase_if(pass.state.launched, is_closed);
    pass.closed.clear();
    pass.answered.clear();
}

/// One fenced write for all operations of a step, before any of their calls. It also removes the
/// operations that this pass has closed so far: an operation must never be repeated in addition to
/// its replacement.
bool announce_all(Pass& pass, const std::vector<Operation>& operations) {
    if (operations.empty() || !may_act_now(pass)) return false;
    const auto memory_before = pass.memory;
    Change change;
    carry_along(pass, change);
    for (const auto& operation : operations) {
        announce(change, operation);
        note_announced(pass.memory, operation, pass.now);
    }
    change.set.push_back({{"memory"}, {pass.ports.codec.memory_text(pass.memory)}});
    const auto written = write_fenced(pass.ports.store, pass.lease, std::move(change));
    if (!written) {
        // If the outcome of the write is unknown, its operations count: the next pass may repeat
        // them.
        const bool may_be_there = written.error().kind == ErrorKind::unknown_outcome;
        if (!may_be_there) pass.memory = memory_before;
        note_failed_announcement(pass, operations.front(), written.error());
        return false;
    }
    if (!*written) {
        pass.lost = true;
        pass.succeeded = false;
        pass.ports.log.write({"lease_lost", {{"epoch", pass.lease.epoch}}});
        return false;
    }
    note_carried(pass);
    auto& open = pass.state.open_operations;
    open.insert(open.end(), operations.begin(), operations.end());
    return true;
}

/// The first observation, plus the launches of this pass and the current backoffs.
Snapshot observation_after(const Pass& pass, const Snapshot& seen) {
    auto snapshot = seen;
    snapshot.fleet = with_open_operations(pass.fleet.value(), pass.state, pass.closed, pass.now);
    snapshot.memory.unavailable_offerings = pass.memory.unavailable_offerings;
    snapshot.memory.launches = pass.memory.launches;
    return snapshot;
}

void remember_more(Pass& pass, Snapshot snapshot, const Plan& plan) {
    const auto& policy = pass.settings.policy;
    snapshot.memory = std::move(pass.memory);
    pass.memory = remember(snapshot, decide(snapshot, policy), plan, pass.lease.epoch);
}

void add_reason(Plan& plan, const Reason& reason) {
    if (std::find(plan.reasons.begin(), plan.reasons.end(), reason) != plan.reasons.end()) return;
    plan.reasons.push_back(reason);
}

/// Why a later round of the pass launched on-demand instances.
void add_reason_of_purchase(Plan& plan, const Plan& later) {
    for (const auto& reason : later.reasons) {
        if (reason.code == ReasonCode::spot_unavailable) add_reason(plan, reason);
    }
}

/// Plans the refused nodes again with other offerings, by the same rules and limits. Each round
/// puts at least one offering into backoff, so the loop ends.
void walk_on(Pass& pass, const Snapshot& seen, Plan& plan, int missing) {
    while (missing > 0 && may_act_now(pass)) {
        auto policy = pass.settings.policy;
        policy.limits.max_launches_per_pass = missing;
        const auto snapshot = observation_after(pass, seen);
        const auto next = plan_pass(snapshot, policy).plan;
        if (next.launch.empty()) {
            assert(!next.reasons.empty());
            return add_reason(plan, next.reasons.front());
        }
        remember_more(pass, snapshot, next);
        const auto operations = launches_of(pass, next);
        if (!announce_all(pass, operations)) return;
        missing = launch(pass, operations);
        if (missing < std::ssize(operations)) add_reason_of_purchase(plan, next);
    }
}

/// A removal that EC2 has refused starts no cooldown: otherwise several nodes with termination
/// protection, chosen one after another, would delay the removal of an empty node without it.
void forget_refused(Pass& pass, const Memory& before, std::vector<Operation> removals) {
    std::erase_if(removals, [](const Operation& removal) {
        return removal_cause(removal.reason) == RemovalCause::not_joined;
    });
    const bool all = std::all_of(removals.begin(), removals.end(), [&](const Operation& removal) {
        return pass.closed.contains(removal.id);
    });
    if (all && !removals.empty()) forget_removal(pass.memory, before);
}

}  // namespace

void apply(Pass& pass, const Snapshot& seen, Plan& plan) {
    const auto launches = launches_of(pass, plan);
    const auto removals = removals_of(pass, plan);
    auto operations = launches;
    operations.insert(operations.end(), removals.begin(), removals.end());
    const auto before = pass.memory;
    if (!announce_all(pass, operations)) return;
    walk_on(pass, seen, plan, launch(pass, launches));
    terminate(pass, removals);
    forget_refused(pass, before, removals);
}

}  // namespace nodenap
