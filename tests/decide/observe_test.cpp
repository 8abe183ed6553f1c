#include "decide/observe.hpp"

#include "decide/cluster.hpp"
#include "decide/joining.hpp"
#include "decide/observe.hpp"

namespace nodenap::test {
namespace {

Memory observed(const Cluster& c) {
    const bool known = c.snapshot.fleet.known();
    return observe(c.snapshot, known ? membership(c.snapshot, c.policy) : Membership{}, c.policy);
}

std::string stages(const Cluster& cluster) {
    constexpr const char* names[] = {"booting", "ready", "notready", "late", "leaving", "gone"};
    std::string text;
    for (const auto& member : membership(cluster.snapshot, cluster.policy).members) {
        text += (text.empty() ? "" : " ") + member.instance->id + ":" +
                names[static_cast<int>(member.stage)];
    }
    return text;
}

TEST(Observe, RemembersRegistrations) {
    Cluster c;
    c.ready("i-1").booting("i-2").memory().instances.clear();
    c.memory().instances["i-gone"].registered_at = start - 1h;
    auto memory = observed(c);
    EXPECT_EQ(memory.instances.size(), 2u);
    EXPECT_EQ(memory.instances["i-1"].registered_at, start);
    EXPECT_EQ(memory.instances["i-2"].registered_at, std::nullopt);
    EXPECT_EQ(memory.instances["i-2"].first_seen_at, start);
    EXPECT_EQ(memory.last_ready_at, start);

    c.memory() = memory;
    c.pass_time(1min);
    memory = observed(c);
    EXPECT_EQ(memory.instances["i-1"].registered_at, start);  // the first time counts
    EXPECT_EQ(memory.last_ready_at, start);
}

TEST(Observe, RemembersSinceWhenANodeIsNotReady) {
    Cluster c;
    c.ready("i-1").node("i-1").ready = false;
    c.memory() = observed(c);
    EXPECT_EQ(c.memory().instances["i-1"].notready_since, start);
    c.memory() = observed(c.pass_time(5min));
    EXPECT_EQ(c.memory().instances["i-1"].notready_since, start);
    c.node("i-1").ready = true;
    c.memory() = observed(c);
    EXPECT_EQ(c.memory().instances["i-1"].notready_since, std::nullopt);
}

TEST(Observe, InfersRegistrationFromAnOldNode) {
    Cluster c;
    c.ready("i-1").node("i-1").ready = false;
    c.node("i-1").created_at = start - 1h;
    c.memory() = {};
    const auto memory = observed(c);
    EXPECT_EQ(memory.instances.at("i-1").registered_at, start - 1h);
    EXPECT_EQ(memory.last_ready_at, std::nullopt);  // no cooldown for it
}

TEST(Observe, ConcludesNothingFromMissingData) {
    const auto lost_memory = [](Cluster& c) -> Cluster& {
        c.ready("i-1").memory() = {};
        c.node("i-1").ready = false;
        c.node("i-1").created_at = start - 11min;
        return c;
    };
    {
        // Node data is unavailable in the first pass after the memory was lost. If that pass
        // remembered "observed booting", the next one would terminate a registered node as late.
        Cluster c;
        lost_memory(c);
        auto seen = c.snapshot.signals.nodes;
        c.snapshot.signals.nodes = Unknown{"unreachable"};
        c.memory() = observed(c);
        EXPECT_TRUE(c.memory().instances.empty());
        c.snapshot.signals.nodes = seen;
        EXPECT_EQ(stages(c), "i-1:notready");
    }
    {
        // Late by its launch time, but its Node is too young to decide: awaited until it is older.
        Cluster c;
        lost_memory(c).node("i-1").created_at = start - 9min;
        c.memory() = observed(c);
        EXPECT_EQ(stages(c), "i-1:booting");
        c.pass_time(2min);
        EXPECT_EQ(stages(c), "i-1:notready");
    }
    {
        Cluster c;
        c.ready("i-1").snapshot.fleet = Unknown{"throttled"};
        EXPECT_EQ(observed(c).instances.size(), 1u);
    }
}

TEST(Observe, MeasuresHowLongCpuIsLow) {
    Cluster c;
    c.ready(2).cpu(29.9);
    c.memory() = observed(c);
    EXPECT_EQ(c.memory().low_since, start);
    c.memory() = observed(c.pass_time(2min));
    EXPECT_EQ(c.memory().low_since, start);
    EXPECT_EQ(observed(c.cpu(30)).low_since, std::nullopt);
    c.snapshot.signals.cpu = Unknown{"stale"};
    EXPECT_EQ(observed(c).low_since, std::nullopt);
}

TEST(Observe, StartWithoutALastObservationIsIgnored) {
    Cluster c;
    c.cpu(10).memory().low_since = start - 1h;
    c.memory().low_seen_at.reset();
    EXPECT_EQ(observed(c).low_since, start);
}

TEST(Observe, TimeWithoutAPassIsNotLow) {
    Cluster c;
    c.ready(3).cpu(10);
    c.memory() = observed(c);
    EXPECT_EQ(observed(c.pass_time(10min)).low_since, start);
    EXPECT_EQ(observed(c.pass_time(1ms)).low_since, start + 10min + 1ms);
    EXPECT_EQ(outcome(c.plan()), "hold unneeded_too_short");
    c.policy.scale_down.unneeded_for = 30min;
    EXPECT_EQ(observed(c.pass_time(50min - 1ms)).low_since, start);
    EXPECT_EQ(observed(c.pass_time(1ms)).low_since, start + 1h + 1ms);
}

TEST(Observe, ForgetsLaunchesAfterAnHour) {
    Cluster c;
    const auto past = start - 1h - 5min;
    c.memory().launches = {past, past + 1ms, start};
    EXPECT_EQ(launches_of_last_hour(c.memory(), start), 2);
    EXPECT_EQ(observed(c).launches, (std::vector<Time>{past + 1ms, start}));
}

}  // namespace
}  // namespace nodenap::test
