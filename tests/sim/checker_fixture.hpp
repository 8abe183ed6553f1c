#pragma once

#include "sim/checker/checker.hpp"
#include "sim/faults/fault_injector.hpp"
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

inline const Offering plain_offering{"workers", "t2.small", "zone-a", Capacity::on_demand};

/// The write of a notice about an instance.
inline Change interruption_of(const std::string& id) {
    Change change;
    change.set.push_back({{"notices", id}, {AttributeMap{}}});
    return change;
}

/// A world without faults; each test does what a broken program would.
struct CheckerFixture {
    CheckerFixture() {
        injector.begin();
        world.wake(Scheduled{});
        world.timeline.run_until(world_begins + 5min);
        EXPECT_TRUE(world.checker.breaches().empty());
        for (auto& machine : world.cloud.machines()) machine.seen_registered_at = world_begins;
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
        Operation operation;
        operation.id = "removal of " + id;
        operation.kind = OperationKind::remove;
        operation.instance_id = id;
        operation.reason = reason;
        Change change;
        nodenap::announce(change, operation);
        ASSERT_TRUE(world.write(sender, {{"sim", "state"}, change, {}}));
    }
    /// The same for a launch.
    Operation announce_launch(const Sender& sender, const std::string& id) {
        Operation operation;
        operation.id = id;
        operation.epoch = sender.epoch;
        operation.offering = plain_offering;
        Change change;
        nodenap::announce(change, operation);
        EXPECT_TRUE(world.write(sender, {{"sim", "state"}, change, {}}));
        return operation;
    }
    /// A holder that was told these signals, and no others.
    Sender sender_with(Signals signals) const {
        auto sender = holder();
        sender.signals = std::make_shared<const Signals>(std::move(signals));
        return sender;
    }
    /// A holder that was told of these waiting pods, and of no Node.
    Sender told_of(std::vector<PendingPod> pods) const {
        Signals signals;
        const auto count = static_cast<std::int64_t>(pods.size());
        signals.pending = Pending{count, std::move(pods)};
        auto sender = sender_with(std::move(signals));
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
    FaultInjector injector{world, {}};
};

}  // namespace nodenap::sim
