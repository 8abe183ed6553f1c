#include "sim/faults/fault_injector.hpp"

#include "sim/scenario.hpp"

#include <gtest/gtest.h>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

TEST(FaultInjector, CreatesTheServerAndForeignInstances) {
    Faults faults;
    faults.foreign_instances = 1;
    World world(plain_settings(), 1, false);
    FaultInjector injector(world, faults);
    injector.begin();
    EXPECT_EQ(world.cloud.machines().size(), 2U);
    EXPECT_TRUE(world.cloud.machines().front().server);
    EXPECT_TRUE(world.cloud.list().empty()) << "neither is ours";
}

TEST(FaultInjector, InjectsFaultsAndRepairsThem) {
    Faults faults;
    faults.store_away = 1;
    faults.metrics_away = 1;
    World world(plain_settings(), 1, false);
    FaultInjector injector(world, faults);
    injector.begin();
    EXPECT_TRUE(world.store_away);
    EXPECT_TRUE(world.monitoring.faults.away);
    injector.clear_up();
    EXPECT_FALSE(world.store_away);
    EXPECT_FALSE(world.monitoring.faults.away);
    world.timeline.run_until(world_begins + 3h);
    EXPECT_FALSE(world.store_away) << "and stays so";
}

}  // namespace
}  // namespace nodenap::sim
