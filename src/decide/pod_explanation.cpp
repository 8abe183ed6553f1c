#include "decide/pod_explanation.hpp"

#include "decide/node_template.hpp"
#include "decide/pending_pods.hpp"
#include "scheduling/fit.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace nodenap {
namespace {

std::vector<const Pod*> without_node(const ClusterState& state) {
    std::vector<const Pod*> pending;
    for (const auto& pod : state.pods)
        if (is_pending(pod)) pending.push_back(&pod);
    return pending;
}

PodExplanation explain(const Pod& pod, const ClusterView& view) {
    PodExplanation told;
    told.pod = name_of(pod);
    told.not_judged = why_not_judged(pod);
    const PodFit fit(view, pod);
    for (std::size_t i = 0; i < view.nodes().size(); ++i) {
        const auto& node = view.nodes()[i].node->name;
        if (auto refusal = fit.refusal(i)) {
            told.why_not[node] = std::move(refusal->reason);
        } else {
            told.fits.push_back(node);
        }
    }
    return told;
}

/// The refusal of the filter that comes last is the nearest miss.
class NearestMiss {
public:
    void add(std::optional<FilterRefusal> refusal) {
        if (!refusal) {
            fits_ = true;
        } else if (!miss_ || refusal->filter > miss_->filter) {
            miss_ = std::move(refusal);
        }
    }
    std::string text() const { return fits_ ? "fits" : miss_ ? miss_->reason : "no offering"; }

private:
    bool fits_ = false;
    std::optional<FilterRefusal> miss_;
};

/// The state with one new node beside those that are there, and its DaemonSets' pods on it.
ClusterState with_new_node(const ClusterState& state, ClusterNode node) {
    auto with = state;
    auto daemons = daemonset_pods_for(node, state);
    with.pods.insert(with.pods.end(), daemons.begin(), daemons.end());
    auto limits = attach_limits_for(node, state);
    with.csi_nodes.insert(with.csi_nodes.end(), limits.begin(), limits.end());
    with.nodes.push_back(std::move(node));
    return with;
}

}  // namespace

std::vector<PodExplanation> explain_pods(const ClusterState& state, const Policy* policy) {
    const auto pending = without_node(state);
    const ClusterView view(state);
    std::vector<PodExplanation> told;
    for (const auto* pod : pending) told.push_back(explain(*pod, view));
    if (policy == nullptr || pending.empty()) return told;
    std::vector<std::map<std::string, NearestMiss>> nearest(pending.size());
    for (const auto& offering : offerings_of(*policy)) {
        const auto with = with_new_node(state, node_template(*policy, offering, state));
        const ClusterView view_with(with);
        const auto node = view_with.nodes().size() - 1;
        for (std::size_t i = 0; i < pending.size(); ++i)
            nearest[i][offering.pool].add(fit(view_with, *pending[i], node));
    }
    for (std::size_t i = 0; i < pending.size(); ++i)
        for (const auto& [pool, miss] : nearest[i]) told[i].pools[pool] = miss.text();
    return told;
}

}  // namespace nodenap
