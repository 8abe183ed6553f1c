#include "sim/world/witness.hpp"

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
    Way way{world, 1};
    Trigger trigger = SpotWarning{"i-1", ""};
    test::FakeClock clock;
    test::FakeMetrics metrics;
    test::FakeFleet fleet;
    test::FakeStore store;
    test::FakeLog log;
    Witness witness{world, way, trigger, {clock, metrics, fleet, store, world.codec, log}};
};

Change taking(const std::string& owner, Time until) {
    Change change;
    change.set = {{{"lease_owner"}, {owner}},
                  {{"lease_until"}, {std::int64_t{until.time_since_epoch().count()}}}};
    change.add = {{"epoch", 1}};
    return change;
}

TEST(Witness, NotesWhatTheLoopWasTold) {
    Hall hall;
    EXPECT_EQ(hall.way.sender.told, nullptr);
    (void)hall.witness.read(world_begins, 2min);
    EXPECT_NE(hall.way.sender.told, nullptr);
    EXPECT_FALSE(hall.way.sender.saw_fleet);
    ASSERT_TRUE(hall.witness.list());
    EXPECT_TRUE(hall.way.sender.saw_fleet);
}

TEST(Witness, NotesTheLeaseThatIsAskedForOnceForEachOwner) {
    Hall hall;
    const Key key{"sim", "state"};
    const auto ends = hall.clock.now() + 2min;
    (void)hall.witness.update(key, taking("a", ends), {});
    EXPECT_TRUE(hall.way.sender.acquires);
    EXPECT_EQ(hall.way.sender.sent, 1);
    EXPECT_EQ(hall.way.sender.lease_ends - hall.way.sender.asked_at, 2min);
    (void)hall.witness.update(key, taking("a", ends + 1h), {});
    EXPECT_EQ(hall.way.sender.sent, 2);
    EXPECT_EQ(hall.way.sender.lease_ends - hall.way.sender.asked_at, 2min) << "a repetition";
    (void)hall.witness.update(key, taking("b", ends), {});
    EXPECT_EQ(hall.way.sender.lease_ends - hall.way.sender.asked_at, 2min);
    (void)hall.witness.update(key, {}, {});
    EXPECT_FALSE(hall.way.sender.acquires);
}

TEST(Witness, ADeadProcessIsToldNothing) {
    Hall hall;
    hall.way.kill("dies");
    (void)hall.witness.read(world_begins, 2min);
    EXPECT_EQ(hall.way.sender.told, nullptr);
    (void)hall.witness.terminate({"i-1"});
    EXPECT_TRUE(hall.world.checker.breaches().empty());
}

TEST(Witness, ACallAfterTheLeaseIsABreach) {
    Hall hall;
    hall.way.sender.epoch = 1;
    hall.way.sender.lease_ends = world_begins - 1h;
    (void)hall.witness.terminate({"i-1"});
    ASSERT_FALSE(hall.world.checker.breaches().empty());
    EXPECT_EQ(hall.world.checker.breaches().front().promise, "I6");
}

}  // namespace
}  // namespace nodenap::sim
