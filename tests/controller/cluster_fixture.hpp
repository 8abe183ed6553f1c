#pragma once

// A small cluster with fake ports: Prometheus reports the instances that run in the fake fleet.

#include "controller/invocation.hpp"
#include "controller/lease.hpp"
#include "controller/memory.hpp"
#include "controller/reconcile.hpp"
#include "decide/backoff.hpp"
#include "fakes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace nodenap::test {

inline Settings small_settings() {
    Settings settings;
    settings.cluster = "prod";
    settings.region = "us-east-1";
    auto& policy = settings.policy;
    policy.catalogue = {{"t3.small", 2, Mebibytes{2048}, "x86_64", std::nullopt, 0.02, 110},
                        {"t3.medium", 2, Mebibytes{4096}, "x86_64", std::nullopt, 0.04, 110}};
    Pool pool;
    pool.name = "workers";
    pool.launch_template = "lt-0abc";
    pool.launch_template_version = "3";
    pool.subnets = {{"subnet-a", "us-east-1a"}, {"subnet-b", "us-east-1b"}};
    pool.instance_types = {"t3.small", "t3.medium"};
    policy.pools = {pool};
    return settings;
}

inline const Offering small_a{"workers", "t3.small", "us-east-1a", Capacity::on_demand};
inline const Offering small_b{"workers", "t3.small", "us-east-1b", Capacity::on_demand};
inline const Offering medium_a{"workers", "t3.medium", "us-east-1a", Capacity::on_demand};
inline const Offering medium_b{"workers", "t3.medium", "us-east-1b", Capacity::on_demand};

inline std::vector<Offering> all_offerings() { return {small_a, small_b, medium_a, medium_b}; }

/// Pods that each fill a t3.small.
inline std::vector<PendingPod> large_pods(int count) {
    std::vector<PendingPod> pods;
    for (int i = 0; i < count; ++i) {
        pods.push_back({"default/web-" + std::to_string(i), "ReplicaSet/web",
                        Resources{Millicores{1500}, Mebibytes{500}, 1}, fake_start});
    }
    return pods;
}

struct Cluster : FakeWorld {
    Cluster() {
        metrics.answer = [this](Time) { return seen(); };
    }

    /// A running instance whose Node is Ready, unless it is in `not_joined`.
    std::string add_instance(Milliseconds age = std::chrono::hours(1)) {
        Instance instance;
        instance.id = "i-old" + std::to_string(fleet.instances.size());
        instance.offering = fleet.instances.size() % 2 == 0 ? small_a : small_b;
        instance.state = InstanceState::running;
        instance.launched_at = clock.now() - age;
        instance.private_ip = "10.0.2." + std::to_string(10 + fleet.instances.size());
        instance.launch_template = settings.policy.pools.front().launch_template;
        fleet.instances.push_back(instance);
        return instance.id;
    }

    /// Makes all current instances spot instances.
    void all_on_spot() {
        for (auto& instance : fleet.instances) instance.offering.capacity = Capacity::spot;
    }

    /// From now on each node runs one more pod of this size.
    void busy_with(const Resources& pod) {
        metrics.answer = [pod, answer = metrics.answer](Time now) {
            auto signals = answer(now);
            auto nodes = signals.nodes.value();
            for (auto& node : nodes) {
                node.requested = node.requested + pod;
                node.only_daemonset_pods = false;
            }
            signals.nodes = nodes;
            return signals;
        };
    }

    /// Writes to the state as someone with write access to the table would.
    void forge(const Operation& operation) {
        Change change;
        announce(change, operation);
        (void)store.update(state_key(settings.cluster), change, {});
    }

    /// An instance that was observed for longer than the join timeout and never registered.
    std::string add_late() {
        const auto age = std::chrono::minutes(11);
        const auto id = add_instance(age);
        not_joined.insert(id);
        auto memory = state().memory;
        memory.instances[id].first_seen_at = clock.now() - age;
        memory.nodes_seen_at = clock.now();
        store.items[{settings.cluster, "state"}]["memory"] = {codec.memory_text(memory)};
        return id;
    }

    void add_registered(int count) {
        for (int i = 0; i < count; ++i) add_instance();
    }

    Claim claim(Milliseconds length = longest_invocation + lease_margin) {
        const auto name = "owner " + std::to_string(++claims);
        return {name, std::string(32, 'a'), clock.now(), clock.monotonic(), length};
    }

    Result<Outcome> pass(const Trigger& trigger = Scheduled{}) {
        return reconcile(ports, settings, trigger, claim());
    }

