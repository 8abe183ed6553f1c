#include "scheduling/pack_search.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>

namespace nodenap {

namespace {

/// The nodes of a packing, to be changed one by one.
class Improvement {
public:
    Improvement(const PackProblem& problem, PackedNodes packed)
        : problem_(problem), packed_(std::move(packed)), pool_left_(problem.limits.most_by_pool) {
        by_price_.resize(problem.offers.size());
        std::iota(by_price_.begin(), by_price_.end(), std::size_t{0});
        std::ranges::stable_sort(
            by_price_, {}, [&](std::size_t i) { return problem.offers[i].price_per_hour_usd; });
        for (const auto& node : packed_.nodes) {
            --pool_left_[problem.offers[node.offer].pool];
            used_.push_back(used_by(node));
        }
    }

    PackedNodes run() {
        for (std::size_t i = 0; i < packed_.nodes.size(); ++i) resize(i);
        dissolve_some();
        packed_.price_per_hour_usd = 0;
        for (const auto& node : packed_.nodes) packed_.price_per_hour_usd += price(node.offer);
        return std::move(packed_);
    }

private:
    using Pods = std::vector<std::pair<std::size_t, std::int64_t>>;

    double price(std::size_t offer) const { return problem_.offers[offer].price_per_hour_usd; }

    Size used_by(const PackedNode& node) const {
        Size used(problem_.shapes->axes.count(), 0);
        for (const auto& [lot, pods] : node.pods)
            for (std::int64_t i = 0; i < pods; ++i) add(used, problem_.shape(lot).size);
        return used;
    }

    bool takes_all(const PackOffer& offer, const Pods& pods) const {
        return std::ranges::all_of(pods, [&](const auto& each) {
            return problem_.lots[each.first].kinds[offer.kind] != 0;
        });
    }

    /// The cheapest offer for these pods; `now` is given back first, and is the answer if no other
    /// is cheaper.
    std::optional<std::size_t> cheapest_for(const Size& used, const Pods& pods,
                                            std::optional<std::size_t> now) const {
        for (const auto i : by_price_) {
            const auto& offer = problem_.offers[i];
            if (now && price(i) >= price(*now)) return now;
            const bool same_pool = now && problem_.offers[*now].pool == offer.pool;
            if (pool_left_[offer.pool] + (same_pool ? 1 : 0) <= 0) continue;
            if (is_within(used, offer.free) && takes_all(offer, pods)) return i;
        }
        return now;
    }

    void resize(std::size_t node) {
        auto& packed = packed_.nodes[node];
        const auto offer = cheapest_for(used_[node], packed.pods, packed.offer);
        change_offer(node, *offer);
    }

    void change_offer(std::size_t node, std::size_t offer) {
        auto& now = packed_.nodes[node].offer;
        ++pool_left_[problem_.offers[now].pool];
        --pool_left_[problem_.offers[offer].pool];
        now = offer;
    }

    /// The nodes whose pods are worth least for their price first.
    std::vector<std::size_t> worst_nodes() const {
        std::vector<std::size_t> nodes(packed_.nodes.size());
        std::iota(nodes.begin(), nodes.end(), std::size_t{0});
        std::ranges::stable_sort(nodes, {}, [&](std::size_t i) {
            return problem_.worth(used_[i]) / std::max(price(packed_.nodes[i].offer), 1e-9);
        });
        return nodes;
    }

    void dissolve_some() {
        constexpr std::size_t most_steps = 400'000;
        std::size_t steps = 0;
        for (const auto node : worst_nodes()) {
            if (steps > most_steps) break;
            steps += packed_.nodes[node].pods.size() * packed_.nodes.size();
            if (dissolve(node)) gone_.insert(node);
        }
        std::vector<PackedNode> stay;
        for (std::size_t i = 0; i < packed_.nodes.size(); ++i)
            if (!gone_.contains(i)) stay.push_back(std::move(packed_.nodes[i]));
        packed_.nodes = std::move(stay);
    }

    struct Move {
        std::size_t lot;
        std::size_t to;
        std::size_t offer_before;
    };

    /// A node whose pods are being moved, and what that may still cost.
    struct Dissolving {
        std::size_t node;
        double budget;
        std::vector<Move> moves = {};
    };

    /// Moves all pods of a node to others where that costs less than the node.
    bool dissolve(std::size_t node) {
        const auto pods = packed_.nodes[node].pods;
        const bool bound = std::ranges::any_of(pods, [&](const auto& each) {
            return !problem_.rules_of(each.first).affinity.empty();
        });
        if (bound) return false;
        Dissolving dissolving{node, price(packed_.nodes[node].offer) - 1e-9};
        for (const auto& [lot, count] : pods) {
            if (move_all(lot, count, dissolving)) continue;
            std::ranges::reverse(dissolving.moves);
            for (const auto& each : dissolving.moves) undo(each);
            return false;
        }
        ++pool_left_[problem_.offers[packed_.nodes[node].offer].pool];
        return true;
    }

