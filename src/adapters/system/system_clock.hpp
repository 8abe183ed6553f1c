#pragma once

#include "controller/ports.hpp"

#include <atomic>

namespace nodenap {

/// The machine's clocks. A sleep ends within 100 ms once `interrupted` is true (a signal handler
/// sets it); null: never interrupted. `wrong_by` shifts the wall clock, for tests of clock skew.
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
