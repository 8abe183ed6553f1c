// Properties of every input hold for absurd ones too: numbers at the limits of their types, times
// far in the past and future, as a faulty peer or a damaged memory may return them. The sanitizers
// check the calculations.

#include "decide/any_cluster.hpp"
#include "decide/cooldown.hpp"

#include <cmath>
#include <limits>

namespace nodenap::test {
namespace {

/// The largest values that the adapters accept: quantities up to 10^15.
constexpr std::int64_t largest = 1'000'000'000'000'000;

std::int64_t absurd_quantity() {
    return *rc::gen::element<std::int64_t>(0, 1, 999, std::int64_t{1} << 31, largest);
}
double absurd_size() { return *rc::gen::element(1e-300, 1e-6, 1.0, 1e15, 1e300); }
double absurd_busy() { return *rc::gen::element(0.0, 1e-300, 1.0, 1e15, 1e300); }
int absurd_count() { return *rc::gen::element(0, 1, 63, 1'000'000, 2'000'000'000); }
Time absurd_time() {
    const Time last{std::chrono::sys_days(std::chrono::year(9999) / 12 / 31)};
    return *rc::gen::element(Time{}, start - 1ms, start, start + 1ms, last);
}
Resources absurd_resources() {
    return {Millicores{absurd_quantity()}, Mebibytes{absurd_quantity()}, absurd_quantity()};
}

void distort_policy(Policy& policy) {
    auto& limits = policy.limits;
    if (maybe()) limits.max_nodes = 1000;
    if (maybe()) limits.max_launches_per_hour = 1'000'000'000;
    if (maybe()) limits.max_launches_per_pass = 100;
    if (maybe()) limits.max_price_per_hour_usd = *rc::gen::element(1e-300, 1e300);
    if (maybe()) policy.scale_up.cpu_above_percent = *rc::gen::element(1e-300, 100.0);
    if (maybe()) policy.scale_up.memory_above_percent = *rc::gen::element(1e-300, 100.0);
    if (maybe()) policy.scale_down.cpu_below_percent = 0;
    if (maybe()) policy.scale_down.cooldown = Milliseconds{0};
    if (maybe()) policy.scale_up.join_timeout = 24h * 366;
    if (maybe()) policy.scale_up.pending_for = 24h * 366;
    const auto ordinary = policy.catalogue;
    for (auto type : ordinary) {
        if (any_of(0, 3) == 0) type.vcpu = 1'000'000'000;
        if (any_of(0, 3) == 0) type.memory = Mebibytes{largest};
        if (any_of(0, 3) == 0) type.price_per_hour_usd = *rc::gen::element(0.0, 1e300);
        policy.catalogue.add(type);
    }
    for (auto& pool : policy.pools) {
        if (maybe()) pool.max_nodes = 1000;
        if (maybe()) pool.max_pods = 1'000'000'000;
    }
}

void distort_signals(Cluster& c) {
    auto& signals = c.snapshot.signals;
    if (signals.nodes.known()) {
        for (auto& node : c.nodes()) {
            if (maybe()) node.allocatable = absurd_resources();
            if (maybe()) node.requested = absurd_resources();
            if (maybe()) node.daemonset_requested = absurd_resources();
            if (maybe()) node.created_at = absurd_time();
        }
    }
    if (signals.pending.known()) {
        for (auto& pod : c.waiting().pods) {
            if (maybe()) pod.requests = absurd_resources();
            if (maybe()) pod.unschedulable_since = absurd_time();
        }
        if (maybe()) c.waiting().count += 1'000'000'000;
    }
    if (signals.cpu.known()) {
        for (auto& host : c.cpu_use().hosts)
            if (maybe()) host = {host.host, absurd_busy(), absurd_size()};
        if (maybe()) c.cpu_use().percent = *rc::gen::element(1e-300, 1e6, 1e300);
    }
    if (maybe()) {
        signals.memory = Use{*rc::gen::element(1e-300, 1e6, 1e300),
                             {{"10.0.1.100", absurd_busy(), absurd_size()}}};
    }
}

void distort_memory(Memory& memory) {
    if (maybe()) memory.cooldown_doublings = absurd_count();
    for (auto* time : {&memory.nodes_seen_at, &memory.low_since, &memory.low_seen_at,
                       &memory.last_ready_at, &memory.last_removal_at})
        if (maybe()) *time = absurd_time();
    for (auto& [id, one] : memory.instances) {
        if (maybe()) one.first_seen_at = absurd_time();
        if (maybe()) one.registered_at = absurd_time();
        if (maybe()) one.notready_since = absurd_time();
        if (maybe()) one.unwatched = std::chrono::seconds(absurd_count());
        if (any_of(0, 3) == 0) one.refused_until = absurd_time();
    }
    for (auto& offering : memory.unavailable_offerings) {
        if (maybe()) offering.until = absurd_time();
        if (maybe()) offering.failures = absurd_count();
    }
    for (auto& launch : memory.launches)
        if (any_of(0, 3) == 0) launch = absurd_time();
    if (maybe()) {
        memory.groups.push_back({"default/ReplicaSet/app1/100m/100Mi",
                                 {0, std::numeric_limits<std::int64_t>::max()},
                                 absurd_time(),
                                 absurd_count()});
    }
}

Cluster absurd_cluster() {
    auto c = AnyCluster::make();
    distort_policy(c.policy);
    distort_signals(c);
    distort_memory(c.memory());
    for (auto& instance : c.fleet())
        if (any_of(0, 3) == 0) instance.launched_at = absurd_time();
    if (maybe()) c.snapshot.paused_until = absurd_time();
    return c;
}

RC_GTEST_PROP(AbsurdProperty, LimitsHold, ()) {
    const auto c = absurd_cluster();
    const auto plan = c.plan();
    const auto members = membership(c.snapshot, c.policy);
    const auto& limits = c.policy.limits;
    const int added = plan.totals.new_nodes;
    RC_ASSERT(added >= 0);
    if (added == 0) return;
    RC_ASSERT(members.alive() + added <= limits.max_nodes);
    RC_ASSERT(added <= limits.max_launches_per_pass);
    RC_ASSERT(launches_of_last_hour(c.snapshot.memory, c.snapshot.now) + added <=
              limits.max_launches_per_hour);
    std::map<std::string, int> by_pool;
    for (const auto& group : plan.launch) {
        RC_ASSERT(group.count > 0);
        by_pool[group.offering.pool] += group.count;
    }
    for (const auto& [pool, count] : by_pool) {
        RC_ASSERT(members.alive_in_pool(pool) + count <= find_pool(c.policy, pool)->max_nodes);
    }
}

RC_GTEST_PROP(AbsurdProperty, PlansHaveReasonsWithNumbers, ()) {
    const auto plan = absurd_cluster().plan();
    RC_ASSERT(!plan.reasons.empty());
    for (const auto& reason : plan.reasons) {
        RC_ASSERT(!reason.text.empty());
        RC_ASSERT(reason.text.find("--") == std::string::npos);
    }
    RC_ASSERT(!headline(plan).empty());
}

RC_GTEST_PROP(AbsurdProperty, NothingFallsBelowTheMinimum, ()) {
    const auto c = absurd_cluster();
    const auto plan = c.plan();
    const auto members = membership(c.snapshot, c.policy);
    // Unregistered and dead instances do not count for a minimum.
    const auto removed = std::count_if(plan.remove.begin(), plan.remove.end(), [](const auto& one) {
        return one.cause != RemovalCause::not_joined && one.cause != RemovalCause::not_ready;
    });
    RC_ASSERT(removed <= c.policy.scale_down.max_empty_removals_per_pass);
    if (removed > 0) RC_ASSERT(members.alive() - removed >= c.policy.limits.min_nodes);
}

RC_GTEST_PROP(AbsurdProperty, MemoryRemainsUsable, ()) {
    auto c = absurd_cluster();
    for (int epoch = 1; epoch <= 3; ++epoch) {
        c.memory() = c.remember(epoch);
        c.pass_time(5s);
        RC_ASSERT(c.memory().cooldown_doublings >= 0);
        for (const auto& group : c.memory().groups) RC_ASSERT(group.failures >= 0);
        for (const auto& offering : c.memory().unavailable_offerings)
            RC_ASSERT(offering.failures >= 0);
    }
}

RC_GTEST_PROP(AbsurdProperty, AnyNumberCanBePrinted, ()) {
    const auto number = *rc::gen::element(0.0, -1e300, 1e300, 1e15, 9.3e18, -9.3e18, 1e-300,
                                          std::numeric_limits<double>::max());
    for (const auto& text : {number_text(number), price_text(number)}) {
        RC_ASSERT(!text.empty());
        RC_ASSERT((text.front() == '-') == (number <= -1e-4));
        RC_ASSERT(text.find('-', 1) == std::string::npos);
    }
    const auto span = *rc::gen::element(Milliseconds::min(), Milliseconds::max(), Milliseconds{0},
                                        Milliseconds{-1}, Milliseconds{1});
    const auto text = duration_text(span);
    RC_ASSERT(!text.empty());
    RC_ASSERT((text.front() == '-') == (span < Milliseconds{0}));
}

}  // namespace
}  // namespace nodenap::test
