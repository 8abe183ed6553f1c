#pragma once

#include "model/snapshot.hpp"

namespace nodenap {

// The waiting between actions: how long CPU has been low, the cooldown after a removal, and the
// launches of the last hour.

/// Since when CPU is low, this pass included, where it is low now. Passes too far apart (twice
/// `unneeded_for`, and at least 10 minutes) prove nothing of the time between: then since now.
Time low_since(const Snapshot& snapshot, const Policy& policy);

/// The cooldown now in force: the configured one, doubled for each removal that was premature.
Milliseconds cooldown_length(const Memory& memory, const Policy& policy);

/// What was launched in the hour before `now`, and five minutes more: a launch may be announced
/// that long before it is sent.
int launches_of_last_hour(const Memory& memory, Time now);
void forget_old_launches(Memory& memory, Time now);

/// What was done, for the limits and the cooldown. A removal that comes 10 minutes or less before
/// pods or load ask for a node again was wrong: the cooldown doubles, once for each.
void note_launch(Memory& memory, Time now);
void note_removal(Memory& memory, Time now);
/// A dead worker was terminated: no shortage afterwards makes that premature.
void note_repair(Memory& memory, Time now);
/// The removals that were noted since `before` never happened.
void forget_removal(Memory& memory, const Memory& before);
void note_shortage(Memory& memory, Time now);

}  // namespace nodenap