    /// A whole invocation; each of its passes has a unique owner name.
    Result<Outcome> wake(const Trigger& trigger = Scheduled{},
                         Milliseconds time_left = longest_invocation) {
        const Wakeup wakeup{trigger, time_left, [this] {
                                auto digits = std::to_string(++drawn);
                                return std::string(32 - digits.size(), '0') + digits;
                            }};
        return run_invocation(ports, settings, wakeup);
    }

    /// Two passes with the load low for long enough that the next one may remove a node.
    void idle_for_long() {
        (void)pass();
        clock.advance(std::chrono::minutes(10));
    }

    State state() { return *read_state(store, codec, settings.cluster); }

    /// Running workers that are not being removed or interrupted.
    int alive() const {
        return static_cast<int>(std::count_if(fleet.instances.begin(), fleet.instances.end(),
                                              [](const Instance& instance) {
                                                  return instance.state == InstanceState::pending ||
                                                         instance.state == InstanceState::running;
                                              }));
    }

    const Instance* by_operation(const std::string& id) const {
        for (const auto& instance : fleet.instances) {
            if (instance.operation == id) return &instance;
        }
        return nullptr;
    }

    /// Lets the lease of a crashed process expire.
    void outlive_the_lease() { clock.advance(longest_invocation + lease_margin + Milliseconds{1}); }

    Settings settings = small_settings();
    std::vector<PendingPod> pending;
    std::set<std::string> not_joined;
    bool new_ones_join = false;
    double cpu_percent = 10;
    int claims = 0;

private:
    Node node_of(const Instance& instance) const {
        Node node;
        node.name = node.instance_id = instance.id;
        node.internal_ip = instance.private_ip;
        node.ready = true;
        node.created_at = instance.launched_at;
        node.allocatable = {Millicores{1900}, Mebibytes{1748}, 110};
        node.requested = {Millicores{50}, Mebibytes{50}, 1};
        node.daemonset_requested = node.requested;
        node.only_daemonset_pods = true;
        return node;
    }

    Signals seen() const {
        std::vector<Node> nodes;
        Use use{cpu_percent, {}};
        for (const auto& instance : fleet.instances) {
            const bool up = instance.state == InstanceState::running ||
                            (instance.state == InstanceState::pending && new_ones_join);
            if (!up || not_joined.contains(instance.id)) continue;
            nodes.push_back(node_of(instance));
            use.hosts.push_back({instance.private_ip, 2 * cpu_percent / 100, 2});
        }
        Signals signals;
        signals.cpu = use;
        signals.memory = Use{10, {}};
        signals.pending = Pending{static_cast<std::int64_t>(pending.size()), pending};
        signals.nodes = nodes;
        return signals;
    }
    int drawn = 0;
};

/// One cluster and its passes.
class ClusterTest : public ::testing::Test {
protected:
    Outcome pass(const Trigger& trigger = Scheduled{}) {
        auto outcome = cluster.pass(trigger);
        EXPECT_TRUE(outcome) << (outcome ? "" : outcome.error().text);
        return outcome ? std::move(*outcome) : Outcome{};
    }

    /// Two registered nodes, and pods that need `count` more.
    void ask_for(int count) {
        cluster.add_registered(2);
        cluster.idle_for_long();
        cluster.pending = large_pods(count);
    }

    Cluster cluster;
};

inline const Error no_capacity{ErrorKind::no_capacity, "none left", "InsufficientInstanceCapacity"};
inline const Error lost_answer{ErrorKind::unknown_outcome, "no answer"};

/// A pass that decided a removal whose call returned `error`.
inline void remove_with(Cluster& world, const Error& error) {
    world.add_registered(3);
    world.idle_for_long();
    for (const auto& instance : world.fleet.instances) {
        world.fleet.terminate_errors.emplace(instance.id, error);
    }
    (void)world.pass();
    world.fleet.terminate_errors.clear();
    world.clock.advance(std::chrono::seconds(5));
}

inline const Effect* effect(const Record& record, const std::string& kind) {
    for (const auto& done : record.done) {
        if (done.kind == kind) return &done;
    }
    return nullptr;
}

inline std::size_t effects(const Record& record, const std::string& kind) {
    std::size_t count = 0;
    for (const auto& done : record.done) count += done.kind == kind ? 1 : 0;
    return count;
}

inline ReasonCode reason(const Outcome& outcome) {
    return outcome.record.plan.reasons.front().code;
}

}  // namespace nodenap::test
