#pragma once

#include "controller/lease.hpp"
#include "controller/reconcile.hpp"

#include <set>
#include <string>
#include <vector>

namespace nodenap {

/// One pass under the lease: what it found, what it did, and what its last write will keep.
/// Only the .cpp files of the pass use it.
struct Pass {
    const Ports& ports;
    const Settings& settings;
    Lease lease;
    State state;  // as acquired; its open operations as this pass has announced and closed them
    Time now{};

    Reading<std::vector<Instance>> fleet = {};
    Memory memory = {};
    std::vector<Effect> done = {};
    std::set<std::string> closed = {};    // operations that the next fenced write will take away
    std::set<std::string> answered = {};  // and launches whose answer it will note
    int next_ordinal = 0;
    bool lost = false;  // a newer epoch has taken over, or the lease's end is near
    bool succeeded = true;
    bool acted = false;         // something of this pass must be looked at again soon
    bool needs_person = false;  // looking again would only be refused again
};

/// What a person allows just now.
bool may_launch(const Pass& pass);
bool may_remove(const Pass& pass);

/// Whether an outside effect may still begin; says so once when it may not.
bool may_act_now(Pass& pass);

/// What the next fenced write must say of the operations that are already written.
void carry_along(const Pass& pass, Change& change);

/// The open operations that no call of this pass has closed.
std::vector<Operation> still_open(const Pass& pass);

/// Notices whose instance is gone. While it runs its notice stays: a second one, written while
/// this pass runs, could not be told from the first.
std::vector<std::string> handled_interruptions(const Pass& pass);

/// Intents that an older pass left open: adopted, repeated, or closed once they cannot land. What
/// no configured pool would ask for is refused: the state may have been tampered with.
void recover(Pass& pass, const Signals& signals);

/// The removals that the rules would make now; says of each other one why it is held back.
std::vector<Operation> still_allowed(Pass& pass, const Signals& signals,
                                     std::vector<Operation> removals);

/// Carries a plan out: operations written in one fenced write, then the calls. Where EC2 refuses an
/// offering it rests, and what is missing is planned anew from the same sight. What stays refused
/// is added to the reasons of `plan`.
void apply(Pass& pass, const Snapshot& seen, Plan& plan);

/// The two kinds of call. A launch counts until a list of EC2 shows it, a removal is repeated
/// until a list shows it gone. `launch` gives back how many EC2 had no capacity for.
int launch(Pass& pass, const std::vector<Operation>& operations);
void terminate(Pass& pass, const std::vector<Operation>& operations);

/// An instance of ours that terminated before it registered, for EC2's `reason` if it gave one: its
/// offering rests.
void note_death(Pass& pass, const std::string& instance_id, const Offering& offering,
                const std::string& reason = "");
/// A launch that was counted when it was announced never happened.
void forget_launch(Memory& memory, Time announced);

/// Marks what goes by itself or by an open removal, and counts each announced launch that is not
/// listed yet as one more booting instance, under the id of its operation if it has none yet.
std::vector<Instance> with_open_operations(std::vector<Instance> fleet, const State& state,
                                           const std::set<std::string>& closed, Time now);

/// What the rules see of a pass, where the open operations in `uncounted` had not been announced.
Snapshot snapshot_of(const Pass& pass, const std::set<std::string>& uncounted, Signals signals,
                     Memory memory);

}  // namespace nodenap
