#include "adapters/system/system_clock.hpp"

#include <algorithm>
#include <thread>

namespace nodenap {

namespace {

constexpr Milliseconds slice{100};

}  // namespace

Time SystemClock::now() {
    return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now()) + wrong_by_;
}

Milliseconds SystemClock::monotonic() {
    const auto since_start = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::floor<Milliseconds>(since_start);
}

void SystemClock::sleep_for(Milliseconds span) {
    const auto until = std::chrono::steady_clock::now() + std::max(span, Milliseconds{0});
    while (!(interrupted_ && interrupted_->load())) {
        const auto left = until - std::chrono::steady_clock::now();
        if (left <= left.zero()) return;
        // The library's sleep continues after a signal, so it sleeps in short steps.
        std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(left, slice));
    }
}

}  // namespace nodenap
