// The state item is read and written twice in each pass: it stays within one unit of DynamoDB.

#include "adapters/decision_json.hpp"
#include "controller/memory.hpp"
#include "controller/reconcile.hpp"
#include "fakes.hpp"

#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

using namespace std::chrono_literals;

/// As AWS counts: names and texts by their bytes, a number by its digits, a map by its entries.
std::size_t size_of(const AttributeMap& item);

std::size_t size_of(const Attribute& attribute) {
    struct Size {
        std::size_t operator()(bool) const { return 1; }
        std::size_t operator()(std::int64_t number) const {
            return std::to_string(number).size() / 2 + 2;
        }
        std::size_t operator()(const std::string& text) const { return text.size(); }
        std::size_t operator()(const AttributeMap& map) const {
            return 3 + map.size() + size_of(map);
        }
    };
    return std::visit(Size{}, attribute.value);
}

std::size_t size_of(const AttributeMap& item) {
    std::size_t size = 0;
    for (const auto& [name, value] : item) size += name.size() + size_of(value);
    return size;
}

struct TenNodes : FakeWorld {
    TenNodes() {
        settings.cluster = "production";
        settings.policy.catalogue = {
            {"t3.medium", 2, Mebibytes{4096}, "x86_64", std::nullopt, 0.04, 110}};
        settings.policy.limits.min_nodes = 10;
        Pool pool;
        pool.name = "workers";
        pool.subnets = {{"subnet-a", "us-east-1a"}, {"subnet-b", "us-east-1b"}};
        pool.instance_types = {"t3.medium"};
        settings.policy.pools = {pool};
        for (int i = 0; i < 10; ++i) add_node(i);
    }

    void add_node(int number) {
        Instance instance;
        instance.id = "i-0123456789abcdef" + std::to_string(number);
        instance.offer = {"workers", "t3.medium", "us-east-1a", Capacity::on_demand};
        instance.state = InstanceState::running;
        instance.launched_at = fake_start - 1h;
        fleet.instances.push_back(instance);
        Node node;
        node.name = node.instance_id = instance.id;
        node.ready = true;
        node.created_at = instance.launched_at;
        nodes.push_back(node);
    }

    std::size_t size_after_a_pass() {
        metrics.signals.nodes = nodes;
        metrics.signals.pending = Pending{};
        metrics.signals.cpu = Use{10, {}};
        JsonCodec json;
        const Ports with_json{clock, metrics, fleet, store, json, log};
        const Claim claim{std::string(32, 'b'), std::string(32, 'a'), clock.now(),
                          clock.monotonic(), longest_invocation + lease_margin};
        EXPECT_TRUE(reconcile(with_json, settings, Scheduled{}, claim));
        return size_of(store.items.at({"production", "state"}));
    }

    Settings settings;
    std::vector<Node> nodes;
};

constexpr std::size_t one_unit = 1024;

TEST(StateSizeTest, TenJoinedNodesFitIntoOneUnit) {
    TenNodes world;
    EXPECT_LE(world.size_after_a_pass(), one_unit);
}

TEST(StateSizeTest, AndWithAPauseANoticeAndAnOfferAtRest) {
    TenNodes world;
    world.size_after_a_pass();
    ASSERT_TRUE(post_notice(world.store, "production", world.fleet.instances.front().id,
                            {"rebalance", world.clock.now()}));
    auto& item = world.store.items.at({"production", "state"});
    item["paused_until"] = {std::int64_t{1'795'464'000'000}};
    item["last_action_at"] = {std::int64_t{1'795'464'000'000}};
    const JsonCodec json;
    auto memory = *json.memory(std::get<std::string>(item.at("memory").value));
    rest_offer(memory, world.fleet.instances.front().offer, world.clock.now(),
               "InsufficientInstanceCapacity", false);
    item["memory"] = {json.memory_text(memory)};
    EXPECT_LE(world.size_after_a_pass(), one_unit);
}

}  // namespace
}  // namespace nodenap::test
