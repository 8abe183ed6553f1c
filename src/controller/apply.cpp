#include "controller/pass.hpp"

#include "engine/offers.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace nodenap {
namespace {

const Subnet* subnet_in(const Pool& pool, const std::string& zone) {
    const auto found = std::find_if(pool.subnets.begin(), pool.subnets.end(),
                                    [&](const Subnet& subnet) { return subnet.zone == zone; });
    return found == pool.subnets.end() ? nullptr : &*found;
}

/// Unique by the generation's 128 random bits; also the client token (at most 64 characters).
std::string next_id(Pass& pass) {
    return pass.state.generation + "-" + std::to_string(pass.lease.epoch) + "-" +
           std::to_string(pass.next_ordinal++);
}

Intent launch_intent(Pass& pass, const Pool& pool, const Offer& offer) {
    Intent intent;
    intent.id = next_id(pass);
    intent.epoch = pass.lease.epoch;
    intent.since = pass.ports.clock.now();
    intent.offer = offer;
    intent.subnet = subnet_in(pool, offer.zone)->id;
    intent.launch_template = pool.launch_template;
    intent.launch_template_version = pool.launch_template_version;
    return intent;
}

Offer offer_of(const Pass& pass, const std::string& instance_id) {
    for (const auto& instance : pass.fleet.value()) {
        if (instance.id == instance_id) return instance.offer;
    }
    return {};
}

Intent removal_intent(Pass& pass, const Removal& removal) {
    Intent intent;
    intent.id = next_id(pass);
    intent.kind = IntentKind::remove;
    intent.epoch = pass.lease.epoch;
    intent.since = pass.ports.clock.now();
    intent.offer = offer_of(pass, removal.instance_id);
    intent.instance_id = removal.instance_id;
    intent.reason = removal.reason;
    return intent;
}

bool may_act_now(Pass& pass) {
    if (!pass.lost && !may_act(pass.lease, pass.ports.clock.monotonic())) {
        pass.lost = true;
        pass.succeeded = false;
        pass.unsettled = true;
        pass.ports.log.write({"lease_ending", {{"epoch", pass.lease.epoch}}});
    }
    return !pass.lost;
}

/// What this pass has closed so far goes with the announcing write: an intent that was replaced
/// must never be repeated beside its replacement.
void take_closed_along(Pass& pass, Change& change) {
    for (const auto& id : pass.closed) {
        close(change, id);
        std::erase_if(pass.state.open_intents, [&](const Intent& open) { return open.id == id; });
    }
    pass.closed.clear();
}

/// One fenced write for all intents of a step, before any of their calls.
bool announce_all(Pass& pass, const std::vector<Intent>& intents) {
    if (intents.empty() || !may_act_now(pass)) return false;
    Change change;
    take_closed_along(pass, change);
    for (const auto& intent : intents) announce(change, intent);
    const auto written = write_fenced(pass.ports.store, pass.lease, std::move(change));
    if (!written) {
        pass.succeeded = false;
        pass.unsettled = true;
        pass.done.push_back({"announce", intents.front().id, "failed", written.error().text});
        return false;
    }
    if (!*written) {
        pass.lost = true;
        pass.succeeded = false;
        pass.ports.log.write({"lease_lost", {{"epoch", pass.lease.epoch}}});
        return false;
    }
    auto& open = pass.state.open_intents;
    open.insert(open.end(), intents.begin(), intents.end());
    return true;
}

void close_intent(Pass& pass, const Intent& intent) { pass.closed.push_back(intent.id); }

void note_launched(Pass& pass, const Intent& intent, const Instance& instance) {
    close_intent(pass, intent);
    note_launch(pass.memory, intent.since);
    if (instance.state == InstanceState::terminated) {
        pass.done.push_back({"launch", instance.id, "dead", "the instance of this request is gone"});
        return;
    }
    auto fleet = pass.fleet.value();
    fleet.push_back(instance);
    pass.fleet = std::move(fleet);
    pass.unsettled = true;
    pass.done.push_back({"launch", instance.id, "launched"});
}

/// Whether EC2 had no capacity, so that another offer may be tried.
bool note_refused(Pass& pass, const Intent& intent, const Error& error) {
    const auto what = error.code.empty() ? error.text : error.code;
    pass.done.push_back({"launch", intent.id, "refused", error.text});
    pass.unsettled = true;
    switch (error.kind) {
        case ErrorKind::no_capacity:
            rest_offer(pass.memory, intent.offer, pass.now, what, error.code == "Unsupported");
            close_intent(pass, intent);
            return true;
        case ErrorKind::denied:
        case ErrorKind::invalid:
            // Only a person can mend it; resting keeps us from asking in every pass.
            rest_offer(pass.memory, intent.offer, pass.now, what, false);
            close_intent(pass, intent);
            break;
        case ErrorKind::conflict: close_intent(pass, intent); break;
        case ErrorKind::unavailable:
        case ErrorKind::throttled:
        case ErrorKind::unknown_outcome: break;  // stays open: settled by repeating
    }
    pass.succeeded = false;
    return false;
}

/// The next offer of the same pool whose type is at least as large.
std::vector<Intent> next_offers(Pass& pass, const std::vector<Intent>& refused) {
    const auto& policy = pass.settings.policy;
    std::vector<Intent> intents;
    for (const auto& intent : refused) {
        const auto* pool = find_pool(policy, intent.offer.pool);
        const auto* type = find_type(policy, intent.offer.instance_type);
        if (pool == nullptr || type == nullptr) continue;
        ZoneCounts zones;
        for (const auto& instance : pass.fleet.value()) ++zones[instance.offer.zone];
        const auto offer = first_offer({policy, pass.memory, pass.now}, *pool, zones,
                                       template_allocatable(policy, *pool, *type));
        if (offer) intents.push_back(launch_intent(pass, *pool, *offer));
    }
    return intents;
}

std::vector<Intent> intents_of(Pass& pass, const Plan& plan) {
    std::vector<Intent> intents;
    for (const auto& group : plan.launch) {
        const auto* pool = find_pool(pass.settings.policy, group.offer.pool);
        for (int i = 0; i < group.count; ++i) {
            intents.push_back(launch_intent(pass, *pool, group.offer));
        }
    }
    for (const auto& removal : plan.remove) intents.push_back(removal_intent(pass, removal));
    return intents;
}

void note_terminated(Pass& pass, const Intent& intent) {
    pass.done.push_back({"terminate", intent.instance_id, intent.reason});
    pass.unsettled = true;
    if (intent.reason == "not_joined") {
        rest_offer(pass.memory, intent.offer, pass.now, "did not join in time", false);
    } else {
        note_removal(pass.memory, pass.now);
    }
}

}  // namespace

