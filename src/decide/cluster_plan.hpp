#pragma once

#include "decide/plan.hpp"
#include "model/cluster_state.hpp"
#include "model/policy.hpp"

#include <optional>
#include <string>
#include <vector>

namespace nodenap {

/// What is told beside the cluster.
struct ClusterPlanInput {
    Time now{};
    std::string cluster;
    std::optional<double> cpu_percent;  // of the workers; nothing: rules on CPU are left out
};

/// A plan from a cluster alone, with what a month costs.
struct ClusterPlan {
    Plan plan;
    std::vector<UnplaceablePod> not_judged;  // pending pods for which no node is launched, and why
    std::vector<std::string> unpriced;       // workers whose price is not known
    double price_now_per_hour_usd = 0;       // of all workers whose price is known
    double price_after_per_hour_usd = 0;     // once everything that could go has gone, too
    std::vector<std::string> left_out;       // rules that could not be judged
};

/// Decides as a pass with the Kubernetes API would, from what one look at the cluster shows: pods
/// that the scheduler calls unschedulable get the cheapest set of nodes; otherwise what is not
/// needed may go. Waiting times and cooldowns count as over; limits on launches per pass and hour
/// cut nothing. Without a policy nothing can be launched, and every node that is no server is a
/// worker. The price of a spot node is that of its on-demand type.
ClusterPlan plan_cluster(const ClusterState& state, const Policy* policy,
                         const ClusterPlanInput& input);

}  // namespace nodenap
