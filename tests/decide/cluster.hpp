#pragma once

// A cluster fixture for tests of the rules: steady load, complete data, and t2.small nodes (one
// core, 2048 MiB, of which [reserve] leaves 900m and 1748 MiB for pods).

#include "decide/backoff.hpp"
#include "decide/cooldown.hpp"
#include "decide/explain.hpp"
#include "decide/plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace nodenap::test {

using namespace std::chrono_literals;

/// 2026-11-23T20:00:00Z, the `now` of every snapshot.
inline constexpr Time start{std::chrono::seconds(1'795'464'000)};

inline Resources resources(std::int64_t millicores, std::int64_t mebibytes, std::int64_t pods = 1) {
    return {Millicores{millicores}, Mebibytes{mebibytes}, pods};
}

inline Policy standard_policy() {
    Policy policy;
    Pool pool;
    pool.name = "workers";
    pool.launch_template = "lt-0abc";
    pool.launch_template_version = "3";
    pool.subnets = {{"subnet-a", "us-east-1a"}, {"subnet-b", "us-east-1b"}};
    pool.instance_types = {"t2.small"};
    policy.pools = {pool};
    policy.catalogue = {{"t2.small", 1, Mebibytes{2048}, "x86_64", 20.0, 0.023},
                        {"t3.small", 2, Mebibytes{2048}, "x86_64", 20.0, 0.0208},
                        {"c5.large", 2, Mebibytes{4096}, "x86_64", std::nullopt, 0.085},
                        {"c5.xlarge", 4, Mebibytes{8192}, "x86_64", std::nullopt, 0.17}};
    return policy;
}

class Cluster {
public:
    Snapshot snapshot;
    Policy policy = standard_policy();

    Cluster() {
        snapshot.now = start;
        snapshot.cluster = "prod";
        snapshot.fleet = std::vector<Instance>{};
        snapshot.signals.nodes = std::vector<Node>{};
        snapshot.signals.pending = Pending{};
        snapshot.signals.cpu = Use{50, {}};
        snapshot.signals.memory = Use{50, {}};
        memory().nodes_seen_at = memory().low_seen_at = start - 5s;
    }

    // --- the parts, for tests that change one thing ---------------------------------------------

    std::vector<Instance>& fleet() { return mutable_value(snapshot.fleet); }
    std::vector<Node>& nodes() { return mutable_value(snapshot.signals.nodes); }
    Pending& waiting() { return mutable_value(snapshot.signals.pending); }
    Use& cpu_use() { return mutable_value(snapshot.signals.cpu); }
    Memory& memory() { return snapshot.memory; }
    Pool& pool(std::size_t index = 0) { return policy.pools.at(index); }

    Instance& instance(const std::string& id) {
        for (auto& each : fleet()) {
            if (each.id == id) return each;
        }
        return add_instance(id, Stage::ready);
    }
    Node& node(const std::string& id) {
        for (auto& each : nodes()) {
            if (each.name == id) return each;
        }
        return add_node(id);
    }

    // --- what is there --------------------------------------------------------------------------

    /// A worker that registered long ago, reported by every source; the first is the oldest.
    Cluster& ready(const std::string& id, const std::string& type = "t2.small") {
        auto& added = add_instance(id, Stage::ready);
        added.offering.instance_type = type;
        memory().instances[id].registered_at = added.launched_at + 1min;
        auto& its_node = add_node(id);
        const auto* known = find_type(policy, type);
        its_node.allocatable = template_allocatable(policy, pool(), *known);
        its_node.created_at = added.launched_at + 30s;
        its_node.internal_ip = added.private_ip;
        add_host(added.private_ip, known->vcpu);
        return *this;
    }
    Cluster& ready(int count) {
        for (int i = 1; i <= count; ++i) ready("i-" + std::to_string(i));
        return *this;
    }
    /// Launched `ago`, observed since, and without a Node yet.
    Cluster& booting(const std::string& id, Milliseconds ago = 1min) {
        auto& added = add_instance(id, Stage::booting);
        added.launched_at = start - ago;
        memory().instances[id].first_seen_at = added.launched_at;
        return *this;
    }
    /// Registered, but its Node has not been Ready for this long.
    Cluster& notready(const std::string& id, Milliseconds span) {
        ready(id);
        node(id).ready = false;
        memory().instances[id].notready_since = start - span;
        cpu_use().hosts.pop_back();
        return *this;
    }
    /// The server (a t3.medium of the user's own).
    Cluster& server() {
        auto& added = add_node("server");
        added.instance_id = "i-0server";
        added.allocatable = resources(2000, 3900, 110);
        add_host("10.0.1.10", 2);
        return *this;
    }

    // --- what is asked of it --------------------------------------------------------------------

    /// `count` unschedulable pods of one ReplicaSet.
    Cluster& pending(const std::string& owner, int count, const Resources& requests) {
        for (int i = 1; i <= count; ++i) {
            waiting().pods.push_back({"default/" + owner + "-" + std::to_string(i),
                                      "ReplicaSet/" + owner, requests, std::nullopt});
        }
        waiting().count += count;
        return *this;
    }
    /// Pods that run on a worker and would have to move.
    Cluster& runs(const std::string& id, const Resources& requests) {
        auto& its_node = node(id);
        its_node.requested = its_node.requested + requests;
        its_node.only_daemonset_pods = false;
        return *this;
    }
    /// Every host at this share of its cores.
    Cluster& cpu(double percent) {
        cpu_use().percent = percent;
        for (auto& host : cpu_use().hosts) host.busy = host.size * percent / 100;
        return *this;
    }
    /// CPU at 10% for an hour, and nothing that would block a removal.
    Cluster& idle() {
        memory().low_since = start - 1h;
        return cpu(10);
    }
    /// Puts it into backoff after EC2 refused it.
    Cluster& unavailable(const std::string& type, const std::string& zone,
                         Milliseconds still = 2min) {
        memory().unavailable_offerings.push_back({{pool().name, type, zone, Capacity::on_demand},
                                                  start + still,
                                                  1,
                                                  "InsufficientInstanceCapacity"});
        return *this;
    }

    // --- time ---------------------------------------------------------------------------------

    Cluster& pass_time(Milliseconds span) {
        snapshot.now += span;
        return *this;
    }
    /// A pass like the controller's: remembers, and launches and terminates as planned.
    Plan pass(std::int64_t epoch) {
        auto plan = this->plan();
        memory() = remember(plan, epoch);
        if (!is_to_be_applied(plan)) return plan;
        for (const auto& group : plan.launch) {
            for (int i = 0; i < group.count; ++i) launched(group.offering, epoch);
        }
        for (const auto& removal : plan.remove) {
            instance(removal.instance_id).state = InstanceState::shutting_down;
            if (removal.cause == RemovalCause::not_ready) note_repair(memory(), snapshot.now);
            if (removal.cause == RemovalCause::underused ||
                removal.cause == RemovalCause::above_maximum) {
                note_removal(memory(), snapshot.now);
            }
        }
        return plan;
    }
    /// Every booting instance gets a Ready Node, empty and reported by every source.
    Cluster& all_join() {
        for (const auto& each : fleet()) {
            const bool has_node = std::any_of(nodes().begin(), nodes().end(), [&](const Node& n) {
                return n.instance_id == each.id;
            });
            if (has_node || each.state != InstanceState::pending) continue;
            const auto* type = find_type(policy, each.offering.instance_type);
            auto& joined = add_node(each.id);
            joined.created_at = snapshot.now;
            joined.allocatable = template_allocatable(policy, pool(), *type);
            add_host(each.private_ip, type->vcpu);
        }
        for (auto& each : fleet()) {
            if (each.state == InstanceState::pending) each.state = InstanceState::running;
        }
        return *this;
    }

    Decision decide() const { return nodenap::decide(snapshot, policy); }
    Plan plan() const { return make_plan(decide(), snapshot, policy); }
    Memory remember(std::int64_t epoch = 7) const { return remember(plan(), epoch); }
    Memory remember(const Plan& plan, std::int64_t epoch) const {
        return nodenap::remember(snapshot, decide(), plan, epoch);
    }

private:
    template <class T>
    static T& mutable_value(Reading<T>& reading) {
        return const_cast<T&>(reading.value());
    }

    Instance& add_instance(const std::string& id, Stage stage) {
        const auto index = static_cast<int>(fleet().size());
        Instance added;
        added.id = id;
        added.offering = {pool().name, "t2.small", index % 2 == 0 ? "us-east-1a" : "us-east-1b",
                          Capacity::on_demand};
        added.state = stage == Stage::booting ? InstanceState::pending : InstanceState::running;
        added.launched_at = start - 2h + index * 1min;
        added.private_ip = "10.0.1." + std::to_string(100 + index);
        return fleet().emplace_back(std::move(added));
    }
    void launched(const Offering& offering, std::int64_t epoch) {
        auto& added = add_instance("i-new" + std::to_string(fleet().size()), Stage::booting);
        added.offering = offering;
        added.launched_at = snapshot.now;
        added.epoch = epoch;
        memory().instances[added.id].first_seen_at = snapshot.now;
        note_launch(memory(), snapshot.now);
    }
    Node& add_node(const std::string& id) {
        Node added;
        added.name = id;
        added.instance_id = id;
        added.ready = true;
        added.only_daemonset_pods = true;
        return nodes().emplace_back(std::move(added));
    }
    void add_host(const std::string& address, int cores) {
        cpu_use().hosts.push_back({address, cores * cpu_use().percent / 100, double(cores)});
    }
};

/// "scale_up pending_pods +2 t2.small", "scale_down underused -i-1", "hold cooldown": every
/// reason in order, launches by type, removals by instance.
inline std::string outcome(const Plan& plan) {
    std::string text{word(plan.decision)};
    for (const auto& reason : plan.reasons) text.append(" ").append(word(reason.code));
    std::map<std::string, int> launched;
    for (const auto& group : plan.launch) launched[group.offering.instance_type] += group.count;
    for (const auto& [type, count] : launched) {
        text += " +" + std::to_string(count) + " " + type;
    }
    for (const auto& removal : plan.remove) text += " -" + removal.instance_id;
    return text;
}

/// A table row: the given cluster and the expected outcome.
struct Case {
    std::string name;
    std::function<void(Cluster&)> given;
    std::string wanted;
};

inline void expect_outcomes(const std::vector<Case>& cases) {
    for (const auto& each : cases) {
        SCOPED_TRACE(each.name);
        Cluster cluster;
        each.given(cluster);
        EXPECT_EQ(outcome(cluster.plan()), each.wanted);
    }
}

}  // namespace nodenap::test
