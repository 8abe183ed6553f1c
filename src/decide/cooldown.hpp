#pragma once

#include "model/snapshot.hpp"

namespace nodenap {

// Waiting times between actions: how long CPU has been low, the cooldown after a removal, and the
// // launches of the last hour.

/// Since when CPU has been low, including this pass, if it is low now. Passes too far apart (twice
/// `unneeded_for`, and at least 10 minutes) prove nothing about the time between: then since now.
Time low_since(const Snapshot& snapshot, const Policy& policy);

/// The cooldown now in force: the configured one, doubled for each removal that was premature.
Milliseconds cooldown_length(const Memory& memory, const Policy& policy);

/// The launches in the hour before `now`, plus five minutes: a launch may be recorded that long
/// before it is sent.
int launches_of_last_hour(const Memory& memory, Time now);
void forget_old_launches(Memory& memory, Time now);

/// Remembers actions for the limits and the cooldown. A removal 10 minutes or less before pods or
/// load need a node again was premature: the cooldown doubles, once for each.
void note_launch(Memory& memory, Time now);
void note_removal(Memory& memory, Time now);
/// A dead worker was terminated; a later shortage does not make that premature.
void note_repair(Memory& memory, Time now);
/// Undoes the removals that were noted since `before`, because they never happened.
void forget_removal(Memory& memory, const Memory& before);
void note_shortage(Memory& memory, Time now);

}  // namespace nodenap
