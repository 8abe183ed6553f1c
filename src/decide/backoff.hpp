#pragma once

#include "model/snapshot.hpp"

#include <optional>
#include <string>

namespace nodenap {

// Backoff: offerings that EC2 refused or whose instances did not register are not requested again
// // at once.

/// `first`, doubled `times` times, but never above `longest`.
Milliseconds doubled(Milliseconds first, int times, Milliseconds longest);

/// An offering that EC2 refused is in backoff for 3 minutes, doubling to 30; one not available in
/// its zone for 24 hours. Refusals of one batch count once: they do not extend a current backoff.
void back_off(Memory& memory, const Offering& offering, Time now, std::string cause, bool not_sold);
bool is_in_backoff(const Memory& memory, const Offering& offering, Time now);
/// Half an hour after its end a backoff is forgotten, so the next one starts short again.
void forget_old_backoffs(Memory& memory, Time now);

/// An instance that did not register is terminated, and its offering goes into backoff: only once
/// per instance, since one with termination protection is terminated again and again.
void note_registration_failure(Memory& memory, const std::string& instance_id,
                               const Offering& offering, Time now);

/// EC2 refused to terminate an instance: the user must fix that (termination protection,
/// permissions). It is not tried again for half an hour, so that it does not block other removals.
void note_refused_removal(Memory& memory, const std::string& instance_id, Time now);
/// The time until it is tried again; nullopt if it may be tried now.
std::optional<Milliseconds> refused_for(const Memory& memory, const std::string& instance_id,
                                        Time now);

}  // namespace nodenap
