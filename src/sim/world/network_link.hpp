#pragma once

#include "sim/checker/checker.hpp"
#include "sim/world/random.hpp"

#include <chrono>
#include <string>

namespace nodenap::sim {

class World;

/// How long something may take.
struct Span {
    Milliseconds least;
    Milliseconds most;
};

/// The way from one process to its peers: it takes time, and the process may die or sleep on it.
/// A process that is dead goes on to its end without any effect.
class NetworkLink {
public:
    /// A clock is wrong by at most this, and jumps by at most that.
    static constexpr Milliseconds most_off = std::chrono::minutes(1);
    static constexpr Milliseconds most_jump = std::chrono::minutes(10);

    NetworkLink(World& world, int number);
    ~NetworkLink() = default;
    NetworkLink(const NetworkLink&) = delete;
    NetworkLink& operator=(const NetworkLink&) = delete;

    void kill(const char* why);
    bool is_dead() const { return dead_; }
    void say(const std::string& text);

    /// A call is about to go out: the process may die here, or sleep first. False: it is dead.
    bool leaves();
    /// … and has reached the peer.
    bool arrives(Span takes);
    /// The answer is there. False: the process is dead, and will never know.
    bool hears();
    /// … after its way back.
    bool hears(Span takes);

    /// How far the process's own clock is off now.
    Milliseconds clock_off() const;
    /// AWS refuses what was signed by a clock that is too far off.
    bool is_signature_refused() const;
    /// Whose acquire it was is told by the item, also where its answer is lost or it is refused.
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