std::vector<Intent> launch(Pass& pass, const std::vector<Intent>& intents) {
    std::vector<Intent> refused;
    for (std::size_t first = 0; first < intents.size(); first += launches_in_flight) {
        if (!may_act_now(pass)) break;
        const auto last = std::min(intents.size(), first + launches_in_flight);
        const std::vector<Intent> batch(std::next(intents.begin(), std::ptrdiff_t(first)),
                                        std::next(intents.begin(), std::ptrdiff_t(last)));
        const auto answers = pass.ports.fleet.launch(batch);
        for (std::size_t i = 0; i < batch.size(); ++i) {
            if (answers[i]) {
                note_launched(pass, batch[i], *answers[i]);
            } else if (note_refused(pass, batch[i], answers[i].error())) {
                refused.push_back(batch[i]);
            }
        }
    }
    return refused;
}

void terminate(Pass& pass, const std::vector<Intent>& intents) {
    if (intents.empty() || !may_act_now(pass)) return;
    std::vector<std::string> ids;
    for (const auto& intent : intents) ids.push_back(intent.instance_id);
    const auto answers = pass.ports.fleet.terminate(ids);
    for (std::size_t i = 0; i < intents.size(); ++i) {
        if (answers[i]) {
            note_terminated(pass, intents[i]);
            continue;
        }
        const auto& error = answers[i].error();
        pass.succeeded = false;
        pass.done.push_back({"terminate", intents[i].instance_id, "failed", error.text});
        if (error.kind == ErrorKind::denied || error.kind == ErrorKind::invalid) {
            close_intent(pass, intents[i]);
            note_removal(pass.memory, pass.now);  // the cooldown keeps us from asking each time
        }
    }
}

void apply(Pass& pass, const Plan& plan) {
    const auto intents = intents_of(pass, plan);
    if (!announce_all(pass, intents)) return;
    std::vector<Intent> launches;
    std::vector<Intent> removals;
    for (const auto& intent : intents) {
        (intent.kind == IntentKind::launch ? launches : removals).push_back(intent);
    }
    while (!launches.empty()) {
        launches = next_offers(pass, launch(pass, launches));
        if (!announce_all(pass, launches)) break;
    }
    terminate(pass, removals);
}

}  // namespace nodenap
