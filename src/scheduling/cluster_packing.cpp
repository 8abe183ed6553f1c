#include "scheduling/cluster_packing.hpp"

#include "scheduling/pack_search.hpp"
#include "scheduling/settle.hpp"

#include <algorithm>
#include <deque>
#include <optional>

namespace nodenap {

namespace {

using Pods = std::vector<const Pod*>;

using Placed = std::vector<std::pair<const Pod*, std::size_t>>;

/// Puts pods on nodes of a view, shape by shape.
class ExistingNodes {
public:
    ExistingNodes(ClusterView& view, const ResourceAxes& axes) : view_(view), axes_(axes) {
        for (std::size_t i = 0; i < view.nodes().size(); ++i) free_.push_back(free_of(i));
    }

    /// The pods that fit on none.
    Pods place(const PodShape& shape, Placed& placed) {
        for (std::size_t i = 0; i < shape.pods.size(); ++i) {
            const auto node = node_for(*shape.pods[i], shape.size);
            if (!node)
                return {shape.pods.begin() + static_cast<std::ptrdiff_t>(i), shape.pods.end()};
            view_.place(*shape.pods[i], *node);
            free_[*node] = free_of(*node);
            placed.emplace_back(shape.pods[i], *node);
        }
        return {};
    }

private:
    Size free_of(std::size_t node) const {
        const auto& view = view_.nodes()[node];
        auto free = axes_.size_of(view.node->allocatable, view.node->allocatable_pods);
        subtract(free, axes_.size_of(view.requested, view.pods));
        return free;
    }

    std::optional<std::size_t> node_for(const Pod& pod, const Size& size) const {
        std::optional<PodFit> fit;
        for (std::size_t i = 0; i < free_.size(); ++i) {
            if (!is_within(size, free_[i])) continue;
            if (!fit) fit.emplace(view_, pod);
            if (!fit->refusal(i)) return i;
        }
        return std::nullopt;
    }

    ClusterView& view_;
    const ResourceAxes& axes_;
    std::vector<Size> free_;
};

/// The pods that no node of the view takes.
Pods place_on_existing(ClusterView& view, const Pods& pods, Placed& placed) {
    const auto shapes = shapes_of(pods);
    ExistingNodes existing(view, shapes.axes);
    Pods rest;
    for (const auto& shape : shapes.shapes) {
        const auto more = existing.place(shape, placed);
        rest.insert(rest.end(), more.begin(), more.end());
    }
    return rest;
}

/// New nodes without room: what may be launched is a domain of topology spread already while pods
/// are put on the nodes that are there, or these would take more than their share.
std::deque<ClusterNode> without_room(const std::vector<NewNodeKind>& kinds) {
    std::deque<ClusterNode> nodes;
    for (const auto& kind : kinds) {
        auto& node = nodes.emplace_back(kind.node);
        node.name = "placeholder-" + std::to_string(nodes.size());
        node.labels.set("kubernetes.io/hostname", node.name);
        node.allocatable = {};
        node.allocatable_pods = 0;
    }
    return nodes;
}

bool is_kept_away(const ClassRules& rules, const Labels& labels) {
    return std::ranges::any_of(rules.kept_away, [&](const auto& each) {
        const auto* const value = labels.find(each.first);
        return value != nullptr && each.second.contains(*value);
    });
}

AllowedKinds allowed_kinds(const ClusterView& view, const PodShapes& shapes,
                           const PlacementTerms& terms, const std::vector<NewNodeKind>& kinds) {
    AllowedKinds allowed;
    for (std::size_t i = 0; i < shapes.classes.size(); ++i) {
        auto& row = allowed.emplace_back();
        for (const auto& kind : kinds) {
            const bool refused = is_kept_away(terms.classes[i], kind.node.labels) ||
                                 kind_refusal(view, *shapes.classes[i], kind);
            row.push_back(refused ? 0 : 1);
        }
    }
    return allowed;
}

PackOffer pack_offer(const NodeOffer& offer, const NewNodeKind& kind, const ResourceAxes& axes) {
    PackOffer made{offer.kind, offer.pool, offer.type, {}, offer.price_per_hour_usd, 0};
    made.free = axes.size_of(offer.allocatable, offer.allocatable_pods);
    for (const auto& daemon : kind.daemons) subtract(made.free, axes.size_of(daemon.taken(), 1));
    return made;
}

/// The pods of each lot are handed out in their order.
std::vector<NewNode> nodes_of(const PackedNodes& packed, const PackProblem& problem) {
    std::vector<std::size_t> next(problem.lots.size(), 0);
    std::vector<NewNode> nodes;
    for (const auto& each : packed.nodes) {
        auto& node = nodes.emplace_back(NewNode{each.offer, {}});
        for (const auto& [lot, count] : each.pods) {
            const auto first =
                problem.lots[lot].pods.begin() + static_cast<std::ptrdiff_t>(next[lot]);
            node.pods.insert(node.pods.end(), first, first + count);
            next[lot] += static_cast<std::size_t>(count);
        }
    }
    return nodes;
}

std::vector<NewNode> new_nodes_for(const ClusterView& view, const Pods& pods,
                                   const NodeSupply& supply, const PurchaseLimits& limits) {
    const auto shapes = shapes_of(pods);
    const auto terms = placement_terms(view, shapes.classes);
    PackProblem problem;
    problem.shapes = &shapes;
    problem.rules = node_rules(terms, shapes.classes);
    problem.lots =
        choose_areas(shapes, terms, supply.kinds, allowed_kinds(view, shapes, terms, supply.kinds));
    for (const auto& offer : supply.offers)
        problem.offers.push_back(pack_offer(offer, supply.kinds[offer.kind], shapes.axes));
    problem.limits = limits;
    set_worth(problem);
    return nodes_of(search_packing(problem), problem);
}

PurchaseLimits what_is_left(const NodeSupply& supply, const std::vector<NewNode>& nodes) {
    auto limits = supply.limits;
    for (const auto& node : nodes) {
        const auto& offer = supply.offers[node.offer];
        --limits.most_nodes;
        --limits.most_by_pool[offer.pool];
        limits.most_price_per_hour_usd -= offer.price_per_hour_usd;
    }
    return limits;
}

}  // namespace

ClusterPacking pack_cluster(ClusterView view, const Pods& pods, const NodeSupply& supply) {
    Placed placed;
    auto as_it_is = view;
    if (place_on_existing(as_it_is, pods, placed).empty()) return {std::move(placed), {}, {}};
    placed.clear();
    const auto placeholders = without_room(supply.kinds);
    auto assumed = view;
    for (const auto& node : placeholders) assumed.add_node(node);
    place_on_existing(assumed, pods, placed);
    Settling settling(std::move(view), supply);
    settling.bind(placed);
    auto pending = settling.pods_without_node(pods);
    // What the packing does not know (volumes that pods share, a spread over nodes of the cluster
    // and new ones) only the filters tell: what they refuse is packed once more.
    constexpr int rounds = 2;
    for (int round = 0; round < rounds && !pending.empty(); ++round) {
        if (round > 0) {
            placed.clear();
            place_on_existing(settling.view(), pending, placed);
            settling.note(placed);
            pending = settling.pods_without_node(pending);
        }
        const auto limits = what_is_left(supply, settling.nodes());
        settling.settle(new_nodes_for(settling.view(), pending, supply, limits));
        pending = settling.pods_without_node(pods);
    }
    auto packing = settling.take();
    for (const auto* pod : pending) packing.left.push_back({pod, settling.nearest_miss(*pod)});
    return packing;
}

}  // namespace nodenap
