#pragma once

#include "controller/ports.hpp"

#include <atomic>

namespace nodenap {

/// The machine's clocks. A sleep ends early once `interrupted` is true (a signal handler sets
/// it), within 100 ms; null: it never does.
class SystemClock final : public Clock {
public:
    explicit SystemClock(const std::atomic<bool>* interrupted = nullptr)
        : interrupted_(interrupted) {}

    Time now() override;
    Milliseconds monotonic() override;
    void sleep_for(Milliseconds span) override;

private:
    const std::atomic<bool>* interrupted_;
};

}  // namespace nodenap
