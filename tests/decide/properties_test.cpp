// Properties of every cluster, checked on random clusters by rapidcheck.

#include "decide/any_cluster.hpp"

#include <set>

namespace nodenap::test {
namespace {

Membership members_of(const Cluster& c) { return membership(c.snapshot, c.policy); }

bool acts(ReasonCode code) { return code <= ReasonCode::not_ready; }

bool removes_other_than_late(const Plan& plan) {
    return std::any_of(plan.remove.begin(), plan.remove.end(), [](const Removal& removal) {
        return removal.cause != RemovalCause::not_joined;
    });
}

double price_alive(const Cluster& c) {
    double price = 0;
    for (const auto& member : members_of(c).members) {
        if (member.stage == Stage::terminated || member.type == nullptr) continue;
        price += node_price_per_hour_usd(c.policy, *member.type);
    }
    return price;
}

void expect_limits(const Cluster& c, const Plan& plan) {
    const auto members = members_of(c);
    const auto& limits = c.policy.limits;
    const int added = plan.totals.new_nodes;
    double price = price_alive(c);
    std::map<std::string, int> by_pool;
    for (const auto& group : plan.launch) {
        RC_ASSERT(group.count == static_cast<int>(group.pods.size()));
        RC_ASSERT(!is_in_backoff(c.snapshot.memory, group.offering, c.snapshot.now));
        price += group.count * node_price_per_hour_usd(
                                   c.policy, *find_type(c.policy, group.offering.instance_type));
        by_pool[group.offering.pool] += group.count;
    }
    if (added == 0) return;
    RC_ASSERT(members.alive() + added <= limits.max_nodes);
    RC_ASSERT(added <= limits.max_launches_per_pass);
    RC_ASSERT(launches_of_last_hour(c.snapshot.memory, c.snapshot.now) + added <=
              limits.max_launches_per_hour);
    if (limits.max_price_per_hour_usd > 0) RC_ASSERT(price <= limits.max_price_per_hour_usd + 1e-6);
    for (const auto& [pool, count] : by_pool) {
        RC_ASSERT(members.alive_in_pool(pool) + count <= find_pool(c.policy, pool)->max_nodes);
    }
}

RC_GTEST_PROP(Property, LimitsHold, ()) {
    const auto c = AnyCluster::make();
    expect_limits(c, c.plan());
}

RC_GTEST_PROP(Property, EveryPlanHasItsReason, ()) {
    const auto plan = AnyCluster::make().plan();
    RC_ASSERT(!plan.reasons.empty());
    const auto first = plan.reasons[0].code;
    RC_ASSERT(acts(first) == (plan.decision != DecisionKind::hold));
    for (const auto& reason : plan.reasons) RC_ASSERT(!reason.text.empty());
    RC_ASSERT((plan.decision == DecisionKind::scale_up) ==
              (!plan.launch.empty() && is_to_be_applied(plan)));
}

RC_GTEST_PROP(Property, UnknownNeverRemoves, ()) {
    auto c = AnyCluster::make();
    auto& signals = c.snapshot.signals;
    const int what = any_of(0, 3);
    if (what == 0) signals.cpu = Unknown{"x"};
    if (what == 1) signals.pending = Unknown{"x"};
    if (what == 2) signals.nodes = Unknown{"x"};
    if (what == 3) c.snapshot.fleet = Unknown{"x"};
    const auto plan = c.plan();
    RC_ASSERT(!removes_other_than_late(plan));
    if (what >= 2) RC_ASSERT(plan.remove.empty());
}

bool is_beside_the_rules(const Removal& removal) {
    return removal.cause == RemovalCause::not_joined || removal.cause == RemovalCause::not_ready;
}

/// Rule 4 and the surplus: several only if each of them is empty.
RC_GTEST_PROP(Property, OnlyWorkersAreRemovedAndNeverBelowTheMinimum, ()) {
    const auto c = AnyCluster::make();
    const auto plan = c.plan();
    const auto members = members_of(c);
    int removed = 0;
    for (const auto& removal : plan.remove) {
        const auto found = std::find_if(
            members.members.begin(), members.members.end(),
            [&](const Member& member) { return member.instance->id == removal.instance_id; });
        RC_ASSERT(found != members.members.end());
        RC_ASSERT(found->stage != Stage::terminated && found->stage != Stage::terminating);
        RC_ASSERT((found->stage == Stage::not_registered) ==
                  (removal.cause == RemovalCause::not_joined));
        if (removal.cause == RemovalCause::not_ready) RC_ASSERT(found->stage == Stage::notready);
        if (is_beside_the_rules(removal)) continue;
        if (++removed > 1) RC_ASSERT(found->node->only_daemonset_pods);
    }
    RC_ASSERT(removed <= c.policy.scale_down.max_empty_removals_per_pass);
    if (removed > 0) RC_ASSERT(members.alive() - removed >= c.policy.limits.min_nodes);
    if (removed > 0) RC_ASSERT(plan.launch.empty());
}

template <class T>
void shuffle(std::vector<T>& values) {
    for (std::size_t i = values.size(); i > 1; --i) {
        std::swap(values[i - 1], values[std::size_t(any_of(0, int(i) - 1))]);
    }
}

RC_GTEST_PROP(Property, SameSnapshotInAnyOrderGivesTheSamePlan, ()) {
    auto c = AnyCluster::make();
    const auto plan = c.plan();
    const auto memory = c.remember();
    RC_ASSERT(c.plan() == plan);
    shuffle(c.fleet());
    if (c.snapshot.signals.nodes.known()) shuffle(c.nodes());
    if (c.snapshot.signals.pending.known()) shuffle(c.waiting().pods);
    if (c.snapshot.signals.cpu.known()) shuffle(c.cpu_use().hosts);
    RC_ASSERT(c.plan() == plan);
    RC_ASSERT(c.remember() == memory);
    shuffle(c.memory().groups);  // which are written sorted
    RC_ASSERT(c.plan() == plan);
}

RC_GTEST_PROP(Property, MorePendingPodsNeverNeedFewerNodes, ()) {
    auto c = AnyCluster::make();
    c.pool().instance_types.resize(1);
    c.policy.pools.resize(1);
    c.snapshot.signals.pending = Pending{};
    const auto size = resources(any_of(1, 40) * 50, any_of(1, 20) * 100);
    const int some = any_of(0, 20);
    auto more = c;
    c.pending("app", some, size);
    more.pending("app", some + any_of(1, 20), size);
    RC_ASSERT(more.plan().totals.new_nodes >= c.plan().totals.new_nodes);
}

RC_GTEST_PROP(Property, PassesConvergeWithinTheLimits, ()) {
    auto c = AnyCluster::make();
    constexpr int passes = 40;
    int since_change = 0;
    for (int epoch = 1; epoch <= passes && since_change < 3; ++epoch) {
        const auto before = c;
        const auto plan = c.pass(epoch);
        expect_limits(before, plan);
        const bool changes = plan.totals.new_nodes > 0 || !plan.remove.empty();
        since_change = changes && is_to_be_applied(plan) ? 0 : since_change + 1;
    }
    RC_ASSERT(since_change == 3);
}

RC_GTEST_PROP(Property, PodsAreLaunchedForOnce, ()) {
    // Booting nodes count: the same pods need no more nodes, unless a limit had applied.
    Cluster c;
    c.ready(2).pool().instance_types = {maybe() ? "t2.small" : "c5.large", "c5.xlarge"};
    for (int i = any_of(1, 4); i > 0; --i) {
        c.pending("app" + std::to_string(i), any_of(0, 9),
                  resources(any_of(1, 40) * 50, any_of(1, 20) * 100));
    }
    const auto first = c.pass(1);
    RC_PRE(first.reasons.back().code == ReasonCode::pending_pods);
    const auto second = c.pass_time(5s).pass(2);
    RC_ASSERT(second.launch.empty());
    RC_ASSERT(second.reasons[0].code == ReasonCode::booting);
}

/// Any cluster below every limit, so that everything needed is launched at once; the load is low,
/// since one pass at most doubles the observed capacity. Of one type: it is not known for which
/// pods a node was launched, and on nodes of several sizes the same pods are sometimes packed less
/// well.
Cluster any_with_room() {
    auto c = AnyCluster::make();
    c.policy.mode = Mode::act;
    c.policy.limits.max_nodes = 100;
    c.policy.limits.max_launches_per_pass = 100;
    c.policy.limits.max_launches_per_hour = 1000;
    c.policy.limits.max_price_per_hour_usd = 0;
    for (auto& pool : c.policy.pools) pool.max_nodes = 100;
    c.policy.pools.resize(1);
    c.pool().instance_types.resize(1);
    c.snapshot.paused_until.reset();
    c.memory().unavailable_offerings.clear();
    c.snapshot.signals.cpu = Use{maybe() ? 50.0 : 10.0, {}};
    c.snapshot.signals.memory = Use{50, {}};
    return c;
}

RC_GTEST_PROP(Property, ActionsAreNotRepeated, ()) {
    auto c = any_with_room();
    const auto first = c.pass(1);
    // Unregistered and dead instances counted until then, and may have to be replaced.
    RC_PRE(std::none_of(first.remove.begin(), first.remove.end(), is_beside_the_rules));
    const auto again = c.plan();  // at the same moment, since time alone may require more
    RC_LOG() << outcome(first) << ", then " << outcome(again) << '\n';
    RC_ASSERT(again.launch.empty());
    if (!first.launch.empty() || removes_other_than_late(first)) {
        RC_ASSERT(!removes_other_than_late(again));
    }
}

RC_GTEST_PROP(Property, RemovalIsNotFollowedByALaunch, ()) {
    auto c = AnyCluster::make_idle();
    const auto plan = c.pass(1);
    RC_PRE(plan.decision == DecisionKind::scale_down);
    // The nodes and their hosts are removed, and their load runs elsewhere.
    auto& use = c.cpu_use();
    double busy = 0;
    for (const auto& host : use.hosts) busy += host.busy;
    for (const auto& removal : plan.remove) {
        const auto address = c.instance(removal.instance_id).private_ip;
        std::erase_if(use.hosts, [&](const HostUse& host) { return host.host == address; });
    }
    double size = 0;
    for (const auto& host : use.hosts) size += host.size;
    if (size > 0) c.cpu(100 * busy / size);
    const auto after = c.pass_time(10min).plan();
    RC_ASSERT(after.launch.empty());
    RC_ASSERT(after.decision != DecisionKind::scale_up);
}

}  // namespace
}  // namespace nodenap::test
