#pragma once

#include "controller/lease.hpp"
#include "controller/reconcile.hpp"

#include <set>
#include <string>
#include <vector>

namespace nodenap {

/// One pass under the lease: what it read, what it did, and what its last write will save. Used
/// only by the .cpp files of the pass.
struct Pass {
    const Ports& ports;
    const Settings& settings;
    Lease lease;
    State state;  // as acquired; operations as recorded and closed by this pass
    Time now{};

    Reading<std::vector<Instance>> fleet = {};
    Memory memory = {};
    std::vector<Effect> done = {};
    std::set<std::string> closed = {};    // operations that the next fenced write removes
    std::set<std::string> answered = {};  // and launches whose response it saves
    int next_ordinal = 0;
    bool lost = false;  // a newer epoch has taken over, or the lease is about to expire
    bool succeeded = true;
    bool acted = false;         // an action of this pass must be checked again soon
    bool needs_person = false;  // the user must fix something; another pass would be refused again
};

/// Whether mode and pause allow launches or removals now.
bool may_launch(const Pass& pass);
bool may_remove(const Pass& pass);

/// Whether an outside effect may still start; logs it once if not.
bool may_act_now(Pass& pass);

/// The changes of recorded operations for the next fenced write.
void carry_along(const Pass& pass, Change& change);

/// The in-flight operations that no call of this pass has closed.
std::vector<Operation> still_open(const Pass& pass);

/// Notices whose instance has terminated. While it runs its notice is kept: a second one, written
/// during this pass, could not be distinguished from the first.
std::vector<std::string> handled_interruptions(const Pass& pass);

/// Operations that an older pass left in flight: adopted, repeated, or closed once they can no
/// longer succeed. One that matches no configured pool is refused: the state may have been tampered
/// with.
void recover(Pass& pass, const Signals& signals);

/// The removals that the rules would make now; logs why each other one is held back.
std::vector<Operation> still_allowed(Pass& pass, const Signals& signals,
                                     std::vector<Operation> removals);

/// Carries out a plan: records its operations in one fenced write, then makes the calls. An
/// offering that EC2 refuses goes into backoff, and the missing nodes are planned again with the
/// same observation. Final refusals are added to the reasons of `plan`.
void apply(Pass& pass, const Snapshot& seen, Plan& plan);

/// The two kinds of call. A launch counts until EC2 lists it; a removal is repeated until EC2 lists
/// it as terminated. `launch` returns how many EC2 had no capacity for.
int launch(Pass& pass, const std::vector<Operation>& operations);
void terminate(Pass& pass, const std::vector<Operation>& operations);

/// A worker that terminated before it registered, with EC2's `reason` if there is one: its offering
/// goes into backoff.
void note_death(Pass& pass, const std::string& instance_id, const Offering& offering,
                const std::string& reason = "");
/// A launch that was counted when it was recorded never happened.
void forget_launch(Memory& memory, Time announced);

/// Marks instances with an interruption or an in-flight removal as terminating, and adds each
/// in-flight launch that is not listed yet as a booting instance, with the id of its operation if
/// it has none yet.
std::vector<Instance> with_open_operations(std::vector<Instance> fleet, const State& state,
                                           const std::set<std::string>& closed, Time now);

/// The rules' input, as if the in-flight operations in `uncounted` had not been recorded.
Snapshot snapshot_of(const Pass& pass, const std::set<std::string>& uncounted, Signals signals,
                     Memory memory);

}  // namespace nodenap
