#include "sim/faults/attacker.hpp"

#include "sim/checker_fixture.hpp"
#include "sim/simulation.hpp"

#include <gtest/gtest.h>

namespace nodenap::sim {
namespace {

RunResult attacked(double Faults::*fault, std::uint64_t seed) {
    auto scenario = make_up_scenario(seed);
    scenario.faults = {};
    scenario.faults.*fault = 1;
    return simulate(scenario, seed, {});
}

TEST(Attacker, EachAttackLeavesThePromisesKept) {
    for (const auto fault :
         {&Faults::rogue_node, &Faults::forged_interruption, &Faults::forged_launch,
          &Faults::forged_removal, &Faults::tagged_by_hand}) {
        for (std::uint64_t seed = 1; seed <= 2; ++seed) {
            const auto run_result = attacked(fault, seed);
            for (const auto& breach : run_result.breaches) {
                ADD_FAILURE() << text_of(run_result.faults) << ", seed " << seed << ": "
                              << breach.promise << " " << breach.text;
            }
        }
    }
}

TEST(Attacker, RegistersANodeForAWorkerAndLeavesNone) {
    CheckerFixture fixture;
    Faults faults;
    faults.rogue_node = 1;
    Attacker attacker(fixture.world, faults);
    const auto nodes = fixture.world.cluster.nodes().size();
    attacker.strike();
    fixture.world.timeline.run_until(world_begins + 20min);
    ASSERT_GT(fixture.world.cluster.nodes().size(), nodes);
    const auto& rogue = fixture.world.cluster.nodes().back().node;
    EXPECT_TRUE(fixture.world.cloud.find(rogue.instance_id)->is_worker());
    EXPECT_NE(rogue.name, rogue.instance_id);
    EXPECT_TRUE(rogue.ready);
    attacker.stop();
    EXPECT_EQ(fixture.world.cluster.nodes().size(), nodes);
}

TEST(Attacker, ForgesOperations) {
    CheckerFixture fixture;
    Faults faults;
    faults.forged_launch = faults.forged_removal = 1;
    Attacker attacker(fixture.world, faults);
    attacker.strike();
    // Nobody wakes us: what is forged lies in the state.
    fixture.world.timeline.run_until(world_begins + 20min);
    const auto state = state_from(fixture.world.table.state(), fixture.world.codec);
    int removals = 0;
    for (const auto& operation : state.open_operations) {
        EXPECT_TRUE(operation.id.starts_with("forged-"));
        if (operation.kind == OperationKind::remove) {
            ++removals;
        } else {
            EXPECT_EQ(operation.launch_template, "lt-of-the-attacker");
        }
    }
    EXPECT_GT(removals, 0);
    EXPECT_EQ(state.open_operations.size(), 2U * static_cast<std::size_t>(removals));
    EXPECT_EQ(fixture.broken(), "");
}

TEST(Attacker, TagsAForeignInstance) {
    CheckerFixture fixture;
    Faults faults;
    faults.tagged_by_hand = 1;
    Attacker attacker(fixture.world, faults);
    attacker.begin();
    const auto& tagged = fixture.world.cloud.machines().back();
    EXPECT_TRUE(tagged.ours && !tagged.is_worker());
    EXPECT_TRUE(tagged.instance.launch_template.empty());
    (void)fixture.world.terminate(tagged.instance.id);
    EXPECT_EQ(fixture.broken(), "I1 I10 ");
}

TEST(Attacker, CopiesTheTagsOfTheFirstLaunchOnce) {
    CheckerFixture fixture;
    Faults faults;
    faults.tagged_by_hand = 1;
    Attacker attacker(fixture.world, faults);
    attacker.begin();
    Operation operation = fixture.world.cloud.find(fixture.first_of_ours())->request;
    const auto before = fixture.world.cloud.machines().size();
    for (const char* id : {"gen-1-0", "gen-1-1"}) {
        operation.id = id;
        ASSERT_TRUE(fixture.world.launch({}, operation));
    }
    const auto& machines = fixture.world.cloud.machines();
    ASSERT_EQ(machines.size(), before + 3);
    const auto& copy = machines[before + 1];
    EXPECT_TRUE(copy.ours && copy.tagged_by_hand);
    EXPECT_EQ(copy.instance.operation, "gen-1-0");
    EXPECT_NE(copy.instance.launch_template, operation.launch_template);
}

TEST(Attacker, CheckerDetectsForgedLaunchesAndBusyWorkersTerminated) {
    CheckerFixture fixture;
    const auto id = fixture.first_of_ours();
    Operation launch = fixture.world.cloud.find(id)->request;
    launch.id = "forged-launch";
    fixture.world.checker.forged(launch);
    fixture.world.checker.launching(launch);
    EXPECT_EQ(fixture.broken(), "I10 ");
    Deployment web;
    web.name = "default/web";
    web.replicas = 4;
    web.requests = {{100}, {100}, 1};
    fixture.world.cluster.set(web);
    fixture.world.timeline.run_until(world_begins + 20min);
    Operation removal;
    removal.id = "forged-removal";
    removal.kind = OperationKind::remove;
    removal.instance_id = id;
    fixture.world.checker.forged(removal);
    (void)fixture.world.terminate(id);
    EXPECT_EQ(fixture.broken(), "I10 I8 ");
}

TEST(Attacker, CheckerAllowsRemovingAnEmptyWorker) {
    CheckerFixture fixture;
    Operation removal;
    removal.id = "forged-removal";
    removal.kind = OperationKind::remove;
    removal.instance_id = fixture.first_of_ours();
    fixture.world.checker.forged(removal);
    (void)fixture.world.terminate(removal.instance_id);
    EXPECT_EQ(fixture.broken(), "");
}

}  // namespace
}  // namespace nodenap::sim
