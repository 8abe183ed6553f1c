// The time of a decision by cluster size. Each case runs with 10, 100 and 1,000 nodes: quadratic
// growth is a bug.
//
//     nodenap_bench --benchmark_filter=Decide

#include "decide/plan.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <string>

namespace nodenap {
namespace {

using namespace std::chrono_literals;

constexpr Time start{std::chrono::seconds(1'795'464'000)};

Policy policy_for(int nodes) {
    Policy policy;
    policy.catalogue = {{"m5.large", 2, Mebibytes{8192}, "x86_64", std::nullopt, 0.096},
                        {"m5.xlarge", 4, Mebibytes{16384}, "x86_64", std::nullopt, 0.192},
                        {"c5.2xlarge", 8, Mebibytes{16384}, "x86_64", std::nullopt, 0.34}};
    for (const std::string name : {"workers", "batch", "web"}) {
        Pool pool;
        pool.name = name;
        pool.launch_template = "lt-0abc";
        pool.subnets = {{"subnet-a", "us-east-1a"}, {"subnet-b", "us-east-1b"}};
        pool.instance_types = {"m5.large", "m5.xlarge", "c5.2xlarge"};
        pool.max_nodes = 10'000;
        policy.pools.push_back(pool);
    }
    policy.limits.max_nodes = nodes + 10'000;
    policy.limits.max_launches_per_pass = 10'000;
    policy.limits.max_launches_per_hour = 10'000;
    policy.scale_down.without_drain = WithoutDrain::any;
    return policy;
}

std::string address_of(int index) {
    return "10.0." + std::to_string(index / 250) + "." + std::to_string(index % 250);
}

/// Workers that registered long ago, each with its Node, at 20% CPU.
Snapshot cluster_of(int nodes) {
    std::vector<Instance> fleet;
    std::vector<Node> all;
    Use cpu{20, {}};
    Snapshot snapshot;
    snapshot.now = start;
    auto& memory = snapshot.memory;
    memory.nodes_seen_at = memory.low_seen_at = start - 5s;
    memory.low_since = start - 1h;
    for (int i = 0; i < nodes; ++i) {
        const auto id = "i-" + std::to_string(100'000 + i);
        Instance instance{id, {"workers", "m5.large", "us-east-1a"}, InstanceState::running};
        instance.launched_at = start - 24h + std::chrono::seconds(i);
        instance.private_ip = address_of(i);
        memory.instances[id].registered_at = instance.launched_at + 1min;
        Node node;
        node.name = node.instance_id = id;
        node.internal_ip = instance.private_ip;
        node.ready = true;
        node.created_at = instance.launched_at + 30s;
        node.allocatable = {Millicores{1900}, Mebibytes{7600}, 110};
        node.daemonset_requested = {Millicores{100}, Mebibytes{100}, 2};
        node.requested = {Millicores{1500}, Mebibytes{3000}, 12};
        cpu.hosts.push_back({instance.private_ip, 0.4, 2});
        fleet.push_back(std::move(instance));
        all.push_back(std::move(node));
    }
    snapshot.fleet = std::move(fleet);
    snapshot.signals.nodes = std::move(all);
    snapshot.signals.cpu = cpu;
    snapshot.signals.memory = Use{40, {}};
    snapshot.signals.pending = Pending{};
    return snapshot;
}

/// Pods of a hundred owners in fifty sizes, pending for a minute.
Pending pods_waiting(int count) {
    Pending pending;
    pending.count = count;
    for (int i = 0; i < count; ++i) {
        const int size = i % 50;
        pending.pods.push_back({"default/app-" + std::to_string(i),
                                "ReplicaSet/app-" + std::to_string(i % 100),
                                {Millicores{50 + 10 * size}, Mebibytes{64 + 32 * size}, 1},
                                start - 1min});
    }
    return pending;
}

void run(benchmark::State& state, const Snapshot& snapshot, const Policy& policy) {
    for (auto _ : state) {
        auto decision = decide(snapshot, policy);
        const auto plan = make_plan(decision, snapshot, policy);
        benchmark::DoNotOptimize(remember(snapshot, std::move(decision), plan, 7));
    }
}

int nodes_of(const benchmark::State& state) { return static_cast<int>(state.range(0)); }

/// An idle cluster in which every node is a candidate, and none is removed.
void DecideQuiet(benchmark::State& state) {
    run(state, cluster_of(nodes_of(state)), policy_for(nodes_of(state)));
}

void DecideEmptyNodes(benchmark::State& state) {
    auto snapshot = cluster_of(nodes_of(state));
    auto nodes = snapshot.signals.nodes.value();
    for (auto& node : nodes) {
        node.requested = node.daemonset_requested;
        node.only_daemonset_pods = true;
    }
    snapshot.signals.nodes = std::move(nodes);
    auto policy = policy_for(nodes_of(state));
    policy.scale_down.max_empty_removals_per_pass = 50;
    run(state, snapshot, policy);
}

/// No Node matches a worker.
void DecideForeignNodes(benchmark::State& state) {
    auto snapshot = cluster_of(nodes_of(state));
    snapshot.fleet = std::vector<Instance>{};
    run(state, snapshot, policy_for(0));
}

void DecidePodsWait(benchmark::State& state) {
    auto snapshot = cluster_of(nodes_of(state));
    snapshot.signals.pending = pods_waiting(20'000);
    run(state, snapshot, policy_for(nodes_of(state)));
}

/// Limits allow nothing: each pod gets a reason.
void DecidePodsLeftOver(benchmark::State& state) {
    auto snapshot = cluster_of(nodes_of(state));
    snapshot.signals.pending = pods_waiting(20'000);
    auto policy = policy_for(nodes_of(state));
    for (auto& pool : policy.pools) pool.max_nodes = nodes_of(state) + 1;
    run(state, snapshot, policy);
}

void sizes(benchmark::internal::Benchmark* each) {
    each->Arg(10)->Arg(100)->Arg(1'000)->Unit(benchmark::kMillisecond);
}
BENCHMARK(DecideQuiet)->Apply(sizes);
BENCHMARK(DecideEmptyNodes)->Apply(sizes);
BENCHMARK(DecideForeignNodes)->Apply(sizes);
BENCHMARK(DecidePodsWait)->Apply(sizes);
BENCHMARK(DecidePodsLeftOver)->Apply(sizes);

}  // namespace
}  // namespace nodenap
