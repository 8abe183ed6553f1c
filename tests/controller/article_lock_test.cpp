// The twin that must fail: what the article's lock does, and beside it what ours does.

#include "article_lock.hpp"
#include "mortal_ports.hpp"

#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

using namespace std::chrono_literals;

/// A pod that one more node can hold.
struct OneMissing : Cluster {
    OneMissing() {
        add_registered(2);
        idle_for_long();
        fleet.launches.clear();
        pending = large_pods(1);
    }
};

TEST(ArticleLockTest, ItStaysHeldForEverAfterACrash) {
    OneMissing article;
    ASSERT_TRUE(ArticleLock(article.store, "article").take());  // and here its owner dies
    for (const auto later : {2min, 60min, 24 * 60min, 365 * 24 * 60min}) {
        article.clock.advance(later);
        EXPECT_FALSE(article_handler(article.ports, "article")) << "scaling in progress, skipped";
    }
    EXPECT_TRUE(article.fleet.launches.empty()) << "a year, and the pod still waits";
}

TEST(ArticleLockTest, OursIsFreeAgainWithinOneLease) {
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

TEST(ArticleLockTest, TwoLateRunsActOnOneOldDecision) {
    OneMissing article;
    run_two_at_once(article, [&] { article_handler(article.ports, "article"); });
    EXPECT_EQ(article.fleet.instances.size(), 4U) << "two nodes for one pod";
}

TEST(ArticleLockTest, OfTwoLateRunsOfOursOneActs) {
    OneMissing ours;
    run_two_at_once(ours, [&] { ASSERT_TRUE(ours.pass()); });
    ASSERT_TRUE(ours.pass());
    EXPECT_EQ(ours.fleet.instances.size(), 3U);
}

}  // namespace
}  // namespace nodenap::test
