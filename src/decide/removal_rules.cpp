#include "decide/removal_rules.hpp"

#include "decide/explain.hpp"
#include "decide/node_template.hpp"

#include <algorithm>

namespace nodenap {
namespace {

constexpr const char* keep_annotation = "nodenap.dev/keep";
constexpr const char* leaving_taint = "nodenap.dev/leaving";

/// Nothing: it may go. Otherwise the reason.
using Blocker = std::optional<std::string>;

bool leaves(const ClusterNode& node) {
    return std::ranges::find(node.taints, leaving_taint, &Taint::key) != node.taints.end();
}

double percent(std::int64_t part, std::int64_t whole) {
    return whole > 0 ? 100 * static_cast<double>(part) / static_cast<double>(whole) : 100;
}

Blocker too_much_requested(const ClusterNode& node, const std::vector<const Pod*>& moving,
                           double threshold) {
    ResourceAmounts asked;
    for (const auto* pod : moving) asked += pod->taken();
    const auto cpu = percent(asked.cpu.value, node.allocatable.cpu.value);
    const auto memory = percent(asked.memory.value, node.allocatable.memory.value);
    const auto most = std::max(cpu, memory);
    if (moving.empty() || most < threshold) return std::nullopt;
    return "its pods request " + number_text(most) + "% of its " +
           (cpu >= memory ? "CPU" : "memory") + ", and requested_below_percent is " +
           number_text(threshold);
}

}  // namespace

RemovalRules::RemovalRules(const ClusterState& state, const Policy* policy)
    : policy_(policy), budgets_(state) {
    for (const auto& node : state.nodes) {
        if (!is_worker(node)) continue;
        ++workers_;
        if (const auto* const pool = node.labels.find(pool_label)) ++pool_workers_[*pool];
    }
}

bool is_worker(const ClusterNode& node, const Policy* policy) {
    return !is_server(node) && (policy == nullptr || node.labels.has(pool_label));
}

bool RemovalRules::is_worker(const ClusterNode& node) const {
    return nodenap::is_worker(node, policy_);
}

/// A booting node is no home yet, and one that leaves is none any more.
bool RemovalRules::is_home(const ClusterNode& node) { return is_ready(node) && !leaves(node); }

std::optional<std::string> RemovalRules::node_blocker(const ClusterNode& node) const {
    if (is_server(node)) return "is a server: it runs the control plane";
    if (!is_worker(node))
        return std::string("is not managed by Nodenap: it has no label ") + pool_label;
    const auto* keep = node.annotations.find(keep_annotation);
    if (keep != nullptr && *keep == "true")
        return std::string("has the annotation ") + keep_annotation + ": \"true\"";
    if (node.deleted_at) return "its Node object is being deleted";
    if (leaves(node)) return "is already being drained";
    if (node.unschedulable) return "is cordoned by someone else";
    if (!is_ready(node)) return "is not Ready";
    return std::nullopt;
}

std::optional<std::string> RemovalRules::minimum_blocker(const ClusterNode& node) const {
    if (policy_ == nullptr || !is_worker(node)) return std::nullopt;
    const auto least = policy_->limits.min_nodes;
    if (workers_ <= least)
        return counted(workers_, "worker") + ", the minimum (min_nodes = " + std::to_string(least) +
               ")";
    const auto& name = *node.labels.find(pool_label);
    const auto* const pool = find_pool(*policy_, name);
    if (pool == nullptr || pool_workers_.at(name) > pool->min_nodes) return std::nullopt;
    return counted(pool_workers_.at(name), "worker") + " in pool " + name + ", its minimum";
}

void RemovalRules::remove(const ClusterNode& node) {
    --workers_;
    if (const auto* const pool = node.labels.find(pool_label)) --pool_workers_[*pool];
}

std::optional<std::string> RemovalRules::blocker(const ClusterNode& node,
                                                 const std::vector<const Pod*>& moving) {
    if (auto why = node_blocker(node)) return why;
    for (const auto* pod : moving)
        if (auto why = eviction_blocker(*pod, budgets_)) return why;
    if (policy_ == nullptr) return std::nullopt;
    return too_much_requested(node, moving, policy_->scale_down.requested_below_percent);
}

}  // namespace nodenap
