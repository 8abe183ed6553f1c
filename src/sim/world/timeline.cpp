#include "sim/world/timeline.hpp"

#include <algorithm>
#include <cassert>
#include <tuple>
#include <utility>

namespace nodenap::sim {

bool Timeline::is_later(const Event& a, const Event& b) {
    return std::tie(a.when, a.order) > std::tie(b.when, b.order);
}

void Timeline::at(Time when, std::function<void()> what) {
    events_.push_back({std::max(when, now_), planned_++, std::move(what)});
    std::push_heap(events_.begin(), events_.end(), is_later);
}

void Timeline::happen() {
    std::pop_heap(events_.begin(), events_.end(), is_later);
    const Event event = std::move(events_.back());
    events_.pop_back();
    now_ = event.when;
    event.what();
}

// By value: the list of fibers may move while this one runs.
void Timeline::step(std::shared_ptr<Fiber> fiber) {  // NOLINT(performance-unnecessary-value-param)
    fiber->resume();
    if (fiber->ended()) std::erase(fibers_, fiber);
}

void Timeline::start(std::function<void()> body) {
    fibers_.push_back(std::make_shared<Fiber>(std::move(body)));
    at(now_, [this, fiber = fibers_.back()] { step(fiber); });
}

void Timeline::wait(Milliseconds span) {
    const Time until = now_ + span;
    const bool nothing_before = events_.empty() || events_.front().when > until;
    if (nothing_before && until <= end_) {
        now_ = until;
        return;
    }
    Fiber* self = Fiber::current();
    assert(self != nullptr);
    const auto found = std::find_if(fibers_.begin(), fibers_.end(),
                                    [&](const auto& fiber) { return fiber.get() == self; });
    at(until, [this, fiber = *found] { step(fiber); });
    Fiber::suspend();
}

void Timeline::run_until(Time end) {
    end_ = end;
    while (!events_.empty() && events_.front().when <= end) happen();
    now_ = std::max(now_, end);
}

void Timeline::run_out() {
    while (!fibers_.empty() && !events_.empty()) happen();
    assert(fibers_.empty());
}

}  // namespace nodenap::sim
