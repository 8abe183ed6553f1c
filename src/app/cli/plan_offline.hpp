#pragma once

#include "app/cli/command_line.hpp"
#include "decide/cluster_plan.hpp"

#include <optional>
#include <string>
#include <vector>

namespace nodenap {

/// `nodenap plan --from`: a plan from files, without asking AWS, Prometheus or Kubernetes.
struct OfflinePlanOptions {
    std::vector<std::string> from;
    std::vector<std::string> types;  // in place of a configuration
    std::string now;                 // in UTC; empty: the present
    std::optional<double> cpu_percent;
};
Exit plan_offline(const FileSession& session, const OfflinePlanOptions& options);

/// The plan with what a month costs before and after, and what was left out.
std::string cluster_plan_text(const ClusterPlan& told, const Style& style);

}  // namespace nodenap
