#include "decide/removable_nodes.hpp"

#include "decide/removal_rules.hpp"
#include "decide/supply.hpp"
#include "scheduling/drain_simulation.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <string>

namespace nodenap {
namespace {

std::vector<std::vector<const Pod*>> moving_pods(const ClusterState& state) {
    std::map<std::string, std::size_t, std::less<>> numbers;
    for (std::size_t i = 0; i < state.nodes.size(); ++i) numbers.emplace(state.nodes[i].name, i);
    std::vector<std::vector<const Pod*>> pods(state.nodes.size());
    for (const auto& pod : state.pods) {
        const auto at = numbers.find(pod.node);
        if (at != numbers.end() && !stays_with_node(pod)) pods[at->second].push_back(&pod);
    }
    return pods;
}

double share_requested(const ClusterNode& node, const std::vector<const Pod*>& pods) {
    ResourceAmounts asked;
    for (const auto* pod : pods) asked += pod->taken();
    const auto share = [](std::int64_t part, std::int64_t whole) {
        return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 1.0;
    };
    return std::max(share(asked.cpu.value, node.allocatable.cpu.value),
                    share(asked.memory.value, node.allocatable.memory.value));
}

class RemovalSearch {
public:
    RemovalSearch(const ClusterState& state, const Policy* policy)
        : state_(state), policy_(policy), rules_(state, policy), pods_(moving_pods(state)) {
        for (std::size_t i = 0; i < state.nodes.size(); ++i) {
            blockers_.push_back(rules_.blocker(state.nodes[i], pods_[i]));
            shares_.push_back(share_requested(state.nodes[i], pods_[i]));
        }
    }

    RemovableNodes run() {
        DrainSimulation drains(state_, homes());
        for (const auto node : candidates()) {
            if (auto why = keep(node, drains)) {
                blockers_[node] = std::move(why);
                continue;
            }
            rules_.remove(state_.nodes[node]);
            found_.nodes.push_back(node);
            if (pods_[node].empty()) found_.empty.push_back(node);
        }
        for (std::size_t i = 0; i < state_.nodes.size(); ++i)
            if (blockers_[i] && rules_.is_worker(state_.nodes[i]))
                found_.kept.push_back({state_.nodes[i].name, *blockers_[i]});
        return std::move(found_);
    }

private:
    /// Nodes that stay come first, and of equal ones the fullest.
    std::vector<std::size_t> homes() const {
        std::vector<std::size_t> homes;
        for (std::size_t i = 0; i < state_.nodes.size(); ++i)
            if (RemovalRules::is_home(state_.nodes[i])) homes.push_back(i);
        std::ranges::stable_sort(homes, {}, [&](std::size_t i) {
            return std::pair(!blockers_[i].has_value(), -shares_[i]);
        });
        return homes;
    }

    std::vector<std::size_t> candidates() const {
        std::vector<std::size_t> nodes;
        for (std::size_t i = 0; i < state_.nodes.size(); ++i)
            if (!blockers_[i]) nodes.push_back(i);
        std::ranges::stable_sort(nodes, {}, [&](std::size_t i) {
            const auto pods = static_cast<double>(pods_[i].size());
            const auto price =
                policy_ == nullptr ? 1.0 : price_of(state_.nodes[i], *policy_).value_or(0);
            return std::pair(pods > 0, -price / std::max(pods, 1.0));
        });
        return nodes;
    }

    /// Pods that were moved to it count, too.
    std::optional<std::string> keep(std::size_t node, DrainSimulation& drains) {
        const auto& own = state_.nodes[node];
        if (auto why = rules_.minimum_blocker(own)) return why;
        if (drains.pods_of(node).size() != pods_[node].size()) {
            if (auto why = rules_.blocker(own, drains.pods_of(node))) return why;
        }
        return drains.drain(node);
    }

    const ClusterState& state_;
    const Policy* policy_;
    RemovalRules rules_;
    std::vector<std::vector<const Pod*>> pods_;         // by node
    std::vector<std::optional<std::string>> blockers_;  // by node
    std::vector<double> shares_;                        // requested of a node's size
    RemovableNodes found_;
};

}  // namespace

RemovableNodes removable_nodes(const ClusterState& state, const Policy* policy) {
    return RemovalSearch(state, policy).run();
}

}  // namespace nodenap
