#include "scheduling/settle.hpp"

#include "scheduling/fit.hpp"

#include <algorithm>
#include <optional>

namespace nodenap {

namespace {

bool has_rules_between_pods(const Pod& pod) {
    const auto& rules = pod.rules;
    return !rules.spread.empty() || !rules.affinity.empty() || !rules.anti_affinity.empty();
}

/// Steps of a check: each pod with rules looks at each node.
std::size_t steps_to_check(const std::vector<NewNode>& nodes, std::size_t nodes_in_view) {
    std::size_t pods = 0;
    for (const auto& node : nodes) {
        pods += static_cast<std::size_t>(std::ranges::count_if(
            node.pods, [](const Pod* pod) { return has_rules_between_pods(*pod); }));
    }
    return pods * (nodes.size() + nodes_in_view);
}

/// Of each kind, the offer with most CPU, of those the one with most memory.
std::vector<std::size_t> largest_offers(const std::vector<NodeOffer>& offers, std::size_t kinds) {
    std::vector<std::optional<std::size_t>> largest(kinds);
    const auto size = [&](std::size_t i) {
        return std::pair(offers[i].allocatable.cpu.value, offers[i].allocatable.memory.value);
    };
    for (std::size_t i = 0; i < offers.size(); ++i) {
        auto& found = largest[offers[i].kind];
        if (!found || size(i) > size(*found)) found = i;
    }
    std::vector<std::size_t> result;
    for (const auto& each : largest)
        if (each) result.push_back(*each);
    return result;
}

}  // namespace

Settling::Settling(ClusterView view, const NodeSupply& supply)
    : view_(std::move(view)), own_nodes_(view_.nodes().size()), supply_(supply) {}

std::vector<const Pod*> Settling::pods_without_node(const std::vector<const Pod*>& pods) const {
    std::vector<const Pod*> left;
    for (const auto* pod : pods)
        if (!bound_.contains(pod)) left.push_back(pod);
    return left;
}

void Settling::bind(const Placed& placed) {
    for (const auto& [pod, node] : placed) {
        view_.place(*pod, node);
        bound_.insert(pod);
        provisional_.emplace_back(pod, node);
    }
}

void Settling::note(const Placed& placed) {
    for (const auto& [pod, node] : placed) {
        bound_.insert(pod);
        if (node < own_nodes_) {
            placed_.emplace_back(pod, node);
        } else {
            new_nodes_[node - own_nodes_].pods.push_back(pod);
        }
    }
}

std::size_t Settling::add_node(ClusterView& view, std::size_t offer) {
    const auto& kind = supply_.kinds[supply_.offers[offer].kind];
    auto& node = node_objects_.emplace_back(kind.node);
    node.name = "new-node-" + std::to_string(node_objects_.size());
    node.labels.set("kubernetes.io/hostname", node.name);
    node.allocatable = supply_.offers[offer].allocatable;
    node.allocatable_pods = supply_.offers[offer].allocatable_pods;
    const auto number = view.add_node(node);
    for (auto limits : kind.attach_limits) {
        limits.node = node.name;
        view.add_attach_limits(limits_.emplace_back(std::move(limits)));
    }
    for (const auto& daemon : kind.daemons) view.place(daemon, number);
    return number;
}

void Settling::settle(const std::vector<NewNode>& nodes) {
    constexpr std::size_t most_steps = 100'000;
    const bool check_all = steps_to_check(nodes, view_.nodes().size()) <= most_steps;
    std::vector<Binding> waiting;
    for (const auto& [pod, node] : provisional_) {
        view_.remove(*pod, node);
        bound_.erase(pod);
        waiting.push_back({pod, node});
    }
    provisional_.clear();
    for (const auto& node : nodes) {
        const auto number = add_node(view_, node.offer);
        new_nodes_.push_back({node.offer, {}});
        for (const auto* pod : node.pods) waiting.push_back({pod, number});
    }
    bind_all(std::move(waiting), check_all);
}

/// Until none waits, or none of those that wait fits.
void Settling::bind_all(std::vector<Binding> waiting, bool check_all) {
    for (auto before = waiting.size() + 1; waiting.size() < before;) {
        before = waiting.size();
        waiting = bind_once(waiting, check_all);
    }
}

/// Those that the filters refuse for now.
std::vector<Settling::Binding> Settling::bind_once(const std::vector<Binding>& waiting,
                                                   bool check_all) {
    std::vector<Binding> refused;
    for (const auto& each : waiting) {
        const bool checked = check_all || !each.pod->rules.volumes.empty();
        if (checked && fit(view_, *each.pod, each.node)) {
            refused.push_back(each);
            continue;
        }
        view_.place(*each.pod, each.node);
        note({{each.pod, each.node}});
    }
    return refused;
}

ClusterPacking Settling::take() {
    for (const auto& each : provisional_) placed_.push_back(each);
    auto nodes = new_nodes_;
    std::erase_if(nodes, [](const NewNode& node) { return node.pods.empty(); });
    return {placed_, std::move(nodes), {}};
}

std::string Settling::nearest_miss(const Pod& pod) {
    if (!probe_) {
        probe_.emplace(view_);
        for (const auto offer : largest_offers(supply_.offers, supply_.kinds.size()))
            probes_.push_back(add_node(*probe_, offer));
    }
    if (probes_.empty()) return "there is no instance type that could be launched";
    const PodFit fit(*probe_, pod);
    std::optional<FilterRefusal> nearest;
    for (const auto probe : probes_) {
        auto refusal = fit.refusal(probe);
        if (!refusal)
            return "the limits on nodes and price allow no more nodes, or it cannot share one";
        if (!nearest || refusal->filter > nearest->filter) nearest = std::move(refusal);
    }
    return nearest->reason;
}

}  // namespace nodenap
