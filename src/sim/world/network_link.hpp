#pragma once

#include "sim/checker/checker.hpp"
#include "sim/world/random.hpp"

#include <chrono>
#include <string>

namespace nodenap::sim {

class World;

/// A range of durations.
struct Span {
    Milliseconds least;
    Milliseconds most;
};

/// The network link from one process to the services: calls take time, and the process may crash or
/// be suspended during them. A crashed process runs to its end without any effect.
class NetworkLink {
public:
    /// The largest error of a clock, and its largest jump.
    static constexpr Milliseconds most_off = std::chrono::minutes(1);
    static constexpr Milliseconds most_jump = std::chrono::minutes(10);

    NetworkLink(World& world, int number);
    ~NetworkLink() = default;
    NetworkLink(const NetworkLink&) = delete;
    NetworkLink& operator=(const NetworkLink&) = delete;

    void kill(const char* why);
    bool is_dead() const { return dead_; }
    void say(const std::string& text);

    /// Before a call is sent: the process may crash here, or be suspended. False: it has crashed.
    bool leaves();
    /// When the call has reached the service.
    bool arrives(Span takes);
    /// When the response is ready. False: the process has crashed and never receives it.
    bool hears();
    /// When the response has arrived.
    bool hears(Span takes);

    /// The current error of the process's clock.
    Milliseconds clock_off() const;
    /// AWS refuses requests signed with a clock that is too far off.
    bool is_signature_refused() const;
    /// The item shows who acquired the lease, even if the response is lost or the write refused.
    void learn_epoch(const Change& change, const Updated& updated);

    Sender sender;
    Random random;

private:
    World& world_;
    int number_;
    Time began_{};
    Milliseconds wrong_by_{0};
    Milliseconds jump_{0};
    Time jumps_at_{};
    bool dead_ = false;
};

}  // namespace nodenap::sim
