#pragma once

#include "controller/lease.hpp"
#include "controller/ports.hpp"
#include "controller/trigger.hpp"

namespace nodenap {

/// What one pass did. `in_flight`: something is booting or unsettled, so look again soon.
struct Outcome {
    Record record;
    bool held_by_another = false;
    bool in_flight = false;
    bool succeeded = true;  // every source and effect that was needed answered
};

/// Nothing was looked at and nothing done, for this reason.
Outcome hold(const Settings& settings, const Trigger& trigger, Time now, Reason reason);

/// One pass: acquire, settle, look, decide, plan, apply, release. An error means that the state
/// could not be read or kept; whatever was announced is settled by the next pass.
Result<Outcome> reconcile(const Ports& ports, const Settings& settings, const Trigger& trigger,
                          const Claim& claim);

/// Everything that a pass would decide on now, read without the lease.
Result<Snapshot> observe_cluster(const Ports& ports, const Settings& settings);

/// What a pass would do now, without the lease and without effects.
Result<Plan> preview(const Ports& ports, const Settings& settings);

}  // namespace nodenap
