#include "sim/world/world.hpp"

#include "sim/faults/fault_injector.hpp"
#include "sim/scenario.hpp"
#include "sim/world/world.hpp"

#include <gtest/gtest.h>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

TEST(World, InvocationMakesAPass) {
    World world(plain_settings(), 1, true);
    FaultInjector injector(world, {});
    injector.begin();
    world.wake(Scheduled{});
    world.timeline.run_until(world_begins + 3min);
    EXPECT_GT(world.passes(), 0);
    int joined = 0;
    for (const auto& machine : world.cloud.machines()) joined += machine.ours && machine.joined;
    EXPECT_EQ(joined, 2) << "min_nodes";
    EXPECT_TRUE(world.checker.breaches().empty());
    EXPECT_FALSE(world.has_work());
}

TEST(World, SpotNoticeIsSavedByAPass) {
    auto settings = plain_settings();
    settings.policy.pools[0].capacity = CapacityChoice::spot;
    World world(settings, 1, false);
    FaultInjector injector(world, {});
    injector.begin();
    world.wake(Scheduled{});
    world.timeline.run_until(world_begins + 3min);
    for (auto& machine : world.cloud.machines()) {
        if (machine.ours) {
            world.cloud.warn(machine);
            break;
        }
    }
    world.timeline.run_until(world_begins + 4min);
    EXPECT_EQ(state_from(world.table.state(), world.codec).interruptions.size(), 1U);
    int alive = 0;
    for (const auto& machine : world.cloud.machines()) alive += machine.ours && machine.runs();
    EXPECT_EQ(alive, 3) << "its place is taken before it goes";
}

}  // namespace
}  // namespace nodenap::sim
