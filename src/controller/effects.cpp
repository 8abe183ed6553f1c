#include "controller/error_codes.hpp"
#include "controller/pass.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <utility>

namespace nodenap {
namespace {

std::vector<std::vector<Intent>> batches(const std::vector<Intent>& intents) {
    std::vector<std::vector<Intent>> result;
    for (const auto& intent : intents) {
        if (result.empty() || result.back().size() == calls_in_flight) result.emplace_back();
        result.back().push_back(intent);
    }
    return result;
}

/// It is remembered until it is listed: a list that is behind must not count it out.
void keep_answer(Pass& pass, Intent intent, const std::string& instance_id) {
    std::erase_if(pass.state.open_intents,
                  [&](const Intent& open) { return open.id == intent.id; });
    pass.answered.insert(intent.id);
    intent.instance_id = instance_id;
    intent.since = pass.ports.clock.now();  // it is awaited from the answer on
    pass.state.launched.push_back(std::move(intent));
}

void note_launched(Pass& pass, const Intent& intent, const Instance& instance) {
    pass.acted = true;
    if (instance.state == InstanceState::terminated) {
        pass.closed.insert(intent.id);
        pass.done.push_back(
            {"launch", instance.id, "dead", "the instance of this request is gone"});
        note_death(pass, instance.id, intent.offer, instance.state_reason);
        return;
    }
    keep_answer(pass, intent, instance.id);
    auto fleet = pass.fleet.value();
    fleet.push_back(instance);
    pass.fleet = std::move(fleet);
    // Ours from now on, also for an event about it; and awaited from now on.
    pass.memory.instances[instance.id].first_seen_at = pass.now;
    pass.done.push_back({"launch", instance.id, "launched"});
}

void close_refused(Pass& pass, const Intent& intent) {
    pass.closed.insert(intent.id);
    forget_launch(pass.memory, intent.since);
}

/// Why an offer rests. What a person can fix is said in full: the code alone is no advice, and the
/// next passes buy another offer without asking again.
std::string cause_of(const Error& error) {
    if (error.code == no_spot_role) return error.text;
    return error.code.empty() ? error.text : error.code;
}

/// Whether EC2 had no capacity, so that another offer may be tried.
bool note_refused(Pass& pass, const Intent& intent, const Error& error) {
    const auto cause = cause_of(error);
    pass.done.push_back({"launch", intent.id, "refused", error.text});
    switch (error.kind) {
        case ErrorKind::no_capacity:
            rest_offer(pass.memory, intent.offer, pass.now, cause, error.code == "Unsupported");
            close_refused(pass, intent);
            pass.acted = true;
            return true;
        case ErrorKind::denied:
        case ErrorKind::invalid:
            // Only a person can mend it; resting keeps us from asking in every pass.
            rest_offer(pass.memory, intent.offer, pass.now, cause, false);
            close_refused(pass, intent);
            pass.needs_person = true;
            break;
        case ErrorKind::conflict:
            // The token was used for another request: its instance is listed soon, or is gone.
            if (pass.now - intent.since >= listed_after) close_refused(pass, intent);
            break;
        default:
            // Unavailable, throttled, unknown: it may have been done, or may be done soon.
            break;  // stays open: settled by repeating
    }
    pass.succeeded = false;
    return false;
}

/// EC2 forgets an instance an hour after its end. In the first minutes after a launch it may deny
/// one that runs: its calls agree in the end only.
bool is_old_enough_to_be_gone(const Pass& pass, const std::string& instance_id) {
    const auto& fleet = pass.fleet.value();
    return std::any_of(fleet.begin(), fleet.end(), [&](const Instance& one) {
        return one.id == instance_id && pass.now - one.launched_at >= known_everywhere_after;
    });
}

void note_terminated(Pass& pass, const Intent& intent, const Status& answer) {
    const bool is_unknown = !answer && answer.error().code == no_such_instance;
    if (answer || (is_unknown && is_old_enough_to_be_gone(pass, intent.instance_id))) {
        pass.done.push_back({"terminate", intent.instance_id, intent.reason});
        pass.acted = true;
        return;
    }
    const auto& error = answer.error();
    if (is_unknown) {  // in flight: the intent stays open, and the call is repeated
        pass.done.push_back({"terminate", intent.instance_id, "in flight", error.text});
        pass.acted = true;
        return;
    }
    pass.succeeded = false;
    pass.done.push_back({"terminate", intent.instance_id, "failed", error.text});
    if (error.kind == ErrorKind::denied || error.kind == ErrorKind::invalid) {
        pass.closed.insert(intent.id);  // certainly not done
        note_refused_removal(pass.memory, intent.instance_id, pass.now);
        pass.needs_person = true;
    }
}

/// Whether EC2 had no capacity for it.
bool note_fate(Pass& pass, const Intent& intent, const Result<Instance>& answer) {
    if (!answer) return note_refused(pass, intent, answer.error());
    note_launched(pass, intent, *answer);
    return false;
}

}  // namespace

bool may_act_now(Pass& pass) {
    if (!pass.lost && !may_act(pass.lease, pass.ports.clock.monotonic())) {
        pass.lost = true;
        pass.succeeded = false;
        pass.ports.log.write({"lease_ending", {{"epoch", pass.lease.epoch}}});
    }
    return !pass.lost;
}

int launch(Pass& pass, const std::vector<Intent>& intents) {
    int refused = 0;
    for (const auto& batch : batches(intents)) {
        if (!may_act_now(pass)) break;
        const auto answers = pass.ports.fleet.launch(batch);
        assert(answers.size() == batch.size());
        for (std::size_t i = 0; i < batch.size(); ++i) {
            refused += note_fate(pass, batch[i], answers[i]) ? 1 : 0;
        }
    }
    return refused;
}

void terminate(Pass& pass, const std::vector<Intent>& intents) {
    for (const auto& batch : batches(intents)) {
        if (!may_act_now(pass)) break;
        std::vector<std::string> ids;
        for (const auto& intent : batch) ids.push_back(intent.instance_id);
        const auto answers = pass.ports.fleet.terminate(ids);
        assert(answers.size() == batch.size());
        for (std::size_t i = 0; i < batch.size(); ++i) note_terminated(pass, batch[i], answers[i]);
    }
}

void note_death(Pass& pass, const std::string& instance_id, const Offer& offer,
                const std::string& reason) {
    std::string cause = "ended before it joined";
    if (!reason.empty()) cause += ": " + reason;
    pass.done.push_back({"close", instance_id, cause});
    rest_offer(pass.memory, offer, pass.now, instance_id + " " + cause, false);
}

void forget_launch(Memory& memory, Time announced) {
    // Remembered launches are kept by the second.
    const auto found = std::find_if(memory.launches.begin(), memory.launches.end(), [&](Time at) {
        return std::chrono::abs(announced - at) < std::chrono::seconds(1);
    });
    if (found != memory.launches.end()) memory.launches.erase(found);
}

}  // namespace nodenap
