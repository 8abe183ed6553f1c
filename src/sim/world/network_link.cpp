#include "sim/world/network_link.hpp"

#include "sim/world/world.hpp"

#include <fmt/format.h>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds signatures_last = 5min;

}  // namespace

NetworkLink::NetworkLink(World& world, int number)
    : random(world.seed(), fmt::format("process {}", number)),
      world_(world),
      number_(number),
      began_(world.timeline.now()) {
    const auto& faults = world_.faults;
    if (random.chance(faults.clock_wrong)) wrong_by_ = random.between(-most_off, most_off);
    if (random.chance(faults.clock_jump)) {
        jump_ = random.between(-most_jump, most_jump);
        jumps_at_ = began_ + random.between(0s, longest_invocation);
    }
}

void NetworkLink::kill(const char* why) {
    if (dead_) return;
    dead_ = true;
    say(why);
}

void NetworkLink::say(const std::string& text) {
    if (!world_.trace.kept()) return;
    world_.trace.add(world_.timeline.now(), fmt::format("pass {}", number_).c_str(), text);
}

bool NetworkLink::leaves() {
    if (dead_) return false;
    const auto& faults = world_.faults;
    if (random.chance(faults.crash)) kill("crashes before a call");
    if (!dead_ && random.chance(faults.pause)) {
        const auto asleep = random.between(1s, 10min);
        say(fmt::format("is paused for {} s", asleep / 1s));
        world_.timeline.wait(asleep);
    }
    return !dead_;
}

bool NetworkLink::arrives(Span takes) {
    if (leaves()) world_.timeline.wait(random.between(takes.least, takes.most));
    return !dead_;
}

bool NetworkLink::hears() {
    if (!dead_ && random.chance(world_.faults.crash_unheard)) kill("crashes after a call");
    return !dead_;
}

bool NetworkLink::hears(Span takes) {
    world_.timeline.wait(random.between(takes.least, takes.most));
    return hears();
}

Milliseconds NetworkLink::clock_off() const {
    const bool jumped = jump_.count() != 0 && world_.timeline.now() >= jumps_at_;
    return wrong_by_ + (jumped ? jump_ : 0ms);
}

bool NetworkLink::is_signature_refused() const {
    return std::chrono::abs(clock_off()) >= signatures_last;
}

void NetworkLink::learn_epoch(const Change& change, const Updated& updated) {
    if (change.add.empty()) return;
    const auto owner = updated.item.find("lease_owner");
    if (owner == updated.item.end()) return;
    for (const auto& [path, value] : change.set) {
        if (path.attribute != "lease_owner" || value != owner->second) continue;
        // A delayed copy of the acquire has no new information.
        if (sender.epoch == world_.table.epoch()) continue;
        sender.epoch = world_.table.epoch();
        sender.had_all_signals = sender.had_nodes = false;
        sender.signals.reset();
    }
}

}  // namespace nodenap::sim
