#pragma once

#include "controller/ports.hpp"

#include <atomic>

namespace nodenap {

/// The machine's clocks. A sleep ends early once `interrupted` is true (a signal handler sets
/// it), within 100 ms; null: it never does. `wrong_by` makes the wall clock go ahead (or behind),
/// for tests of a machine whose clock is off.
class SystemClock final : public Clock {
public:
    explicit SystemClock(const std::atomic<bool>* interrupted = nullptr,
                         Milliseconds wrong_by = Milliseconds{0})
        : interrupted_(interrupted), wrong_by_(wrong_by) {}

    Time now() override;
    Milliseconds monotonic() override;
    void sleep_for(Milliseconds span) override;

private:
    const std::atomic<bool>* interrupted_;
    Milliseconds wrong_by_;
};

}  // namespace nodenap
