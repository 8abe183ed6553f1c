// Promises I2, I4, I6, I10, L3 and L4: a process may crash, or be suspended until its lease has
// expired, between any two calls of a pass that launches three nodes and removes one.

#include "mortal_ports.hpp"

#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

using namespace std::chrono_literals;

/// acquire, list, metrics, announce, three launches, a termination, history, release.
constexpr int calls_of_the_pass = 10;

/// Two registered nodes, a third that never registered, and pods that need three more.
struct Scene : Cluster {
    Scene() {
        add_registered(2);
        idle_for_long();
        late = add_late();
        pending = large_pods(3);
        settings.policy.limits.max_nodes = 6;  // the unregistered one counts until it is terminated
        fleet.on_launch = [this](const Operation& operation) { see_launch(operation); };
    }

    /// Every launch was recorded exactly as sent, and every repetition is the same.
    void see_launch(const Operation& operation) {
        const auto first = sent.try_emplace(operation.id, operation).first->second;
        EXPECT_EQ(operation, first) << "the repetition differs";
        announced_before_sent = announced_before_sent && was_announced(operation.id);
    }

    bool was_announced(const std::string& id) const {
        for (const auto& write : store.writes) {
            for (const auto& [path, value] : write.change.set) {
                const bool is_it = path.attribute == "open_intents" && path.entry == id;
                if (is_it && !write.refused) return true;
            }
        }
        return false;
    }

    void pass_until_quiet() {
        for (int i = 0; i < 4; ++i) {
            const auto outcome = pass();
            ASSERT_TRUE(outcome);
            EXPECT_FALSE(outcome->held_by_another);
            clock.advance(5s);
        }
    }

    void expect_all_well(const std::string& when) {
        EXPECT_TRUE(announced_before_sent) << when;
        EXPECT_EQ(alive(), 5) << when;
        EXPECT_EQ(fleet.instances.size(), 6U) << when << ": three launched in any case";
        EXPECT_EQ(sent.size(), 3U) << when << ": one operation per instance";
        for (const auto& id : fleet.terminations) EXPECT_EQ(id, late) << when;
        EXPECT_FALSE(fleet.terminations.empty()) << when;
        EXPECT_TRUE(state().open_operations.empty()) << when;
        EXPECT_TRUE(state().lease_owner.empty()) << when;
        EXPECT_EQ(state().memory.launches.size(), 3U) << when << ": each counted once";
    }

    std::string late;
    std::map<std::string, Operation> sent;
    bool announced_before_sent = true;
};

Life death(int at, bool lands) {
    Life life;
    life.last_call = at;
    life.last_call_lands = lands;
    return life;
}

TEST(CrashTest, PassMakesTheExpectedCalls) {
    Scene scene;
    Process process(scene, {});
    ASSERT_TRUE(process.pass());
    EXPECT_EQ(process.life.calls, calls_of_the_pass);
    scene.pass_until_quiet();
    scene.expect_all_well("without a crash");
}

TEST(CrashTest, NextPassRecoversFromACrashAtAnyCall) {
    for (int at = 1; at <= calls_of_the_pass; ++at) {
        for (const bool lands : {false, true}) {
            Scene scene;
            Process process(scene, death(at, lands));
            (void)process.pass();
            scene.outlive_the_lease();
            scene.pass_until_quiet();
            scene.expect_all_well("dead at call " + std::to_string(at) +
                                  (lands ? ", which landed" : ", which did not land"));
        }
    }
}

TEST(CrashTest, NextPassRecoversFromTwoCrashesInARow) {
    for (int first = 1; first <= calls_of_the_pass; ++first) {
        for (int second = 1; second <= calls_of_the_pass; ++second) {
            for (const int landing : {0, 1, 2, 3}) {
                Scene scene;
                Process one(scene, death(first, (landing & 1) != 0));
                (void)one.pass();
                scene.outlive_the_lease();
                Process other(scene, death(second, (landing & 2) != 0));
                (void)other.pass();
                scene.outlive_the_lease();
                scene.pass_until_quiet();
                scene.expect_all_well("dead at " + std::to_string(first) + " and " +
                                      std::to_string(second));
            }
        }
    }
}

