#pragma once

// A cluster of joined nodes that needs nothing, with the store's items as DynamoDB weighs them.

#include "adapters/json/decision_json.hpp"
#include "controller/memory.hpp"
#include "controller/reconcile.hpp"
#include "fakes.hpp"

#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

namespace nodenap::test {

/// As AWS counts: names and texts by their bytes, a number by its digits, a map by its entries.
std::size_t size_of(const AttributeMap& item);

inline std::size_t size_of(const Attribute& attribute) {
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

inline std::size_t size_of(const AttributeMap& item) {
    std::size_t size = 0;
    for (const auto& [name, value] : item) size += name.size() + size_of(value);
    return size;
}

struct SteadyCluster : FakeWorld {
    explicit SteadyCluster(int count) {
        settings.cluster = "production";
        settings.policy.catalogue = {
            {"t3.medium", 2, Mebibytes{4096}, "x86_64", std::nullopt, 0.04, 110}};
        settings.policy.limits.min_nodes = count;
        settings.policy.limits.max_nodes = count + 1;
        Pool pool;
        pool.name = "workers";
        pool.launch_template = "lt-0123456789abcdef0";
        pool.launch_template_version = "3";
        pool.subnets = {{"subnet-0123456789abcdef0", "us-east-1a"},
                        {"subnet-0123456789abcdef1", "us-east-1b"}};
        pool.instance_types = {"t3.medium"};
        pool.max_nodes = count + 1;
        settings.policy.pools = {pool};
        for (int i = 0; i < count; ++i) add_node(10 + i);
    }

    void add_node(int number) {
        Instance instance;
        instance.id = "i-0123456789abcde" + std::to_string(number);
        instance.offering = {"workers", "t3.medium", "us-east-1a", Capacity::on_demand};
        instance.state = InstanceState::running;
        instance.launched_at = fake_start - std::chrono::hours(1);
        instance.launch_template = settings.policy.pools.front().launch_template;
        fleet.instances.push_back(instance);
        Node node;
        node.name = node.instance_id = instance.id;
        node.ready = true;
        node.created_at = instance.launched_at;
        nodes.push_back(node);
    }

    Result<Outcome> pass(EventLog& into) {
        metrics.signals.nodes = nodes;
        metrics.signals.pending = Pending{};
        metrics.signals.cpu = Use{10, {}};
        const Ports with_json{clock, metrics, fleet, store, json, into};
        const Claim claim{std::string(32, 'b'), std::string(32, 'a'), clock.now(),
                          clock.monotonic(), longest_invocation + lease_margin};
        return reconcile(with_json, settings, Scheduled{}, claim);
    }

    std::size_t state_size() { return size_of(store.items.at({settings.cluster, "state"})); }

    std::size_t size_after_a_pass() {
        EXPECT_TRUE(pass(log));
        return state_size();
    }

    Settings settings;
    std::vector<Node> nodes;
    JsonCodec json;
};

}  // namespace nodenap::test
