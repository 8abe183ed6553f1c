#include "controller/lease.hpp"

#include "fakes.hpp"

#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

using namespace std::chrono_literals;

const std::string generation(32, 'a');

class LeaseTest : public ::testing::Test {
protected:
    Claim claim(const std::string& owner, Milliseconds length = 115s) {
        return {owner, generation, world.clock.now(), world.clock.monotonic(), length};
    }

    Result<Acquired> take(const std::string& owner, Milliseconds length = 115s) {
        return acquire(world.store, world.codec, "prod", claim(owner, length));
    }

    Lease taken_by(const std::string& owner) {
        const auto got = take(owner);
        EXPECT_TRUE(got && !got->held_by_another);
        return got->lease;
    }

    const AttributeMap& item() { return world.store.items.at({"prod", "state"}); }

    template <class T>
    T value(const std::string& name) {
        return std::get<T>(item().at(name).value);
    }

    static Change note(const std::string& text) {
        Change change;
        change.set = {{{"memory"}, {text}}};
        return change;
    }

    FakeWorld world;
};

TEST_F(LeaseTest, NewClusterIsAcquiredAndInitialized) {
    const auto got = take("me");
    ASSERT_TRUE(got);
    EXPECT_FALSE(got->held_by_another);
    EXPECT_EQ(got->lease.epoch, 1);
    EXPECT_EQ(got->state.generation, generation);
    EXPECT_EQ(value<bool>("scaling_in_progress"), true);
    EXPECT_EQ(value<std::string>("lease_owner"), "me");
    const auto until = (fake_start + 115s).time_since_epoch().count();
    EXPECT_EQ(value<std::int64_t>("lease_until"), until);
    EXPECT_EQ(value<std::int64_t>("format"), state_format);
    EXPECT_TRUE(value<AttributeMap>("open_intents").empty());
    EXPECT_TRUE(value<AttributeMap>("notices").empty());
}

TEST_F(LeaseTest, HeldLeaseIsRefusedWithoutAWrite) {
    taken_by("first");
    const auto before = item();
    const auto got = take("second");
    ASSERT_TRUE(got);
    EXPECT_TRUE(got->held_by_another);
    EXPECT_EQ(item(), before);
}

TEST_F(LeaseTest, EachAcquireIncrementsTheEpochAndKeepsTheGeneration) {
    for (int epoch = 1; epoch <= 3; ++epoch) {
        auto mine = claim("owner " + std::to_string(epoch));
        mine.fresh_generation = std::string(32, static_cast<char>('a' + epoch - 1));
        auto got = acquire(world.store, world.codec, "prod", mine);
        ASSERT_TRUE(got && !got->held_by_another);
        EXPECT_EQ(got->lease.epoch, epoch);
        EXPECT_EQ(got->state.generation, generation);
        ASSERT_TRUE(release(world.store, got->lease, {}));
    }
}

struct Wait {
    const char* name;
    Milliseconds passed;
    bool held;
};

TEST_F(LeaseTest, ExpiresByItself) {
    const Wait waits[] = {{"just taken", 1ms, true},
                          {"a moment before its end", 115s - 1ms, true},
                          {"at its end", 115s, true},
                          {"after its end", 115s + 1ms, false},
                          {"a year later", 8760h, false}};
    for (const auto& wait : waits) {
        FakeWorld fresh;
        const Claim dead{"dead", generation, fresh.clock.now(), fresh.clock.monotonic(), 115s};
        ASSERT_TRUE(acquire(fresh.store, fresh.codec, "prod", dead));
        fresh.clock.advance(wait.passed);
        const Claim next{"next", generation, fresh.clock.now(), fresh.clock.monotonic(), 115s};
        const auto got = acquire(fresh.store, fresh.codec, "prod", next);
        ASSERT_TRUE(got) << wait.name;
        EXPECT_EQ(got->held_by_another, wait.held) << wait.name;
    }
}

struct LostReply {
    const char* name;
    std::vector<StoreFault> faults;
    bool acquired;
    std::optional<ErrorKind> error;
};

const StoreFault lost_and_landed{{ErrorKind::unknown_outcome, "no answer"}, true};
const StoreFault lost_and_gone{{ErrorKind::unknown_outcome, "no answer"}, false};
StoreFault refusing(ErrorKind kind) { return {{kind, "refused"}, false}; }

