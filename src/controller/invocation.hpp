#pragma once

#include "controller/reconcile.hpp"

#include <functional>

namespace nodenap {

/// One invocation: its time limit and its source of random numbers.
struct Wakeup {
    Trigger trigger;
    Milliseconds time_left{};             // until Lambda or the command's limit ends the process
    std::function<std::string()> random;  // 32 hex digits, new at each call
};

/// Runs passes until nothing is in flight or the time is over; sleeps between them without the
/// lease. A scheduled invocation that finds the lease held ends at once; an event waits for it for
/// at most 20 s, then leaves its work to the next tick. A spot or rebalance notice is saved first,
/// so that any pass can handle it; an event about an instance that is not a worker returns
/// `not_ours` after one read. Returns the last pass that did something, else the last that decided;
/// an error if the first pass failed.
Result<Outcome> run_invocation(const Ports& ports, const Settings& settings, const Wakeup& wakeup);

}  // namespace nodenap
