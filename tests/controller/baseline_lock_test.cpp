// The baseline's lock, which fails, compared with the lease.

#include "baseline_lock.hpp"
#include "mortal_ports.hpp"

#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

using namespace std::chrono_literals;

/// A pod that fits on one more node.
struct OneMissing : Cluster {
    OneMissing() {
        add_registered(2);
        idle_for_long();
        fleet.launches.clear();
        pending = large_pods(1);
    }
};

TEST(BaselineLockTest, BaselinesLockIsHeldForeverAfterACrash) {
    OneMissing baseline;
    ASSERT_TRUE(BaselineLock(baseline.store, "baseline").take());  // its owner crashes here
    for (const auto later : {2min, 60min, 24 * 60min, 365 * 24 * 60min}) {
        baseline.clock.advance(later);
        EXPECT_FALSE(baseline_handler(baseline.ports, "baseline"))
            << "scaling in progress, skipped";
    }
    EXPECT_TRUE(baseline.fleet.launches.empty()) << "the pod is still pending after a year";
}

TEST(BaselineLockTest, LeaseExpiresAfterACrash) {
    OneMissing ours;
    Life life;
    life.last_call = 1;
    life.last_call_lands = true;
    Process dies(ours, life);
    (void)dies.pass();
    EXPECT_FALSE(ours.state().lease_owner.empty());
    ours.clock.advance(2min);
    ASSERT_TRUE(ours.pass());
    EXPECT_EQ(ours.fleet.launches.size(), 1U) << "the next tick";
}

/// Runs `handler` once more while the first run waits for Prometheus.
template <class Handler>
void run_two_at_once(Cluster& cluster, Handler handler) {
    const auto answer = cluster.metrics.answer;
    bool inside = false;
    cluster.metrics.answer = [&](Time now) {
        const auto seen = answer(now);
        if (!std::exchange(inside, true)) {
            handler();
            cluster.clock.advance(300ms);  // the slower of the two
        }
        return seen;
    };
    handler();
    cluster.metrics.answer = answer;
}

TEST(BaselineLockTest, BaselinesTwoLateRunsBothAct) {
    OneMissing baseline;
    run_two_at_once(baseline, [&] { baseline_handler(baseline.ports, "baseline"); });
    EXPECT_EQ(baseline.fleet.instances.size(), 4U) << "two nodes for one pod";
}

TEST(BaselineLockTest, OneOfTwoLatePassesActs) {
    OneMissing ours;
    run_two_at_once(ours, [&] { ASSERT_TRUE(ours.pass()); });
    ASSERT_TRUE(ours.pass());
    EXPECT_EQ(ours.fleet.instances.size(), 3U);
}

}  // namespace
}  // namespace nodenap::test
