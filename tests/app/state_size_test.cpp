// The state item is read and written twice in each pass: it stays within one unit of DynamoDB.

#include "decide/backoff.hpp"
#include "steady_cluster.hpp"

namespace nodenap::test {
namespace {

struct TenNodes : SteadyCluster {
    TenNodes() : SteadyCluster(10) {}
};

constexpr std::size_t one_unit = 1024;

TEST(StateSizeTest, TenJoinedNodesFitIntoOneUnit) {
    TenNodes world;
    EXPECT_LE(world.size_after_a_pass(), one_unit);
}

TEST(StateSizeTest, AndWithAPauseANoticeAndAnOfferAtRest) {
    TenNodes world;
    world.size_after_a_pass();
    ASSERT_TRUE(post_interruption(world.store, "production", world.fleet.instances.front().id,
                                  {"rebalance", world.clock.now()}));
    auto& item = world.store.items.at({"production", "state"});
    item["paused_until"] = {std::int64_t{1'795'464'000'000}};
    item["last_action_at"] = {std::int64_t{1'795'464'000'000}};
    const JsonCodec json;
    auto memory = *json.memory(std::get<std::string>(item.at("memory").value));
    back_off(memory, world.fleet.instances.front().offering, world.clock.now(),
             "InsufficientInstanceCapacity", false);
    item["memory"] = {json.memory_text(memory)};
    EXPECT_LE(world.size_after_a_pass(), one_unit);
}

}  // namespace
}  // namespace nodenap::test
