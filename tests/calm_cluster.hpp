#pragma once

// Parts of an idle cluster, shared by the tests of several folders.

#include "fakes.hpp"

#include <string>

namespace nodenap::test {

inline Settings calm_settings() {
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
    instance.offering = {"workers", "t2.small", "us-east-1a", Capacity::on_demand};
    instance.state = InstanceState::running;
    instance.launched_at = fake_start - std::chrono::hours(3);
    instance.launch_template = "lt-0abc";
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

}  // namespace nodenap::test
