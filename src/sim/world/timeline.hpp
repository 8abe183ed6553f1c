#pragma once

#include "base/units.hpp"
#include "sim/world/fiber.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace nodenap::sim {

/// The clock and event queue of a simulated world. Time advances from one event to the next; events
/// of the same moment run in the order they were added.
class Timeline {
public:
    explicit Timeline(Time start) : now_(start) {}

    Time now() const { return now_; }
    void at(Time when, std::function<void()> what);
    void after(Milliseconds span, std::function<void()> what) { at(now_ + span, std::move(what)); }

    /// Runs `body` as the next event, in its own fiber, so that it may wait anywhere.
    void start(std::function<void()> body);
    /// Must run in a fiber: waits while all earlier events run.
    void wait(Milliseconds span);

    void run_until(Time end);
    bool has_fibers() const { return !fibers_.empty(); }
    /// Runs until no fiber is left; the caller ensures that each will end.
    void run_out();

private:
    struct Event {
        Time when{};
        std::uint64_t order = 0;
        std::function<void()> what;
    };
    static bool is_later(const Event& a, const Event& b);
    void happen();
    void step(std::shared_ptr<Fiber> fiber);

    Time now_{};
    Time end_{};
    std::uint64_t planned_ = 0;
    std::vector<Event> events_;  // a heap, next event first
    std::vector<std::shared_ptr<Fiber>> fibers_;
};

}  // namespace nodenap::sim
