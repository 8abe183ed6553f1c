#include "sim/checker.hpp"

#include "sim/scenario.hpp"
#include "sim/weather.hpp"
#include "sim/world.hpp"

#include <gtest/gtest.h>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

/// A world without faults; each test does what a broken program would.
struct Court {
    Court() {
        Weather weather(world, {});
        weather.begin();
        world.wake(Scheduled{});
        world.timeline.run_until(world_begins + 5min);
        EXPECT_TRUE(world.checker.breaches().empty());
    }
    std::string first_of_ours() {
        for (const auto& machine : world.cloud.machines()) {
            if (machine.ours && machine.runs()) return machine.instance.id;
        }
        return {};
    }
    Sender holder() const { return {world.table.epoch(), true, true, false}; }
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
    std::string broken() const {
        std::string all;
        for (const auto& breach : world.checker.breaches()) all += breach.promise + " ";
        return all;
    }
    World world{plain_settings(), 1, false};
};

TEST(Checker, SeesAServerTerminated) {
    Court court;
    (void)court.world.terminate("i-server");
    EXPECT_EQ(court.broken(), "I1 I1 I10 ");
}

TEST(Checker, SeesWhatWasNotWrittenDown) {
    Court court;
    Intent intent;
    intent.id = "never announced";
    intent.offer = {"workers", "t2.small", "zone-a", Capacity::on_demand};
    ASSERT_TRUE(court.world.launch(court.holder(), intent));
    (void)court.world.terminate(court.first_of_ours());
    EXPECT_EQ(court.broken(), "I10 I10 ");
}

TEST(Checker, SeesARemovalBelowTheMinimum) {
    Court court;
    court.announce(court.holder(), court.first_of_ours(), "underused");
    EXPECT_EQ(court.broken(), "I3 ");
}

TEST(Checker, SeesARemovalWithoutSight) {
    Court court;
    auto blind = court.holder();
    blind.saw_all = false;
    court.world.settings.policy.limits.min_nodes = 0;
    court.announce(blind, court.first_of_ours(), "underused");
    EXPECT_EQ(court.broken(), "I5 ");
}

TEST(Checker, SeesAWriteOfAnOlderEpoch) {
    Court court;
    auto old = court.holder();
    --old.epoch;
    Change change;
    change.set = {{{"memory"}, {std::string("old")}}};
    ASSERT_TRUE(court.world.write(old, {{"sim", "state"}, change, {}}));
    EXPECT_EQ(court.broken(), "I6 ");
}

TEST(Checker, SeesMoreThanTheMaximum) {
    Court court;
    court.world.settings.policy.limits.max_nodes = 2;
    Intent intent;
    intent.id = "one more";
    intent.offer = {"workers", "t2.small", "zone-a", Capacity::on_demand};
    ASSERT_TRUE(court.world.launch(court.holder(), intent));
    EXPECT_EQ(court.broken(), "I10 I2 ");
}

TEST(Checker, SeesALeaseThatStaysHeldAndAnIntentThatStaysOpen) {
    Court court;
    Change change;
    change.set = {{{"lease_owner"}, {std::string("a dead one")}}};
    ASSERT_TRUE(court.world.write(court.holder(), {{"sim", "state"}, change, {}}));
    court.world.settings.policy.limits.min_nodes = 0;
    court.announce(court.holder(), court.first_of_ours(), "underused");
    court.world.checker.at_rest(world_begins);
    EXPECT_EQ(court.broken(), "L3 L4 ");
}

}  // namespace
}  // namespace nodenap::sim
