#include "app/cli/command_clock.hpp"

#include "decide/explain.hpp"

#include <algorithm>

namespace nodenap {
namespace {

constexpr Milliseconds step = std::chrono::seconds(1);
/// A shorter wait is over before it is read.
constexpr Milliseconds worth_saying = std::chrono::seconds(3);
/// Longer than any invocation, so that what waits for its end sees it.
constexpr Milliseconds to_the_end = std::chrono::hours(1);

}  // namespace

void CommandClock::sleep_for(Milliseconds span) {
    const bool said = span >= worth_saying;
    while (span > Milliseconds(0) && !interrupted_) {
        if (said) terminal_.progress("Waiting " + duration_text(span) + " …");
        const Milliseconds now = std::min(span, step);
        clock_.sleep_for(now);
        span -= now;
    }
    if (interrupted_) skipped_ += to_the_end;
}

}  // namespace nodenap