TEST(CrashTest, LeaseOfACrashedPassHoldsUntilItExpires) {
    Scene scene;
    Process process(scene, death(5, true));
    (void)process.pass();
    const auto held = scene.pass();
    ASSERT_TRUE(held);
    EXPECT_TRUE(held->held_by_another);
    scene.outlive_the_lease();
    const auto free = scene.pass();
    ASSERT_TRUE(free);
    EXPECT_FALSE(free->held_by_another);
}

/// A pass that is suspended before its n-th call while others make two passes, and then continues.
void sleep_through(Scene& scene, int before_call, Milliseconds asleep) {
    Life life;
    life.pause_before = before_call;
    AttributeMap left;
    life.meanwhile = [&] {
        scene.clock.advance(asleep);
        for (int i = 0; i < 2; ++i) {
            ASSERT_TRUE(scene.pass());
            scene.clock.advance(1s);
        }
        left = scene.store.items.at({"prod", "state"});
    };
    Process process(scene, life);
    (void)process.pass();
    if (before_call == 1) return;  // suspended before it had read anything
    EXPECT_EQ(scene.store.items.at({"prod", "state"}), left)
        << "suspended before call " << before_call << ": an old pass wrote the state";
}

TEST(CrashTest, SuspendedPassWritesNothingAndLaunchesNothingTwice) {
    const auto asleep = longest_invocation + lease_margin + 1ms;
    for (int before = 1; before <= calls_of_the_pass; ++before) {
        Scene scene;
        sleep_through(scene, before, asleep);
        scene.pass_until_quiet();
        scene.expect_all_well("asleep before call " + std::to_string(before));
    }
}

TEST(CrashTest, PassIsFencedIfAnotherClockEndsItsLeaseEarly) {
    // The other's clock is 60 s ahead: it takes over the lease while it is still valid here.
    const auto asleep = longest_invocation + lease_margin + 1ms;
    for (int before = 2; before <= calls_of_the_pass; ++before) {
        Scene scene;
        const auto began = scene.clock.passed;
        Life life;
        life.pause_before = before;
        life.meanwhile = [&] {
            scene.clock.wall += asleep;
            for (int i = 0; i < 2; ++i) ASSERT_TRUE(scene.pass());
            scene.clock.passed = began;  // almost no time has passed for the old pass
        };
        Process process(scene, life);
        (void)process.pass();
        scene.pass_until_quiet();
        scene.expect_all_well("overtaken before call " + std::to_string(before));
    }
}

TEST(CrashTest, CallsOfALongSuspendedPassAreCountedAndCorrected) {
    constexpr int first_launch = 5;
    Scene scene;
    sleep_through(scene, first_launch, 30min);
    EXPECT_TRUE(scene.announced_before_sent);
    EXPECT_LE(scene.alive(), 5 + 3) << "never more than its recorded operations";
    scene.settings.policy.limits.max_nodes = 5;
    scene.new_ones_join = true;
    for (int tick = 0; tick < 60 && scene.alive() > 5; ++tick) {
        ASSERT_TRUE(scene.pass());
        scene.clock.advance(2min);
    }
    EXPECT_LE(scene.alive(), 5);
}

TEST(CrashTest, OnlyOneOfTwoConcurrentPassesActs) {
    Scene scene;
    int held = 0;
    const auto answer = scene.metrics.answer;
    scene.metrics.answer = [&](Time now) {
        const auto other = scene.pass();
        held += other && other->held_by_another;
        return answer(now);
    };
    ASSERT_TRUE(scene.pass());
    scene.metrics.answer = answer;
    EXPECT_EQ(held, 1);
    scene.pass_until_quiet();
    scene.expect_all_well("two at once");
}

}  // namespace
}  // namespace nodenap::test
