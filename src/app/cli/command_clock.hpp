#pragma once

#include "app/cli/terminal.hpp"
#include "controller/ports.hpp"

#include <atomic>

namespace nodenap {

/// A clock for a person who watches: a wait shows on the progress line how long it will take. Once
/// interrupted, a wait ends and the invocation's time is over, so that its pass is the last one.
class CommandClock final : public Clock {
public:
    CommandClock(Clock& clock, Terminal& terminal, const std::atomic<bool>& interrupted)
        : clock_(clock), terminal_(terminal), interrupted_(interrupted) {}

    Time now() override { return clock_.now(); }
    Milliseconds monotonic() override { return clock_.monotonic() + skipped_; }
    void sleep_for(Milliseconds span) override;

private:
    Clock& clock_;
    Terminal& terminal_;
    const std::atomic<bool>& interrupted_;
    Milliseconds skipped_{0};
};

}  // namespace nodenap
