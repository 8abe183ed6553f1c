#include "decide/node_explanation.hpp"

#include "decide/explain.hpp"
#include "decide/removal_rules.hpp"
#include "scheduling/drain_simulation.hpp"

namespace nodenap {
namespace {

std::vector<std::size_t> homes_in(const ClusterState& state) {
    std::vector<std::size_t> homes;
    for (std::size_t i = 0; i < state.nodes.size(); ++i)
        if (RemovalRules::is_home(state.nodes[i])) homes.push_back(i);
    return homes;
}

}  // namespace

std::vector<NodeExplanation> explain_nodes(const ClusterState& state, const Policy* policy) {
    RemovalRules rules(state, policy);
    DrainSimulation drains(state, homes_in(state));
    std::vector<NodeExplanation> told;
    for (std::size_t i = 0; i < state.nodes.size(); ++i) {
        const auto& node = state.nodes[i];
        const auto pods = drains.pods_of(i).size();
        auto blocker = rules.minimum_blocker(node);
        if (auto own = rules.blocker(node, drains.pods_of(i))) blocker = std::move(own);
        if (!blocker && pods > 0) {
            blocker = drains.drain(i);
            if (!blocker) drains.undo();
        }
        const auto fit = pods == 1 ? " fits on other nodes" : " fit on other nodes";
        const auto free = pods == 0 ? "runs nothing but DaemonSet pods"
                                    : counted(static_cast<std::int64_t>(pods), "pod") + fit;
        told.push_back({node.name, rules.is_worker(node), !blocker, blocker.value_or(free)});
    }
    return told;
}

}  // namespace nodenap
