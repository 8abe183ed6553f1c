// Recovery with and without remembered data.

#include "cluster_fixture.hpp"

#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

using namespace std::chrono_literals;

class RecoverMemoryTest : public ClusterTest {
protected:
    void keep(const Memory& memory) {
        cluster.store.items.at({"prod", "state"})["memory"] = {cluster.codec.memory_text(memory)};
    }

    /// A pass that recorded one launch and got no response.
    void launch_unheard(bool landed) {
        cluster.add_registered(1);
        cluster.fleet.launch_errors = {lost_answer};
        cluster.fleet.launch_errors_land = landed;
        pass();
        ASSERT_EQ(cluster.fleet.launches.size(), 1U);
        ASSERT_EQ(cluster.state().open_operations.size(), 1U);
    }
};

TEST_F(RecoverMemoryTest, ForgottenLaunchThatNeverHappenedUncountsNoOther) {
    launch_unheard(false);
    auto memory = cluster.state().memory;
    memory.launches = {cluster.clock.now() + 10min};  // another one, after the memory was forgotten
    keep(memory);
    cluster.clock.advance(23min);
    const auto outcome = pass();
    ASSERT_NE(effect(outcome.record, "close"), nullptr);
    EXPECT_EQ(cluster.fleet.launches.size(), 2U) << "launched again";
    EXPECT_EQ(cluster.state().memory.launches.size(), 2U) << "that one and the new one";
}

/// As if the state was restored from a backup.
TEST_F(RecoverMemoryTest, AdoptedInstanceKeepsWhatIsRemembered) {
    launch_unheard(true);
    const auto id = cluster.fleet.instances.back().id;
    const auto registered_at = cluster.clock.now() + 1min;
    auto memory = cluster.state().memory;
    memory.instances[id].registered_at = registered_at;
    keep(memory);
    cluster.new_ones_join = true;
    cluster.clock.advance(2min);
    const auto outcome = pass();
    ASSERT_NE(effect(outcome.record, "adopt"), nullptr);
    const auto known = cluster.state().memory.instances.at(id);
    EXPECT_EQ(known.registered_at, registered_at);
    EXPECT_FALSE(known.first_seen_at) << "it is not awaited";
}

/// It may have succeeded: repeating another one could exceed the maximum that the user has set.
TEST_F(RecoverMemoryTest, LaunchThatIsNotRepeatedCountsForTheOthers) {
    cluster.add_registered(2);
    pass();
    Change change;
    for (const auto& offering : {small_a, medium_a}) {
        Operation operation;
        operation.id = "launch of " + offering.instance_type;
        operation.since = cluster.clock.now();
        operation.offering = offering;
        operation.subnet = "subnet-a";
        operation.launch_template = "lt-0abc";
        operation.launch_template_version = "3";
        announce(change, operation);
    }
    ASSERT_TRUE(cluster.store.update(state_key("prod"), change, {}));
    auto& policy = cluster.settings.policy;
    policy.limits.max_nodes = 3;
    policy.catalogue = {*find_type(policy, "t3.medium")};
    pass();
    EXPECT_TRUE(cluster.fleet.launches.empty());
    policy.limits.max_nodes = 4;
    pass();
    ASSERT_EQ(cluster.fleet.launches.size(), 1U);
    EXPECT_EQ(cluster.fleet.launches[0].offering, medium_a);
}

TEST_F(RecoverMemoryTest, TerminatedServerCausesNoBackoff) {
    for (const bool is_server : {false, true}) {
        Cluster fresh;
        fresh.add_registered(2);
        fresh.idle_for_long();
        const auto id = fresh.add_instance(1min);
        auto memory = fresh.state().memory;
        auto& known = memory.instances[id];
        if (is_server) known.server_seen_at = fresh.clock.now();
        fresh.store.items.at({"prod", "state"})["memory"] = {fresh.codec.memory_text(memory)};
        fresh.fleet.find(id)->state = InstanceState::terminated;
        const auto outcome = fresh.pass();
        ASSERT_TRUE(outcome);
        EXPECT_EQ(effect(outcome->record, "close") == nullptr, is_server);
        EXPECT_EQ(fresh.state().memory.unavailable_offerings.empty(), is_server);
        EXPECT_FALSE(fresh.state().memory.instances.contains(id));
    }
}

TEST_F(RecoverMemoryTest, LaunchOfARemovedTypeIsNotRepeated) {
    launch_unheard(false);
    auto& policy = cluster.settings.policy;
    policy.catalogue = {*policy.catalogue.find("t3.medium")};
    policy.pools.front().instance_types = {"t3.medium"};
    cluster.fleet.launches.clear();
    cluster.clock.advance(5s);
    pass();
    EXPECT_TRUE(cluster.fleet.launches.empty()) << "its price is unknown";
    EXPECT_EQ(cluster.state().open_operations.size(), 1U) << "but it may exist, so it counts";
}

}  // namespace
}  // namespace nodenap::test
