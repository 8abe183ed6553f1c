#pragma once

#include "controller/lease.hpp"
#include "controller/ports.hpp"
#include "controller/trigger.hpp"

namespace nodenap {

/// What one pass did. `in_flight`: something is booting or in flight, so another pass should follow
/// soon.
struct Outcome {
    Record record;
    bool held_by_another = false;
    bool in_flight = false;
    bool succeeded = true;  // all needed sources and effects succeeded
};

/// Nothing was observed and nothing done, for this reason.
Outcome hold(const Settings& settings, const Trigger& trigger, Time now, Reason reason);

/// One pass: acquire, observe, recover, decide, plan, apply, release. An error means that the state
/// could not be read or saved; the next pass recovers the recorded operations.
Result<Outcome> reconcile(const Ports& ports, const Settings& settings, const Trigger& trigger,
                          const Claim& claim);

/// The current input of a decision, read without the lease.
Result<Snapshot> observe_cluster(const Ports& ports, const Settings& settings);

/// What a pass would do now, without the lease and without effects.
Result<Plan> preview(const Ports& ports, const Settings& settings);

}  // namespace nodenap