    bool move_all(std::size_t lot, std::int64_t count, Dissolving& dissolving) {
        for (std::int64_t i = 0; i < count; ++i)
            if (!move(lot, dissolving)) return false;
        return true;
    }

    /// To the node where the pod costs least.
    bool move(std::size_t lot, Dissolving& dissolving) {
        std::optional<std::pair<double, std::size_t>> best;
        std::size_t best_offer = 0;
        for (std::size_t to = 0; to < packed_.nodes.size(); ++to) {
            if (to == dissolving.node || gone_.contains(to)) continue;
            const auto offer = offer_with(lot, to);
            if (!offer) continue;
            const auto more = price(*offer) - price(packed_.nodes[to].offer);
            if (more > dissolving.budget || (best && more >= best->first)) continue;
            best = {more, to};
            best_offer = *offer;
            if (more <= 0) break;
        }
        if (!best) return false;
        const auto to = best->second;
        dissolving.budget -= best->first;
        dissolving.moves.push_back({lot, to, packed_.nodes[to].offer});
        change_offer(to, best_offer);
        packed_.nodes[to].pods.emplace_back(lot, 1);
        add(used_[to], problem_.shape(lot).size);
        return true;
    }

    void undo(const Move& move) {
        auto& node = packed_.nodes[move.to];
        node.pods.pop_back();
        subtract(used_[move.to], problem_.shape(move.lot).size);
        change_offer(move.to, move.offer_before);
    }

    /// The cheapest offer with which a node takes one more pod.
    std::optional<std::size_t> offer_with(std::size_t lot, std::size_t node) const {
        const auto& packed = packed_.nodes[node];
        auto used = used_[node];
        add(used, problem_.shape(lot).size);
        const auto& now = problem_.offers[packed.offer];
        const bool fits = is_within(used, now.free);
        if (problem_.lots[lot].kinds[now.kind] == 0 || !accepts(node, lot)) return std::nullopt;
        if (fits) return packed.offer;
        auto pods = packed.pods;
        pods.emplace_back(lot, 1);
        return cheapest_for(used, pods, std::nullopt);
    }

    bool accepts(std::size_t node, std::size_t lot) const {
        const auto& rules = problem_.rules_of(lot);
        NodeLoad load(problem_.rules.terms);
        std::vector<std::int64_t> started(problem_.rules.terms, 0);
        for (const auto& [other, pods] : packed_.nodes[node].pods)
            for (std::int64_t i = 0; i < pods; ++i) load.add(problem_.rules_of(other));
        return load.accepts(rules, started);
    }

    const PackProblem& problem_;
    PackedNodes packed_;
    std::vector<Size> used_;
    std::vector<std::int64_t> pool_left_;
    std::vector<std::size_t> by_price_;
    std::set<std::size_t> gone_;
};

std::set<std::size_t> types_of(const PackProblem& problem) {
    std::set<std::size_t> types;
    for (const auto& offer : problem.offers) types.insert(offer.type);
    return types;
}

class Search {
public:
    explicit Search(const PackProblem& problem) : problem_(problem) {
        for (const auto& lot : problem.lots) pods_ += lot.pods.size();
    }

    PackedNodes run() {
        constexpr std::size_t few_pods = 200;
        constexpr std::size_t some_pods = 3000;
        constexpr std::size_t few_types = 20;
        try_strategy({PickBy::alignment, std::nullopt});
        try_strategy({PickBy::worth, std::nullopt});
        if (pods_ > some_pods) return std::move(best_);
        try_strategy({PickBy::cpu, std::nullopt});
        try_strategy({PickBy::memory, std::nullopt});
        if (pods_ > few_pods) return std::move(best_);
        const auto types = types_of(problem_);
        for (const auto type : types) {
            consider(first_fit(problem_, type));
            if (types.size() > few_types) continue;
            for (const auto pick_by : {PickBy::alignment, PickBy::cpu, PickBy::memory})
                try_strategy({pick_by, type});
        }
        return std::move(best_);
    }

private:
    void try_strategy(const PackStrategy& strategy) { consider(pack_nodes(problem_, strategy)); }

    void consider(PackedNodes packed) {
        auto improved = Improvement(problem_, std::move(packed)).run();
        if (is_first_ || is_better(improved, best_)) best_ = std::move(improved);
        is_first_ = false;
    }

    const PackProblem& problem_;
    std::size_t pods_ = 0;
    PackedNodes best_;
    bool is_first_ = true;
};

}  // namespace

PackedNodes search_packing(const PackProblem& problem) { return Search(problem).run(); }

}  // namespace nodenap