TEST_F(LeaseTest, EachFaultOfAcquireHasItsResult) {
    const LostReply cases[] = {
        {"landed, reply lost", {lost_and_landed}, true, std::nullopt},
        {"never landed, reply lost", {lost_and_gone}, true, std::nullopt},
        {"landed twice over, both lost",
         {lost_and_landed, lost_and_landed},
         false,
         ErrorKind::unknown_outcome},
        {"unavailable", {refusing(ErrorKind::unavailable)}, false, ErrorKind::unavailable},
        {"throttled", {refusing(ErrorKind::throttled)}, false, ErrorKind::throttled},
        {"denied", {refusing(ErrorKind::denied)}, false, ErrorKind::denied},
        {"invalid", {refusing(ErrorKind::invalid)}, false, ErrorKind::invalid}};
    for (const auto& each : cases) {
        FakeWorld fresh;
        fresh.store.faults.assign(each.faults.begin(), each.faults.end());
        const Claim mine{"me", generation, fresh.clock.now(), fresh.clock.monotonic(), 115s};
        const auto got = acquire(fresh.store, fresh.codec, "prod", mine);
        ASSERT_EQ(bool(got), each.acquired) << each.name;
        if (!got) {
            EXPECT_EQ(got.error().kind, *each.error) << each.name;
            continue;
        }
        EXPECT_FALSE(got->held_by_another) << each.name;
        EXPECT_EQ(got->lease.epoch, 1) << each.name;
    }
}

TEST_F(LeaseTest, LostResponseWhileAnotherHoldsIsNotAcquired) {
    taken_by("first");
    world.store.faults = {lost_and_gone};
    const auto got = take("second");
    ASSERT_TRUE(got);
    EXPECT_TRUE(got->held_by_another);
}

TEST_F(LeaseTest, OlderEpochWritesNothing) {
    auto old = taken_by("old");
    world.clock.advance(116s);
    auto young = taken_by("young");
    const auto before = item();
    const auto late_write = write_fenced(world.store, old, note("of the old"));
    const auto late_release = release(world.store, old, note("of the old"));
    ASSERT_TRUE(late_write && late_release);
    EXPECT_FALSE(*late_write);
    EXPECT_FALSE(*late_release);
    EXPECT_EQ(item(), before);
    const auto write = write_fenced(world.store, young, note("of the young"));
    ASSERT_TRUE(write);
    EXPECT_TRUE(*write);
}

TEST_F(LeaseTest, WriteWithLostResponseIsRepeated) {
    auto lease = taken_by("me");
    for (const auto& fault : {lost_and_landed, lost_and_gone}) {
        world.store.faults = {fault};
        const auto written = write_fenced(world.store, lease, note("kept"));
        ASSERT_TRUE(written);
        EXPECT_TRUE(*written);
        EXPECT_EQ(value<std::string>("memory"), "kept");
    }
}

/// A request that the network delayed while its repetition, and later ones, were processed.
TEST_F(LeaseTest, DelayedWriteOverwritesNothing) {
    auto lease = taken_by("me");
    world.store.faults = {lost_and_gone};
    ASSERT_TRUE(*write_fenced(world.store, lease, note("first")));
    const auto held_back = world.store.writes.back();
    ASSERT_TRUE(*write_fenced(world.store, lease, note("second")));
    const auto late = world.store.update(held_back.key, held_back.change, held_back.condition);
    ASSERT_TRUE(late);
    EXPECT_TRUE(late->refused);
    EXPECT_EQ(value<std::string>("memory"), "second");
}

TEST_F(LeaseTest, WriteAfterAnUnknownOutcomeSucceedsEitherWay) {
    for (const auto& fault : {lost_and_landed, lost_and_gone}) {
        auto lease = taken_by("me");
        world.store.faults = {fault, fault};
        EXPECT_FALSE(write_fenced(world.store, lease, note("unknown")));
        const auto next = write_fenced(world.store, lease, note("next"));
        EXPECT_TRUE(next && *next);
        EXPECT_EQ(value<std::string>("memory"), "next");
        EXPECT_EQ(value<std::int64_t>("step"), 2) << "above the one that may still arrive";
        const auto released = release(world.store, lease, note("last"));
        EXPECT_TRUE(released && *released);
    }
}

/// Someone deleted the item, or put an older copy of the table back.
TEST_F(LeaseTest, DeletedStateIsNotRecreatedByItsHolder) {
    for (const auto* lost : {"epoch", "step"}) {
        FakeWorld fresh;
        auto got = acquire(fresh.store, fresh.codec, "prod", claim("me"));
        ASSERT_TRUE(got);
        fresh.store.items.at({"prod", "state"}).erase(lost);
        const auto before = fresh.store.items;
        const auto written = write_fenced(fresh.store, got->lease, note("late"));
        ASSERT_TRUE(written);
        EXPECT_FALSE(*written) << "without its " << lost;
        EXPECT_EQ(fresh.store.items, before);
    }
}

/// Two users of one lease: one must not take the other's write as its own.
TEST_F(LeaseTest, WriteWithAnEarlierNumberIsRefused) {
    auto lease = taken_by("me");
    auto behind = lease;
    ASSERT_TRUE(*write_fenced(world.store, lease, note("first")));
    ASSERT_TRUE(*write_fenced(world.store, lease, note("second")));
    const auto written = write_fenced(world.store, behind, note("behind"));
    ASSERT_TRUE(written);
    EXPECT_FALSE(*written);
    EXPECT_EQ(value<std::string>("memory"), "second");
}

