#include "controller/error_codes.hpp"
#include "controller/pass.hpp"
#include "decide/backoff.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <utility>

namespace nodenap {
namespace {

std::vector<std::vector<Operation>> batches(const std::vector<Operation>& operations) {
    std::vector<std::vector<Operation>> result;
    for (const auto& operation : operations) {
        if (result.empty() || result.back().size() == calls_in_flight) result.emplace_back();
        result.back().push_back(operation);
    }
    return result;
}

/// The launch is remembered until EC2 lists it, so that it counts even while the list is outdated.
void keep_answer(Pass& pass, Operation operation, const std::string& instance_id) {
    std::erase_if(pass.state.open_operations,
                  [&](const Operation& open) { return open.id == operation.id; });
    pass.answered.insert(operation.id);
    operation.instance_id = instance_id;
    operation.since = pass.ports.clock.now();  // its registration is awaited from the response on
    pass.state.launched.push_back(std::move(operation));
}

void note_launched(Pass& pass, const Operation& operation, const Instance& instance) {
    pass.acted = true;
    if (instance.state == InstanceState::terminated) {
        pass.closed.insert(operation.id);
        pass.done.push_back({"launch", instance.id, "dead",
                             "the instance of this request has terminated",
                             operation.offering.instance_type});
        note_death(pass, instance.id, operation.offering, instance.state_reason);
        return;
    }
    keep_answer(pass, operation, instance.id);
    auto fleet = pass.fleet.value();
    fleet.push_back(instance);
    pass.fleet = std::move(fleet);
    // From now on it is a worker, also for events about it, and its registration is awaited.
    pass.memory.instances[instance.id].first_seen_at = pass.now;
    pass.done.push_back(
        {"launch", instance.id, "launched", std::nullopt, operation.offering.instance_type});
}

void close_refused(Pass& pass, const Operation& operation) {
    pass.closed.insert(operation.id);
    forget_launch(pass.memory, operation.since);
}

/// Why an offering is in backoff. Errors that a user can fix are quoted in full: the code alone
/// does not help, and the next passes use another offering without calling again.
std::string cause_of(const Error& error) {
    if (error.code == no_spot_role) return error.text;
    return error.code.empty() ? error.text : error.code;
}

/// Whether EC2 had no capacity, so that another offering can be tried.
bool note_refused(Pass& pass, const Operation& operation, const Error& error) {
    const auto cause = cause_of(error);
    pass.done.push_back(
        {"launch", operation.id, "refused", error.text, operation.offering.instance_type});
    switch (error.kind) {
        case ErrorKind::no_capacity:
            back_off(pass.memory, operation.offering, pass.now, cause, error.code == "Unsupported");
            close_refused(pass, operation);
            pass.acted = true;
            return true;
        case ErrorKind::denied:
        case ErrorKind::invalid:
            // Only the user can fix this; the backoff avoids a call in every pass.
            back_off(pass.memory, operation.offering, pass.now, cause, false);
            close_refused(pass, operation);
            pass.needs_person = true;
            break;
        case ErrorKind::conflict:
            // The token was used for a different request: its instance will be listed soon, or has
            // terminated.
            if (pass.now - operation.since >= listed_after) close_refused(pass, operation);
            break;
        default:
            // Unavailable, throttled, unknown: EC2 may have launched it, or may do so soon.
            break;  // stays in flight and is repeated
    }
    pass.succeeded = false;
    return false;
}

/// EC2 forgets an instance an hour after it has terminated. In the first minutes after a launch it
/// may not know a running one, since its API is eventually consistent.
bool is_old_enough_to_be_gone(const Pass& pass, const std::string& instance_id) {
    const auto& fleet = pass.fleet.value();
    return std::any_of(fleet.begin(), fleet.end(), [&](const Instance& one) {
        return one.id == instance_id && pass.now - one.launched_at >= known_everywhere_after;
    });
}

void note_terminated(Pass& pass, const Operation& operation, const Status& answer) {
    const bool is_unknown = !answer && answer.error().code == no_such_instance;
    if (answer || (is_unknown && is_old_enough_to_be_gone(pass, operation.instance_id))) {
        pass.done.push_back({"terminate", operation.instance_id, operation.reason, std::nullopt,
                             operation.offering.instance_type});
        pass.acted = true;
        return;
    }
    const auto& error = answer.error();
    if (is_unknown) {  // the operation stays in flight, and the call is repeated
        pass.done.push_back({"terminate", operation.instance_id, "in flight", error.text});
        pass.acted = true;
        return;
    }
    pass.succeeded = false;
    pass.done.push_back({"terminate", operation.instance_id, "failed", error.text});
    if (error.kind == ErrorKind::denied || error.kind == ErrorKind::invalid) {
        pass.closed.insert(operation.id);  // EC2 did not terminate it
        note_refused_removal(pass.memory, operation.instance_id, pass.now);
        pass.needs_person = true;
    }
}

/// Returns whether EC2 had no capacity for it.
bool note_fate(Pass& pass, const Operation& operation, const Result<Instance>& answer) {
    if (!answer) return note_refused(pass, operation, answer.error());
    note_launched(pass, operation, *answer);
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

int launch(Pass& pass, const std::vector<Operation>& operations) {
    int refused = 0;
    for (const auto& batch : batches(operations)) {
        if (!may_act_now(pass)) break;
        const auto answers = pass.ports.fleet.launch(batch);
        assert(answers.size() == batch.size());
        for (std::size_t i = 0; i < batch.size(); ++i) {
            refused += note_fate(pass, batch[i], answers[i]) ? 1 : 0;
        }
    }
    return refused;
}

void terminate(Pass& pass, const std::vector<Operation>& operations) {
    for (const auto& batch : batches(operations)) {
        if (!may_act_now(pass)) break;
        std::vector<std::string> ids;
        for (const auto& operation : batch) ids.push_back(operation.instance_id);
        const auto answers = pass.ports.fleet.terminate(ids);
        assert(answers.size() == batch.size());
        for (std::size_t i = 0; i < batch.size(); ++i) note_terminated(pass, batch[i], answers[i]);
    }
}

void note_death(Pass& pass, const std::string& instance_id, const Offering& offering,
                const std::string& reason) {
    std::string cause = "terminated before it registered";
    if (!reason.empty()) cause += ": " + reason;
    pass.done.push_back({"close", instance_id, cause});
    back_off(pass.memory, offering, pass.now, instance_id + " " + cause, false);
}

void forget_launch(Memory& memory, Time announced) {
    // Launch times are saved in whole seconds.
    const auto found = std::find_if(memory.launches.begin(), memory.launches.end(), [&](Time at) {
        return std::chrono::abs(announced - at) < std::chrono::seconds(1);
    });
    if (found != memory.launches.end()) memory.launches.erase(found);
}

}  // namespace nodenap
