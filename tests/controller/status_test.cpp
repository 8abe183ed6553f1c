#include "controller/status.hpp"

#include "cluster_fixture.hpp"

#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

TEST(ReadStatus, ReturnsTheStateAndTheNewestRecord) {
    Cluster cluster;
    const auto never = read_status(cluster.ports, cluster.settings);
    ASSERT_TRUE(never);
    EXPECT_EQ(never->state.epoch, 0);
    EXPECT_EQ(never->last_or_null(), nullptr);

    ASSERT_TRUE(cluster.pass());
    const auto once = read_status(cluster.ports, cluster.settings);
    ASSERT_TRUE(once);
    EXPECT_EQ(once->state.epoch, 1);
    EXPECT_EQ(once->now, cluster.clock.now());
    ASSERT_NE(once->last_or_null(), nullptr);
    EXPECT_EQ(once->last->epoch, 1);
}

TEST(ReadStatus, FailsIfTheStoreFails) {
    Cluster cluster;
    cluster.store.faults = {{}};
    EXPECT_FALSE(read_status(cluster.ports, cluster.settings));
}

}  // namespace
}  // namespace nodenap::test
