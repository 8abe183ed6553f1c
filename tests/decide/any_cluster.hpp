#pragma once

// Random clusters by rapidcheck, for properties that hold for every input.

#include "decide/cluster.hpp"
#include "decide/fit.hpp"

#include <rapidcheck/gtest.h>

#include <set>

namespace nodenap::test {

/// From `low` up to and including `high`.
inline int any_of(int low, int high) { return *rc::gen::inRange(low, high + 1); }
inline bool maybe() { return any_of(0, 1) == 1; }
inline Milliseconds any_span(Milliseconds longest) {
    return Milliseconds{std::int64_t{any_of(0, 60)} * longest.count() / 60};
}

class AnyCluster {
public:
    static Cluster make() {
        AnyCluster any;
        any.make_policy();
        any.make_fleet();
        any.make_signals();
        any.make_memory();
        return any.c_;
    }

    /// An idle cluster with complete data, so that rule 4 can apply.
    static Cluster make_idle() {
        Cluster c;
        c.policy.limits.min_nodes = any_of(0, 1);
        c.policy.scale_down.without_drain = WithoutDrain::any;
        c.policy.scale_up.cpu_above_percent = any_of(31, 60);
        c.policy.scale_up.memory_above_percent = 80;
        if (maybe()) c.server();
        for (int i = any_of(2, 5); i > 0; --i) {
            const auto id = "i-" + std::to_string(i);
            c.ready(id, maybe() ? "c5.large" : "c5.xlarge");
            c.runs(id, resources(any_of(0, 10) * 100, any_of(0, 10) * 100));
        }
        c.snapshot.signals.memory = Use{double(any_of(0, 70)), {}};
        return c.idle().cpu(any_of(0, 29));
    }

private:
    void make_policy() {
        const std::vector<std::string> types{"t2.small", "t3.small", "c5.large", "c5.xlarge"};
        c_.pool().instance_types = {types[std::size_t(any_of(0, 3))]};
        if (maybe()) {
            c_.policy.pools.push_back(c_.pool());
            c_.pool(1).name = "more";
            c_.pool(1).instance_types = {types[std::size_t(any_of(0, 1))],
                                         types[std::size_t(any_of(2, 3))]};
        }
        for (auto& pool : c_.policy.pools) {
            pool.min_nodes = any_of(0, 2);
            pool.max_nodes = any_of(pool.min_nodes, 8);
            pool.capacity = static_cast<CapacityChoice>(any_of(0, 2));
            if (any_of(0, 4) == 0) pool.taints = {"dedicated=web:NoSchedule"};
        }
        auto& limits = c_.policy.limits;
        limits.min_nodes = any_of(0, 3);
        limits.max_nodes = any_of(std::max(limits.min_nodes, 1), 12);
        limits.max_launches_per_pass = any_of(1, 10);
        limits.max_price_per_hour_usd = maybe() ? 0 : any_of(1, 100) / 100.0;
        c_.policy.scale_up.memory_above_percent = maybe() ? 0 : 80;
        c_.policy.scale_down.without_drain = static_cast<WithoutDrain>(any_of(0, 1));
        c_.policy.mode = any_of(0, 3) == 0 ? static_cast<Mode>(any_of(0, 2)) : Mode::act;
    }

    void make_fleet() {
        if (maybe()) c_.server();
        const int count = any_of(0, 7);
        for (int i = 1; i <= count; ++i) make_member("i-" + std::to_string(i));
    }

    void make_member(const std::string& id) {
        const int kind = any_of(0, 9);
        if (kind == 0) {
            c_.booting(id, any_span(20min));
        } else if (kind == 1) {
            c_.notready(id, any_span(20min));
        } else {
            make_ready(id);
        }
        auto& instance = c_.instance(id);
        if (c_.policy.pools.size() > 1 && maybe()) instance.offering.pool = "more";
        instance.epoch = any_of(0, 2);
        instance.terminating = kind == 2;
        if (kind == 3) instance.state = InstanceState::terminated;
    }

    void make_ready(const std::string& id) {
        c_.ready(id, maybe() ? "t2.small" : "c5.xlarge");
        auto& node = c_.node(id);
        node.schedulable = any_of(0, 5) != 0;
        node.daemonset_requested = node.requested = resources(any_of(0, 50), any_of(0, 50), 1);
        if (maybe()) c_.runs(id, resources(any_of(0, 500), any_of(0, 500), any_of(1, 5)));
        if (any_of(0, 4) == 0) c_.memory().instances[id].registered_at = start - any_span(2min);
        if (any_of(0, 9) == 0) c_.memory().instances.erase(id);
        if (any_of(0, 9) == 0) dispute(id);
    }

    /// Two Nodes with other names claim to be it.
    void dispute(const std::string& id) {
        c_.node(id).name = "worker-of-" + id;
        auto& rogue = c_.node("rogue-of-" + id);
        rogue.instance_id = id;
        rogue.ready = maybe();
        rogue.created_at = start - any_span(20min);
    }

    void make_groups() {
        std::set<std::string> groups;
        if (maybe()) groups.insert("default/ReplicaSet/gone/450m/512Mi");
        const auto& pending = c_.snapshot.signals.pending;
        for (const auto& pod : pending.known() ? pending.value().pods : std::vector<PendingPod>{}) {
            if (any_of(0, 9) == 0) groups.insert(group_of(pod));
        }
        for (const auto& group : groups) {
            c_.memory().groups.push_back({group, {any_of(1, 2)}, std::nullopt, 0});
        }
    }

    void make_signals() {
        for (int i = any_of(0, 3); i > 0; --i) {
            c_.pending("app" + std::to_string(i), any_of(0, 12),
                       resources(any_of(1, 40) * 50, any_of(1, 20) * 100));
        }
        if (any_of(0, 5) == 0) c_.waiting().count += any_of(1, 9);
        c_.cpu(any_of(0, 100));
        if (any_of(0, 3) == 0) c_.cpu_use().hosts.clear();
        c_.snapshot.signals.memory = Use{double(any_of(0, 100)), {}};
        auto& signals = c_.snapshot.signals;
        if (any_of(0, 9) == 0) signals.cpu = Unknown{"cpu"};
        if (any_of(0, 9) == 0) signals.memory = Unknown{"memory"};
        if (any_of(0, 9) == 0) signals.pending = Unknown{"pending"};
        if (any_of(0, 9) == 0) signals.nodes = Unknown{"nodes"};
    }

    void make_memory() {
        auto& memory = c_.memory();
        if (maybe()) memory.low_since = start - any_span(10min);
        if (maybe()) memory.last_removal_at = start - any_span(20min);
        if (maybe()) memory.last_ready_at = start - any_span(20min);
        memory.cooldown_doublings = any_of(0, 3);
        memory.launches.assign(std::size_t(any_of(0, 35)), start - any_span(90min));
        for (int i = any_of(0, 2); i > 0; --i) {
            c_.unavailable(c_.pool().instance_types[0], maybe() ? "us-east-1a" : "us-east-1b",
                           any_span(4min) - 2min);
        }
        if (any_of(0, 5) == 0) c_.snapshot.paused_until = start + any_span(2min) - 1min;
        make_groups();
    }

    Cluster c_;
};

}  // namespace nodenap::test
