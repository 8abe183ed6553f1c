#pragma once

#include "controller/reconcile.hpp"

#include <functional>

namespace nodenap {

/// One wake-up: how long it may last and where randomness comes from.
struct Wakeup {
    Trigger trigger;
    Milliseconds time_left{};             // until Lambda or the command's limit ends us
    std::function<std::string()> random;  // 32 hex digits, new at each call
};

/// Passes until nothing is in flight or the time is over; sleeps between them without the lease.
/// A scheduled wake-up that finds the lease held ends at once; an event waits for at most 20 s and
/// leaves the rest to the next tick. A spot or rebalance notice is first written where any pass
/// finds it; an event about an instance that is not ours is answered `not_ours` after one read.
/// Answers the last pass that did something, else the last that decided; the error of the first
/// pass.
Result<Outcome> run_invocation(const Ports& ports, const Settings& settings, const Wakeup& wakeup);

}  // namespace nodenap