TEST_F(LeaseTest, ReleaseKeepsWhatOthersWrote) {
    auto lease = taken_by("me");
    ASSERT_TRUE(set_paused(world.store, "prod", fake_start + 1h));
    const auto released = release(world.store, lease, note("mine"));
    ASSERT_TRUE(released && *released);
    EXPECT_EQ(value<bool>("scaling_in_progress"), false);
    EXPECT_FALSE(item().contains("lease_owner"));
    EXPECT_FALSE(item().contains("lease_until"));
    EXPECT_EQ(value<std::string>("memory"), "mine");
    EXPECT_TRUE(item().contains("paused_until"));
    EXPECT_FALSE(taken_by("next").owner.empty());
}

TEST_F(LeaseTest, UnlockReleasesAHeldLeaseAndFencesItsHolder) {
    auto holder = taken_by("holder");
    ASSERT_TRUE(unlock(world.store, "prod"));
    const auto late = write_fenced(world.store, holder, note("late"));
    ASSERT_TRUE(late);
    EXPECT_FALSE(*late);
    EXPECT_EQ(taken_by("next").epoch, 3);
}

TEST_F(LeaseTest, UnlockCreatesNoState) {
    ASSERT_TRUE(unlock(world.store, "prod"));
    EXPECT_TRUE(world.store.items.empty());
}

TEST_F(LeaseTest, PauseAndResumeChangeNothingElse) {
    auto lease = taken_by("me");
    const auto before = item();
    ASSERT_TRUE(set_paused(world.store, "prod", fake_start + 2h));
    const auto until = (fake_start + 2h).time_since_epoch().count();
    EXPECT_EQ(value<std::int64_t>("paused_until"), until);
    ASSERT_TRUE(set_paused(world.store, "prod", std::nullopt));
    EXPECT_EQ(item(), before);
    EXPECT_TRUE(*write_fenced(world.store, lease, {}));
}

TEST_F(LeaseTest, PauseReasonIsKeptUntilThePauseEnds) {
    auto lease = taken_by("me");
    const auto before = item();
    ASSERT_TRUE(set_paused(world.store, "prod", fake_start + 2h, "moving the database"));
    EXPECT_EQ(read_state(world.store, world.codec, "prod")->pause_reason, "moving the database");
    ASSERT_TRUE(set_paused(world.store, "prod", fake_start + 3h));
    EXPECT_EQ(read_state(world.store, world.codec, "prod")->pause_reason, "")
        << "an item without it is of a pause without a reason, or of an older version";
    ASSERT_TRUE(set_paused(world.store, "prod", fake_start + 2h, "again"));
    ASSERT_TRUE(set_paused(world.store, "prod", std::nullopt));
    EXPECT_EQ(item(), before);
}

TEST_F(LeaseTest, PausedNewClusterIsAcquired) {
    ASSERT_TRUE(set_paused(world.store, "prod", fake_start + 2h));
    const auto got = take("me");
    ASSERT_TRUE(got && !got->held_by_another);
    EXPECT_EQ(got->state.paused_until, fake_start + 2h);
    EXPECT_EQ(got->state.generation, generation);
}

TEST_F(LeaseTest, FaultsOfUserCommandsAreReported) {
    taken_by("me");
    world.store.away = StoreFault{};
    EXPECT_EQ(unlock(world.store, "prod").error().kind, ErrorKind::unavailable);
    EXPECT_EQ(set_paused(world.store, "prod", fake_start).error().kind, ErrorKind::unavailable);
}

TEST_F(LeaseTest, NoEffectStartsThatCouldOutliveTheDeadline) {
    struct Moment {
        const char* name;
        Milliseconds passed;
        bool may;
    };
    const auto last = 115s - lease_margin - longest_call - longest_release;
    const Moment moments[] = {{"at once", 0s, true},
                              {"just in time", last - 1ms, true},
                              {"too late", last, false},
                              {"after a long pause of the process", 1h, false}};
    auto lease = taken_by("me");
    for (const auto& moment : moments) {
        EXPECT_EQ(may_act(lease, lease.began + moment.passed), moment.may) << moment.name;
    }
}

TEST_F(LeaseTest, WrongClockMovesTheExpiryButFencingStillHolds) {
    for (const auto off : {-60s, 60s}) {
        FakeWorld fresh;
        const Claim wrong{"wrong", generation, fresh.clock.now() + off, 0ms, 115s};
        auto first = acquire(fresh.store, fresh.codec, "prod", wrong);
        ASSERT_TRUE(first);
        fresh.clock.advance(115s + off + 1ms);
        const Claim right{"right", generation, fresh.clock.now(), 0ms, 115s};
        const auto second = acquire(fresh.store, fresh.codec, "prod", right);
        ASSERT_TRUE(second);
        EXPECT_FALSE(second->held_by_another) << off.count();
        EXPECT_FALSE(*write_fenced(fresh.store, first->lease, note("late"))) << off.count();
    }
}

}  // namespace
}  // namespace nodenap::test
