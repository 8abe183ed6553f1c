#include "sim/world/recording_ports.hpp"

#include "fakes.hpp"
#include "sim/scenario.hpp"
#include "sim/world/world.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

struct Hall {
    World world{plain_settings(), 1, false};
    NetworkLink link{world, 1};
    Trigger trigger = SpotWarning{"i-1", ""};
    test::FakeClock clock;
    test::FakeMetrics metrics;
    test::FakeFleet fleet;
    test::FakeStore store;
    test::FakeLog log;
    RecordingPorts recorder{world, link, trigger, {clock, metrics, fleet, store, world.codec, log}};
};

Change taking(const std::string& owner, Time until) {
    Change change;
    change.set = {{{"lease_owner"}, {owner}},
                  {{"lease_until"}, {std::int64_t{until.time_since_epoch().count()}}}};
    change.add = {{"epoch", 1}};
    return change;
}

TEST(RecordingPorts, RecordsWhatTheLoopObserved) {
    Hall hall;
    EXPECT_EQ(hall.link.sender.signals, nullptr);
    (void)hall.recorder.read(world_begins, 2min);
    EXPECT_NE(hall.link.sender.signals, nullptr);
    EXPECT_FALSE(hall.link.sender.listed_instances);
    ASSERT_TRUE(hall.recorder.list());
    EXPECT_TRUE(hall.link.sender.listed_instances);
}

TEST(RecordingPorts, RecordsTheLeaseRequestOncePerOwner) {
    Hall hall;
    const Key key{"sim", "state"};
    const auto ends = hall.clock.now() + 2min;
    (void)hall.recorder.update(key, taking("a", ends), {});
    EXPECT_TRUE(hall.link.sender.acquires);
    EXPECT_EQ(hall.link.sender.sent, 1);
    EXPECT_EQ(hall.link.sender.lease_ends - hall.link.sender.asked_at, 2min);
    (void)hall.recorder.update(key, taking("a", ends + 1h), {});
    EXPECT_EQ(hall.link.sender.sent, 2);
    EXPECT_EQ(hall.link.sender.lease_ends - hall.link.sender.asked_at, 2min) << "a repetition";
    (void)hall.recorder.update(key, taking("b", ends), {});
    EXPECT_EQ(hall.link.sender.lease_ends - hall.link.sender.asked_at, 2min);
    (void)hall.recorder.update(key, {}, {});
    EXPECT_FALSE(hall.link.sender.acquires);
}

TEST(RecordingPorts, CrashedProcessReceivesNothing) {
    Hall hall;
    hall.link.kill("dies");
    (void)hall.recorder.read(world_begins, 2min);
    EXPECT_EQ(hall.link.sender.signals, nullptr);
    (void)hall.recorder.terminate({"i-1"});
    EXPECT_TRUE(hall.world.checker.breaches().empty());
}

TEST(RecordingPorts, ACallAfterTheLeaseIsABreach) {
    Hall hall;
    hall.link.sender.epoch = 1;
    hall.link.sender.lease_ends = world_begins - 1h;
    (void)hall.recorder.terminate({"i-1"});
    ASSERT_FALSE(hall.world.checker.breaches().empty());
    EXPECT_EQ(hall.world.checker.breaches().front().promise, "I6");
}

}  // namespace
}  // namespace nodenap::sim
