#include "controller/pass.hpp"

#include "decide/budget.hpp"
#include "decide/membership.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

namespace nodenap {
namespace {

using namespace std::chrono_literals;

/// A launch recorded this recently is still wanted and is repeated. An older one only waits until
/// its last repetition can no longer succeed; then the rules decide again.
constexpr Milliseconds wanted_for = 5min;
/// EC2 terminates an instance two minutes after its spot interruption notice; one that still runs
/// counts again.
constexpr Milliseconds warning_lasts = 10min;
/// Recorded times are at most this much later than now, since clocks differ.
constexpr Milliseconds clocks_differ_by = 30min;

enum class Fate { adopted, repeated, closed, refused, open };

const Instance* launched_by(const std::vector<Instance>& fleet, const Operation& operation) {
    const auto found = std::find_if(fleet.begin(), fleet.end(), [&](const Instance& instance) {
        return instance.operation == operation.id && !instance.foreign;
    });
    return found == fleet.end() ? nullptr : &*found;
}

const Instance* find_instance(const std::vector<Instance>& fleet, const std::string& id) {
    const auto found = std::find_if(fleet.begin(), fleet.end(),
                                    [&](const Instance& instance) { return instance.id == id; });
    return found == fleet.end() ? nullptr : &*found;
}

Milliseconds age_of(const Pass& pass, const Operation& operation) {
    const auto age = pass.now - operation.since;
    return age < -clocks_differ_by ? Milliseconds::max() : age;
}

/// The request to EC2 is read from the state, which may have been tampered with: how it differs
/// from its configured pool; empty if it does not.
std::string difference(const Policy& policy, const Operation& operation) {
    const auto* pool = find_pool(policy, operation.offering.pool);
    if (pool == nullptr) return "its pool is not configured";
    const auto& types = pool->instance_types;
    const bool may_be_spot = pool->capacity != CapacityChoice::on_demand;
    const bool may_be_on_demand = pool->capacity != CapacityChoice::spot;
    const bool may_be_bought =
        operation.offering.capacity == Capacity::spot ? may_be_spot : may_be_on_demand;
    if (pool->launch_template != operation.launch_template)
        return "its launch template is not the pool's";
    if (pool->launch_template_version != operation.launch_template_version)
        return "its launch template version is not the pool's";
    const bool has_subnet = std::ranges::any_of(pool->subnets, [&](const Subnet& subnet) {
        return subnet.id == operation.subnet && subnet.zone == operation.offering.zone;
    });
    if (!has_subnet) return "its subnet is not the pool's";
    if (std::ranges::count(types, operation.offering.instance_type) == 0)
        return "its instance type is not the pool's";
    return may_be_bought ? "" : "its purchase option is not the pool's";
}

/// A refused one is closed once EC2 would list what it may have launched.
Fate fate_of_launch(const Pass& pass, const Operation& operation) {
    if (launched_by(pass.fleet.value(), operation) != nullptr) return Fate::adopted;
    const auto age = age_of(pass, operation);
    if (age >= wanted_for + launch_settled_after) return Fate::closed;
    if (!difference(pass.settings.policy, operation).empty()) {
        return age >= listed_after ? Fate::refused : Fate::open;
    }
    return age < wanted_for && may_launch(pass) ? Fate::repeated : Fate::open;
}

Fate fate_of_removal(const Pass& pass, const Operation& operation) {
    const auto* instance = find_instance(pass.fleet.value(), operation.instance_id);
    if (instance == nullptr) {
        return age_of(pass, operation) >= listed_after ? Fate::closed : Fate::open;
    }
    if (!runs(*instance)) return Fate::closed;
    const auto age = age_of(pass, operation);
    if (instance->foreign || age >= wanted_for + launch_settled_after) return Fate::refused;
    return age < wanted_for && may_remove(pass) ? Fate::repeated : Fate::open;
}

/// The launches to repeat, if all that may have succeeded fit the current maximum and price, which
/// the user may have lowered. Otherwise all stay in flight until they can no longer succeed.
std::vector<Operation> within_limits(const Pass& pass, const std::vector<Operation>& launches) {
    if (launches.empty()) return {};
    const auto type_of = [&](const Operation& operation) {
        return find_type(pass.settings.policy, operation.offering.instance_type);
    };
    auto uncounted = pass.closed;  // counted below, or known not to exist
    for (const auto& operation : launches) {
        if (type_of(operation) != nullptr) uncounted.insert(operation.id);
    }
    const auto snapshot = snapshot_of(pass, uncounted, {}, pass.memory);
    const auto& policy = pass.settings.policy;
    const auto members = membership(snapshot, policy);
    Budget budget(members, policy);
    std::map<std::string, int> repeated;
    std::vector<Operation> allowed;
    for (const auto& operation : launches) {
        const auto& pool =
            *find_pool(policy, operation.offering.pool);  // only repeated if configured
        const auto* type = type_of(operation);
        if (type == nullptr) continue;
        const bool is_full = members.counted(pool.name) + repeated[pool.name]++ >=
                             pool.max_nodes + members.excess(pool.name);
        if (is_full || budget.refusal(*type)) return {};
        budget.spend(*type);
        allowed.push_back(operation);
    }
    return allowed;
}

void adopt(Pass& pass, const Operation& operation) {
    const auto& instance = *launched_by(pass.fleet.value(), operation);
    pass.closed.insert(operation.id);
    // If it has terminated, that is noted. Otherwise its registration is awaited as if launched at
    // that time, however late this is: it must not count as one that may have registered before,
    // since nobody observed it.
    const auto [known, is_new] = pass.memory.instances.try_emplace(instance.id);
    if (is_new) {
        known->second.first_seen_at = std::min(pass.now, instance.launched_at);
        known->second.unwatched = pass.now - *known->second.first_seen_at;
    }
    pass.done.push_back({"adopt", instance.id, "found in EC2 by its intent tag"});
}

void close_unseen(Pass& pass, const Operation& operation) {
    pass.closed.insert(operation.id);
    if (operation.kind == OperationKind::remove) return;
    forget_launch(pass.memory, operation.since);
    pass.done.push_back({"close", operation.id, "EC2 never created it"});
}

void refuse(Pass& pass, const Operation& operation) {
    pass.closed.insert(operation.id);
    if (operation.kind == OperationKind::launch) {
        // It still counts: for a foreign one it is unknown whether it ever counted.
        const auto why = difference(pass.settings.policy, operation);
        pass.done.push_back({"close", operation.id, "refused", "launch not repeated: " + why});
    } else {
        pass.done.push_back(
            {"close", operation.instance_id, "refused",
             "removal not repeated: not a worker, or the rules no longer allow it"});
    }
}

/// EC2 lists a confirmed launch nearly always within seconds. One that is never listed delays
/// removals until this time is over; a shorter time would launch another one if a clock jumps
/// ahead.
void recover_launched(Pass& pass) {
    for (const auto& operation : pass.state.launched) {
        const bool listed = launched_by(pass.fleet.value(), operation) != nullptr;
        if (!listed && pass.now - operation.since < launch_settled_after) continue;
        pass.closed.insert(operation.id);
        if (listed) continue;
        pass.memory.instances.erase(operation.instance_id);
        note_death(pass, operation.instance_id, operation.offering, "not found in EC2");
    }
}

bool removed_by_us(const State& state, const std::string& instance_id) {
    return std::any_of(state.open_operations.begin(), state.open_operations.end(),
                       [&](const Operation& operation) {
                           return operation.kind == OperationKind::remove &&
                                  operation.instance_id == instance_id;
                       });
}

/// EC2 accepted the launch, but the instance terminated by itself: its offering is treated as
/// refused.
void note_deaths(Pass& pass) {
    for (const auto& instance : pass.fleet.value()) {
        if (runs(instance)) continue;
        const auto known = pass.memory.instances.find(instance.id);
        if (known == pass.memory.instances.end()) continue;
        const bool unexpected = !known->second.registered_at && !known->second.server_seen_at &&
                                !removed_by_us(pass.state, instance.id);
        pass.memory.instances.erase(known);
        if (!unexpected) continue;
        note_death(pass, instance.id, instance.offering, instance.state_reason);
    }
}

/// Anyone who may invoke the function can forge a notice, but EC2 only interrupts spot instances.
bool is_warned(const State& state, const Instance& instance, Time now) {
    const auto interruption = state.interruptions.find(instance.id);
    return instance.offering.capacity == Capacity::spot &&
           interruption != state.interruptions.end() &&
           interruption->second.kind == "spot_warning" &&
           now - interruption->second.at < warning_lasts;
}

void mark_terminating(std::vector<Instance>& fleet, const std::string& instance_id) {
    for (auto& instance : fleet) {
        if (instance.id != instance_id) continue;
        instance.terminating = true;
        instance.interrupted = false;  // it was checked that its pods fit elsewhere
    }
}

Instance expected_of(const Operation& operation, Time now) {
    Instance expected;
    expected.id = operation.instance_id.empty() ? operation.id : operation.instance_id;
    expected.offering = operation.offering;
    expected.launched_at = now;  // its join_timeout cannot start before it exists
    expected.operation = operation.id;
    expected.epoch = operation.epoch;
    return expected;
}

}  // namespace

void recover(Pass& pass, const Signals& signals) {
    if (!pass.fleet.known()) return;
    std::vector<Operation> launches;
    std::vector<Operation> removals;
    for (const auto& operation : pass.state.open_operations) {
        const bool is_launch = operation.kind == OperationKind::launch;
        const auto fate =
            is_launch ? fate_of_launch(pass, operation) : fate_of_removal(pass, operation);
        if (fate == Fate::adopted) adopt(pass, operation);
        if (fate == Fate::closed) close_unseen(pass, operation);
        if (fate == Fate::refused) refuse(pass, operation);
        if (fate == Fate::repeated) (is_launch ? launches : removals).push_back(operation);
    }
    recover_launched(pass);
    note_deaths(pass);
    launch(pass, within_limits(pass, launches));
    terminate(pass, still_allowed(pass, signals, removals));
}

void carry_along(const Pass& pass, Change& change) {
    for (const auto& id : pass.closed) close(change, id);
    for (const auto& operation : pass.state.launched) {
        if (pass.answered.contains(operation.id)) note_answer(change, operation);
    }
}

std::vector<Operation> still_open(const Pass& pass) {
    std::vector<Operation> open;
    for (const auto& operation : pass.state.open_operations) {
        if (!pass.closed.contains(operation.id)) open.push_back(operation);
    }
    return open;
}

std::vector<std::string> handled_interruptions(const Pass& pass) {
    std::vector<std::string> handled;
    if (!pass.fleet.known()) return handled;
    for (const auto& [id, interruption] : pass.state.interruptions) {
        const auto* instance = find_instance(pass.fleet.value(), id);
        const bool gone =
            instance == nullptr ? pass.now - interruption.at >= listed_after : !runs(*instance);
        const bool means_nothing =
            instance != nullptr && instance->offering.capacity != Capacity::spot;
        if (gone || means_nothing) handled.push_back(id);
    }
    return handled;
}

std::vector<Instance> with_open_operations(std::vector<Instance> fleet, const State& state,
                                           const std::set<std::string>& closed, Time now) {
    for (auto& instance : fleet) {
        if (is_warned(state, instance, now)) instance.terminating = instance.interrupted = true;
    }
    for (const auto& operation : state.open_operations) {
        if (closed.contains(operation.id)) continue;
        if (operation.kind == OperationKind::remove) {
            mark_terminating(fleet, operation.instance_id);
        } else if (launched_by(fleet, operation) == nullptr) {
            fleet.push_back(expected_of(operation, now));
        }
    }
    for (const auto& operation : state.launched) {
        const bool counts =
            !closed.contains(operation.id) && launched_by(fleet, operation) == nullptr;
        if (counts) fleet.push_back(expected_of(operation, now));
    }
    return fleet;
}

Snapshot snapshot_of(const Pass& pass, const std::set<std::string>& uncounted, Signals signals,
                     Memory memory) {
    Snapshot snapshot;
    snapshot.now = pass.now;
    snapshot.cluster = pass.settings.cluster;
    snapshot.signals = std::move(signals);
    snapshot.memory = std::move(memory);
    snapshot.paused_until = pass.state.paused_until;
    snapshot.pause_reason = pass.state.pause_reason;
    snapshot.fleet = pass.fleet;
    if (pass.fleet.known()) {
        snapshot.fleet = with_open_operations(pass.fleet.value(), pass.state, uncounted, pass.now);
    }
    return snapshot;
}

}  // namespace nodenap
