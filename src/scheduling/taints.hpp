#pragma once

#include "model/cluster_node.hpp"
#include "model/pod.hpp"

#include <optional>
#include <string>
#include <vector>

namespace nodenap {

bool tolerates(const std::vector<Toleration>& tolerations, const Taint& taint);

/// The first taint that keeps the pod away (NoSchedule or NoExecute); null if it tolerates all.
const Taint* untolerated_taint(const std::vector<Taint>& taints,
                               const std::vector<Toleration>& tolerations);

/// "dedicated=db:NoSchedule"
std::string text_of(const Taint& taint);

/// NodeUnschedulable: a cordoned node takes only pods that tolerate that.
std::optional<std::string> cordon_refusal(const Pod& pod, const ClusterNode& node);
/// TaintToleration.
std::optional<std::string> taint_refusal(const Pod& pod, const ClusterNode& node);

}  // namespace nodenap
