#pragma once

#include "model/snapshot.hpp"

#include <optional>
#include <string>

namespace nodenap {

// Backoff: what EC2 refused, or what did not register, is not asked for again at once.

/// `first`, doubled `times` times, but never above `longest`.
Milliseconds doubled(Milliseconds first, int times, Milliseconds longest);

/// An offering that EC2 refused rests 3 minutes, doubling to 30; one not sold in its zone, 24
/// hours. Refusals of one batch count once: what rests already does not rest longer for them.
void back_off(Memory& memory, const Offering& offering, Time now, std::string cause, bool not_sold);
bool is_in_backoff(const Memory& memory, const Offering& offering, Time now);
/// Half an hour after its end a backoff is forgotten, and the next one begins short again.
void forget_old_backoffs(Memory& memory, Time now);

/// An instance that did not join is given up, and its offering rests: once an instance, as one that
/// EC2 keeps (termination protection) is given up again and again.
void note_registration_failure(Memory& memory, const std::string& instance_id,
                               const Offering& offering, Time now);

/// EC2 refuses to terminate an instance: a person must mend that (termination protection, rights).
/// It is left alone for half an hour, so that it holds up nothing else.
void note_refused_removal(Memory& memory, const std::string& instance_id, Time now);
/// For how long it is still left alone; nothing if it is not.
std::optional<Milliseconds> refused_for(const Memory& memory, const std::string& instance_id,
                                        Time now);

}  // namespace nodenap
