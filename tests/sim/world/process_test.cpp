#include "sim/world/process.hpp"

#include "sim/faults/fault_injector.hpp"
#include "sim/scenario.hpp"
#include "sim/world/world.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

/// A world in which one invocation has been made under `faults`.
struct OneWakeUp {
    explicit OneWakeUp(const Faults& faults) {
        injector.begin();
        world.set_faults(faults);
        world.wake(Scheduled{});
        world.timeline.run_until(world_begins + 2min);
    }
    std::size_t launched() const {
        return static_cast<std::size_t>(
            std::count_if(world.cloud.machines().begin(), world.cloud.machines().end(),
                          [](const Machine& machine) { return machine.ours; }));
    }
    World world{plain_settings(), 1, true};
    FaultInjector injector{world, {}};
};

TEST(Process, CrashedProcessHasNoEffectAndEnds) {
    Faults faults;
    faults.crash = 1;
    const OneWakeUp made(faults);
    EXPECT_EQ(made.launched(), 0U);
    EXPECT_EQ(made.world.table.epoch(), 0);
    EXPECT_FALSE(made.world.has_work());
    EXPECT_EQ(made.world.passes(), 0);
}

TEST(Process, CrashesAfterACall) {
    Faults faults;
    faults.crash_unheard = 1;
    const OneWakeUp made(faults);
    EXPECT_EQ(made.world.table.epoch(), 1) << "the lease was taken";
    EXPECT_EQ(made.launched(), 0U);
}

TEST(Process, LostResponseIsRetriedWithTheSameRequest) {
    Faults faults;
    faults.launch_unheard = 1;
    const OneWakeUp made(faults);
    EXPECT_EQ(made.launched(), 2U) << "one instance an intent, however often it was sent";
    EXPECT_TRUE(made.world.checker.breaches().empty());
}

TEST(Process, AwsRefusesAClockThatIsFarOff) {
    Faults faults;
    faults.clock_jump = 1;
    bool refused = false;
    for (int i = 0; i < 20 && !refused; ++i) {
        World world(plain_settings(), static_cast<std::uint64_t>(i), true);
        world.set_faults(faults);
        world.wake(Alert{});
        world.timeline.run_until(world_begins + 3min);
        for (const auto& line : world.trace.lines()) {
            refused = refused || line.text == "logs pass_failed";
        }
    }
    EXPECT_TRUE(refused);
}

}  // namespace
}  // namespace nodenap::sim
