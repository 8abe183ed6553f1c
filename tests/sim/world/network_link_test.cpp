#include "sim/world/network_link.hpp"

#include "sim/scenario.hpp"
#include "sim/world/world.hpp"

#include <gtest/gtest.h>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

/// Whether a call goes out and its answer is heard, and how long that took.
struct Called {
    explicit Called(const Faults& faults) {
        World world(plain_settings(), 1, true);
        NetworkLink link(world, 1);
        world.set_faults(faults);
        world.timeline.start([&] {
            arrived = link.arrives({10ms, 10ms});
            heard = link.hears({5ms, 5ms});
            took = world.timeline.now() - world_begins;
        });
        world.timeline.run_until(world_begins + 1h);
    }
    bool arrived = false;
    bool heard = false;
    Milliseconds took{0};
};

TEST(NetworkLink, TakesTime) {
    const Called called({});
    EXPECT_TRUE(called.arrived && called.heard);
    EXPECT_EQ(called.took, 15ms);
}

TEST(NetworkLink, ProcessMayCrashBeforeOrAfterACall) {
    Faults faults;
    faults.crash_unheard = 1;
    EXPECT_TRUE(Called(faults).arrived);
    EXPECT_FALSE(Called(faults).heard);
    faults.crash = 1;
    EXPECT_FALSE(Called(faults).arrived);
}

TEST(NetworkLink, ProcessMayBeSuspendedBeforeACall) {
    Faults faults;
    faults.pause = 1;
    EXPECT_TRUE(Called(faults).heard);
    EXPECT_GE(Called(faults).took, 1s);
}

TEST(NetworkLink, ASignatureOfAClockThatJumpedFarIsRefused) {
    World world(plain_settings(), 1, true);
    NetworkLink right(world, 1);
    EXPECT_FALSE(right.is_signature_refused());
    world.faults.clock_jump = 1;
    bool refused = false;
    for (int i = 0; i < 20; ++i) {
        NetworkLink link(world, i);
        EXPECT_EQ(link.clock_off(), 0ms) << "it jumps later";
        world.timeline.run_until(world.timeline.now() + 3min);
        EXPECT_LE(std::chrono::abs(link.clock_off()), NetworkLink::most_jump);
        refused = refused || link.is_signature_refused();
    }
    EXPECT_TRUE(refused);
}

}  // namespace
}  // namespace nodenap::sim
