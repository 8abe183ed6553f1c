#pragma once

// A small cluster behind fake ports, as the handler's and the commands' tests need it.

#include "checkup_fakes.hpp"
#include "controller/memory.hpp"
#include "fakes.hpp"

#include <string>

namespace nodenap::test {

inline Settings small_settings() {
    Settings settings;
    settings.cluster = "prod";
    settings.region = "us-east-1";
    settings.metrics.url = "http://10.0.1.10:30090";
    settings.state.dynamodb_table = "nodenap";
    Pool pool;
    pool.name = "workers";
    pool.launch_template = "lt-0abc";
    pool.launch_template_version = "3";
    pool.subnets = {{"subnet-a", "us-east-1a"}, {"subnet-b", "us-east-1b"}};
    pool.instance_types = {"t2.small"};
    settings.policy.pools = {pool};
    settings.policy.catalogue = {
        {.name = "t2.small", .vcpu = 1, .memory = {2048}, .price_per_hour_usd = 0.023}};
    return settings;
}

inline Instance worker(const std::string& id) {
    Instance instance;
    instance.id = id;
    instance.offer = {"workers", "t2.small", "us-east-1a", Capacity::on_demand};
    instance.state = InstanceState::running;
    instance.launched_at = fake_start - std::chrono::hours(3);
    return instance;
}

inline Node ready_node(const std::string& id) {
    Node node;
    node.name = id;
    node.instance_id = id;
    node.ready = true;
    node.created_at = fake_start - std::chrono::hours(3);
    node.allocatable = {{900}, {1748}, 110};
    return node;
}

/// Two workers at 50 % CPU and no pod that waits: nothing is to be done.
struct CalmWorld : FakeWorld {
    CalmWorld() {
        fleet.instances = {worker("i-0aaa"), worker("i-0bbb")};
        Use use{50, {{"i-0aaa", 0.5, 1}, {"i-0bbb", 0.5, 1}}};
        metrics.signals.cpu = use;
        metrics.signals.memory = use;
        metrics.signals.pending = Pending{};
        metrics.signals.nodes = std::vector<Node>{ready_node("i-0aaa"), ready_node("i-0bbb")};
    }

    Settings settings = small_settings();
    FakeCheckup checkup;
};

inline std::function<std::string()> counting_random() {
    return [count = 0]() mutable {
        std::string digits = std::to_string(++count);
        return std::string(32 - digits.size(), '0') + digits;
    };
}

}  // namespace nodenap::test
