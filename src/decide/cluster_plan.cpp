#include "decide/cluster_plan.hpp"

#include "decide/explain.hpp"
#include "decide/node_template.hpp"
#include "decide/pending_pods.hpp"
#include "decide/removable_nodes.hpp"
#include "decide/removal_rules.hpp"
#include "decide/supply.hpp"
#include "scheduling/cluster_packing.hpp"

#include <algorithm>
#include <map>

namespace nodenap {
namespace {

std::vector<const ClusterNode*> workers_of(const ClusterState& state, const Policy* policy) {
    std::vector<const ClusterNode*> workers;
    for (const auto& node : state.nodes)
        if (is_worker(node, policy)) workers.push_back(&node);
    return workers;
}

void price_workers(ClusterPlan& told, const std::vector<const ClusterNode*>& workers,
                   const Policy* policy) {
    for (const auto* worker : workers) {
        const auto price = policy == nullptr ? std::nullopt : price_of(*worker, *policy);
        if (!price) told.unpriced.push_back(worker->name);
        told.price_now_per_hour_usd += price.value_or(0);
    }
    told.price_after_per_hour_usd = told.price_now_per_hour_usd;
}

SignalSummary signals_of(const ClusterState& state, const Policy* policy, std::int64_t pending,
                         const ClusterPlanInput& input) {
    SignalSummary signals;
    signals.cpu_percent = input.cpu_percent;
    signals.pending_pods = pending;
    for (const auto& node : state.nodes) {
        if (!is_worker(node, policy)) {
            signals.nodes_other += is_ready(node) ? 1 : 0;
        } else {
            ++(is_ready(node) ? signals.nodes_ready : signals.nodes_notready);
        }
    }
    return signals;
}

/// New nodes by offering, in the order in which offerings are preferred.
std::vector<LaunchGroup> launches_of(const ClusterPacking& packing, const Supply& supply) {
    std::map<std::size_t, LaunchGroup> groups;
    for (const auto& node : packing.nodes) {
        auto& group = groups[node.offer];
        group.offering = supply.offerings[node.offer];
        group.price_per_hour_usd = supply.nodes.offers[node.offer].price_per_hour_usd;
        ++group.count;
        auto& pods = group.pods.emplace_back();
        for (const auto* pod : node.pods) pods.push_back(name_of(*pod));
    }
    std::vector<LaunchGroup> launches;
    for (auto& [offer, group] : groups) launches.push_back(std::move(group));
    return launches;
}

/// Empty nodes up to the minimum, each of the cheapest offering that its pool's limit allows.
void fill_to_minimum(ClusterPacking& packing, Supply& supply, const Policy& policy,
                     std::int64_t workers) {
    for (const auto& node : packing.nodes)
        --supply.nodes.limits.most_by_pool[supply.nodes.offers[node.offer].pool];
    while (workers + std::ssize(packing.nodes) < policy.limits.min_nodes) {
        std::optional<std::size_t> cheapest;
        for (std::size_t i = 0; i < supply.nodes.offers.size(); ++i) {
            const auto& offer = supply.nodes.offers[i];
            if (supply.nodes.limits.most_by_pool[offer.pool] <= 0) continue;
            if (!cheapest ||
                offer.price_per_hour_usd < supply.nodes.offers[*cheapest].price_per_hour_usd)
                cheapest = i;
        }
        if (!cheapest) return;
        packing.nodes.push_back({*cheapest, {}});
        --supply.nodes.limits.most_by_pool[supply.nodes.offers[*cheapest].pool];
    }
}

std::string launch_text(const ClusterPacking& packing, std::int64_t pending) {
    std::size_t on_new = 0;
    for (const auto& node : packing.nodes) on_new += node.pods.size();
    auto text = counted(pending, "unschedulable pod") + ": ";
    text += std::to_string(on_new) + " on " + counted(std::ssize(packing.nodes), "new node");
    if (!packing.placed.empty())
        text += ", " + std::to_string(packing.placed.size()) + " on nodes that are there";
    if (!packing.left.empty()) text += ", " + std::to_string(packing.left.size()) + " on none";
    return text;
}

void add_packing(ClusterPlan& told, const ClusterPacking& packing, const ClusterState& state) {
    for (const auto& [pod, node] : packing.placed)
        told.plan.placed[state.nodes[node].name].push_back(name_of(*pod));
    for (const auto& left : packing.left)
        told.plan.unplaceable.push_back({name_of(*left.pod), left.reason});
}

void scale_up(ClusterPlan& told, const ClusterState& state, const Policy& policy,
              const std::vector<const Pod*>& pending) {
    const auto workers = workers_of(state, &policy);
    auto supply = supply_of(policy, state, workers);
    auto packing = pack_cluster(ClusterView(state), pending, supply.nodes);
    add_packing(told, packing, state);
    const auto for_pods = packing.nodes.size();
    auto& plan = told.plan;
    if (for_pods > 0)
        plan.reasons.push_back(
            {ReasonCode::pending_pods, launch_text(packing, std::ssize(pending))});
    fill_to_minimum(packing, supply, policy, std::ssize(workers));
    if (packing.nodes.size() > for_pods)
        plan.reasons.push_back(
            {ReasonCode::below_minimum, counted(std::ssize(workers), "worker") + ", min_nodes is " +
                                            std::to_string(policy.limits.min_nodes)});
    plan.launch = launches_of(packing, supply);
    if (plan.launch.empty()) return;
    plan.decision = DecisionKind::scale_up;
    for (const auto& group : plan.launch) {
        plan.totals.new_nodes += group.count;
        plan.totals.price_per_hour_usd += group.count * group.price_per_hour_usd;
        for (const auto& pods : group.pods) plan.totals.pods_placed += std::ssize(pods);
    }
    for (const auto& [node, pods] : plan.placed) plan.totals.pods_placed += std::ssize(pods);
    told.price_after_per_hour_usd += plan.totals.price_per_hour_usd;
}

Removal removal_of(const ClusterNode& node) {
    const auto slash = node.provider_id.rfind('/');
    const auto id = slash == std::string::npos ? "" : node.provider_id.substr(slash + 1);
    return {node.name, id, RemovalCause::underused};
}

/// What a pass would begin with: empty nodes together, others by their own limit.
std::size_t in_one_pass(const RemovableNodes& found, const Policy* policy) {
    const ScaleDown defaults;
    const auto& limits = policy == nullptr ? defaults : policy->scale_down;
    const auto empty = std::min<std::size_t>(
        found.empty.size(), static_cast<std::size_t>(limits.max_empty_removals_per_pass));
    if (empty > 0) return empty;
    return std::min<std::size_t>(found.nodes.size(),
                                 static_cast<std::size_t>(limits.max_removals_per_pass));
}

/// CPU use of what remains must stay ten points below the threshold at which nodes are added.
bool is_too_busy(const Policy* policy, const ClusterPlanInput& input) {
    constexpr double margin = 10;
    return policy != nullptr && input.cpu_percent &&
           *input.cpu_percent > policy->scale_up.cpu_above_percent - margin;
}

void scale_down(ClusterPlan& told, const ClusterState& state, const Policy* policy,
                const ClusterPlanInput& input) {
    auto& plan = told.plan;
    if (is_too_busy(policy, input)) {
        plan.reasons.push_back(
            {ReasonCode::would_fire_again, "CPU use of " + number_text(*input.cpu_percent) +
                                               "% leaves no room to remove a node"});
        return;
    }
    auto found = removable_nodes(state, policy);
    plan.kept = std::move(found.kept);
    for (const auto node : found.nodes) {
        plan.could_remove.push_back(removal_of(state.nodes[node]));
        if (policy != nullptr)
            told.price_after_per_hour_usd -= price_of(state.nodes[node], *policy).value_or(0);
    }
    const auto now = in_one_pass(found, policy);
    plan.remove.assign(plan.could_remove.begin(),
                       plan.could_remove.begin() + static_cast<std::ptrdiff_t>(now));
    if (plan.remove.empty()) return;
    plan.decision = DecisionKind::scale_down;
    plan.reasons.push_back({ReasonCode::underused, counted(std::ssize(plan.could_remove), "node") +
                                                       " could go together: their pods fit on "
                                                       "the others"});
}

/// Rules that ask for kinds which were not read.
void note_unread(ClusterPlan& told, const ConstraintsKnown& known) {
    const auto note = [&](bool is_known, const std::string& what) {
        if (!is_known) told.left_out.push_back(what);
    };
    note(known.nodes, "nodes were not read (nodes): the cluster seems empty");
    note(known.budgets, "PodDisruptionBudgets were not read (pdb): they block nothing here");
    note(known.daemonsets,
         "DaemonSets were not read (ds): new nodes get those that have pods somewhere");
    note(known.claims && known.volumes && known.storage_classes,
         "volumes were not all read (pv, pvc, sc): pods with claims may be judged wrongly");
    if (!told.plan.signals.cpu_percent)
        told.left_out.push_back("CPU use is not known: rules on it are left out");
}

}  // namespace

ClusterPlan plan_cluster(const ClusterState& state, const Policy* policy,
                         const ClusterPlanInput& input) {
    ClusterPlan told;
    auto& plan = told.plan;
    plan.now = input.now;
    plan.cluster = input.cluster;
    auto pending = pending_pods(state);
    told.not_judged = std::move(pending.not_judged);
    plan.signals = signals_of(state, policy, std::ssize(pending.unschedulable), input);
    price_workers(told, workers_of(state, policy), policy);
    note_unread(told, state.constraints_known);
    if (policy != nullptr) {
        scale_up(told, state, *policy, pending.unschedulable);
    } else {
        for (const auto* pod : pending.unschedulable)
            plan.unplaceable.push_back(
                {name_of(*pod), "no instance types are known: give --types or --config"});
    }
    if (plan.launch.empty()) scale_down(told, state, policy, input);
    if (!plan.unplaceable.empty())
        plan.reasons.push_back({ReasonCode::unplaceable,
                                counted(std::ssize(plan.unplaceable), "pod") + " fit on no node"});
    if (plan.reasons.empty())
        plan.reasons.push_back({ReasonCode::nothing_to_do, "no pod waits, and no node can go"});
    return told;
}

}  // namespace nodenap
