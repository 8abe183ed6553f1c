#pragma once

#include "adapters/kubernetes/read_cluster_state.hpp"
#include "scheduling/fit.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace nodenap::test {

/// For each pod that is not placed and each node, the filters that refuse, by kube-scheduler's
/// names; none where the pod fits.
using Verdicts = std::map<std::string, std::map<std::string, std::set<std::string>>>;

inline Verdicts verdicts_of(const ClusterState& state) {
    const ClusterView view(state);
    Verdicts verdicts;
    for (const auto& pod : state.pods) {
        if (pod.ended() || !pod.node.empty()) continue;
        const PodFit fit(view, pod);
        auto& nodes = verdicts[pod.namespace_name + "/" + pod.name];
        for (std::size_t at = 0; at < view.nodes().size(); ++at) {
            auto& refused = nodes[view.nodes()[at].node->name];
            for (const auto& refusal : fit.refusals(at)) refused.emplace(name_of(refusal.filter));
        }
    }
    return verdicts;
}

}  // namespace nodenap::test
