#include "sim/faults/attacker.hpp"

#include "sim/court.hpp"
#include "sim/simulation.hpp"

#include <gtest/gtest.h>

namespace nodenap::sim {
namespace {

Story attacked(double Faults::*fault, std::uint64_t seed) {
    auto scenario = make_up_scenario(seed);
    scenario.faults = {};
    scenario.faults.*fault = 1;
    return simulate(scenario, seed, {});
}

TEST(Attacker, EachAttackLeavesThePromisesKept) {
    for (const auto fault : {&Faults::rogue_node, &Faults::forged_notice, &Faults::forged_launch,
                             &Faults::forged_removal, &Faults::tagged_by_hand}) {
        for (std::uint64_t seed = 1; seed <= 2; ++seed) {
            const auto story = attacked(fault, seed);
            for (const auto& breach : story.breaches) {
                ADD_FAILURE() << text_of(story.faults) << ", seed " << seed << ": "
                              << breach.promise << " " << breach.text;
            }
        }
    }
}

TEST(Attacker, RegistersANodeForAWorkerAndLeavesNone) {
    Court court;
    Faults faults;
    faults.rogue_node = 1;
    Attacker attacker(court.world, faults);
    const auto nodes = court.world.cluster.nodes().size();
    attacker.strike();
    court.world.timeline.run_until(world_begins + 20min);
    ASSERT_GT(court.world.cluster.nodes().size(), nodes);
    const auto& rogue = court.world.cluster.nodes().back().node;
    EXPECT_TRUE(court.world.cloud.find(rogue.instance_id)->is_worker());
    EXPECT_NE(rogue.name, rogue.instance_id);
    EXPECT_TRUE(rogue.ready);
    attacker.stop();
    EXPECT_EQ(court.world.cluster.nodes().size(), nodes);
}

TEST(Attacker, ForgesIntentsThatNoPassHasAnnounced) {
    Court court;
    Faults faults;
    faults.forged_launch = faults.forged_removal = 1;
    Attacker attacker(court.world, faults);
    attacker.strike();
    // Nobody wakes us: what is forged lies in the state.
    court.world.timeline.run_until(world_begins + 20min);
    const auto state = state_from(court.world.table.state(), court.world.codec);
    int removals = 0;
    for (const auto& intent : state.open_intents) {
        EXPECT_TRUE(intent.id.starts_with("forged-"));
        if (intent.kind == IntentKind::remove) {
            ++removals;
        } else {
            EXPECT_EQ(intent.launch_template, "lt-of-the-attacker");
        }
    }
    EXPECT_GT(removals, 0);
    EXPECT_EQ(state.open_intents.size(), 2U * static_cast<std::size_t>(removals));
    EXPECT_EQ(court.broken(), "");
}

TEST(Attacker, TagsAnInstanceThatTheCheckerGuards) {
    Court court;
    Faults faults;
    faults.tagged_by_hand = 1;
    Attacker attacker(court.world, faults);
    attacker.begin();
    const auto& tagged = court.world.cloud.machines().back();
    EXPECT_TRUE(tagged.ours && !tagged.is_worker());
    EXPECT_TRUE(tagged.instance.launch_template.empty());
    (void)court.world.terminate(tagged.instance.id);
    EXPECT_EQ(court.broken(), "I1 I10 ");
}

TEST(Attacker, CopiesTheTagsOfTheFirstLaunchOnce) {
    Court court;
    Faults faults;
    faults.tagged_by_hand = 1;
    Attacker attacker(court.world, faults);
    attacker.begin();
    Intent intent = court.world.cloud.find(court.first_of_ours())->request;
    const auto before = court.world.cloud.machines().size();
    for (const char* id : {"gen-1-0", "gen-1-1"}) {
        intent.id = id;
        ASSERT_TRUE(court.world.launch({}, intent));
    }
    const auto& machines = court.world.cloud.machines();
    ASSERT_EQ(machines.size(), before + 3);
    const auto& copy = machines[before + 1];
    EXPECT_TRUE(copy.ours && copy.tagged_by_hand);
    EXPECT_EQ(copy.instance.intent, "gen-1-0");
    EXPECT_NE(copy.instance.launch_template, intent.launch_template);
}

TEST(Attacker, TheCheckerSeesAForgedLaunchSentAndABusyWorkerEnded) {
    Court court;
    const auto id = court.first_of_ours();
    Intent launch = court.world.cloud.find(id)->request;
    launch.id = "forged-launch";
    court.world.checker.forged(launch);
    court.world.checker.launching(launch);
    EXPECT_EQ(court.broken(), "I10 ");
    Deployment web;
    web.name = "default/web";
    web.replicas = 4;
    web.requests = {{100}, {100}, 1};
    court.world.cluster.set(web);
    court.world.timeline.run_until(world_begins + 20min);
    Intent removal;
    removal.id = "forged-removal";
    removal.kind = IntentKind::remove;
    removal.instance_id = id;
    court.world.checker.forged(removal);
    (void)court.world.terminate(id);
    EXPECT_EQ(court.broken(), "I10 I8 ");
}

TEST(Attacker, TheCheckerLetsTheRulesEndAnEmptyOne) {
    Court court;
    Intent removal;
    removal.id = "forged-removal";
    removal.kind = IntentKind::remove;
    removal.instance_id = court.first_of_ours();
    court.world.checker.forged(removal);
    (void)court.world.terminate(removal.instance_id);
    EXPECT_EQ(court.broken(), "");
}

}  // namespace
}  // namespace nodenap::sim
