#pragma once

#include "controller/lease.hpp"
#include "controller/reconcile.hpp"

#include <set>
#include <string>
#include <vector>

namespace nodenap {

/// One pass under the lease: what it found, what it did, and what its last write will keep.
/// Only reconcile, settle and apply use it.
struct Pass {
    const Ports& ports;
    const Settings& settings;
    Lease lease;
    State state;
    Time now{};

    Reading<std::vector<Instance>> fleet = {};
    Memory memory = {};
    std::vector<Effect> done = {};
    std::vector<std::string> closed = {};  // intents that the release will take away
    int next_ordinal = 0;
    bool lost = false;       // a newer epoch has taken over, or the lease's end is near
    bool succeeded = true;
    bool unsettled = false;  // something of this pass must be looked at again soon
};

/// Intents that an older pass left open: adopted, repeated, or closed once they cannot land.
void settle(Pass& pass);

/// Carries a plan out: intents written in one fenced write, then the calls; a refused offer rests
/// and the walk goes on to the next, with a new intent.
void apply(Pass& pass, const Plan& plan);

/// The two kinds of call. An intent stays open until its outcome is certain. `launch` gives back
/// the intents that EC2 had no capacity for.
std::vector<Intent> launch(Pass& pass, const std::vector<Intent>& intents);
void terminate(Pass& pass, const std::vector<Intent>& intents);

/// Marks what goes by itself or by an open removal, and counts each launch whose outcome is not
/// known yet as one more booting instance.
std::vector<Instance> with_open_intents(std::vector<Instance> fleet, const State& state,
                                        const std::set<std::string>& closed, Time now);

}  // namespace nodenap
