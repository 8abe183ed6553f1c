#pragma once

#include "sim/checker/checker.hpp"
#include "sim/faults/weather.hpp"
#include "sim/scenario.hpp"
#include "sim/world/world.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace nodenap::sim {

using namespace std::chrono_literals;

inline const Offer plain_offer{"workers", "t2.small", "zone-a", Capacity::on_demand};

/// The write of a notice about an instance.
inline Change notice_of(const std::string& id) {
    Change change;
    change.set.push_back({{"notices", id}, {AttributeMap{}}});
    return change;
}

/// A world without faults; each test does what a broken program would.
struct Court {
    Court() {
        weather.begin();
        world.wake(Scheduled{});
        world.timeline.run_until(world_begins + 5min);
        EXPECT_TRUE(world.checker.breaches().empty());
        for (auto& machine : world.cloud.machines()) machine.seen_joined_at = world_begins;
    }
    std::string first_of_ours() {
        for (const auto& machine : world.cloud.machines()) {
            if (machine.ours && machine.runs()) return machine.instance.id;
        }
        return {};
    }
    /// Who holds the lease, and has sent more than the pass before.
    Sender holder() const { return {world.table.epoch(), true, true, true, false, 1000}; }
    /// The same, of another decision each time.
    Sender next_holder() {
        auto sender = holder();
        sender.sent += ++decisions;
        return sender;
    }
    /// The program's own words for a removal, in the state.
    void announce(const Sender& sender, const std::string& id, const char* reason) {
        Intent intent;
        intent.id = "removal of " + id;
        intent.kind = IntentKind::remove;
        intent.instance_id = id;
        intent.reason = reason;
        Change change;
        nodenap::announce(change, intent);
        ASSERT_TRUE(world.write(sender, {{"sim", "state"}, change, {}}));
    }
    /// The same for a launch.
    Intent announce_launch(const Sender& sender, const std::string& id) {
        Intent intent;
        intent.id = id;
        intent.epoch = sender.epoch;
        intent.offer = plain_offer;
        Change change;
        nodenap::announce(change, intent);
        EXPECT_TRUE(world.write(sender, {{"sim", "state"}, change, {}}));
        return intent;
    }
    /// A holder that was told these signals, and no others.
    Sender told(Signals signals) const {
        auto sender = holder();
        sender.told = std::make_shared<const Signals>(std::move(signals));
        return sender;
    }
    /// A holder that was told of these waiting pods, and of no Node.
    Sender told_of(std::vector<PendingPod> pods) const {
        Signals signals;
        const auto count = static_cast<std::int64_t>(pods.size());
        signals.pending = Pending{count, std::move(pods)};
        auto sender = told(std::move(signals));
        sender.asked_at = world.timeline.now();
        return sender;
    }
    std::string broken() const {
        std::string all;
        for (const auto& breach : world.checker.breaches()) all += breach.promise + " ";
        return all;
    }
    int decisions = 0;
    World world{plain_settings(), 1, false};
    Weather weather{world, {}};
};

}  // namespace nodenap::sim
