#include "scheduling/node_packer.hpp"

#include <algorithm>
#include <map>
#include <numeric>

namespace nodenap {

namespace {

using Lots = std::vector<std::size_t>;

/// Lots of equal size.
struct SizeGroup {
    const Size* size = nullptr;
    double worth = 0;
    Lots lots;  // those with the fewest kinds and the most rules first
    std::int64_t left = 0;
};

/// A node that is being filled.
struct OpenNode {
    std::size_t offer = 0;
    Size free;
    NodeLoad load;
    std::vector<std::pair<std::size_t, std::int64_t>> pods;  // lot, how many
    double worth = 0;
};

class NodePacker {
public:
    NodePacker(const PackProblem& problem, const PackStrategy& strategy)
        : problem_(problem), strategy_(strategy), started_(problem.rules.terms, 0) {
        class_left_.resize(problem.rules.classes.size(), 0);
        for (std::size_t lot = 0; lot < problem.lots.size(); ++lot) {
            const auto pods = static_cast<std::int64_t>(problem.lots[lot].pods.size());
            left_.push_back(pods);
            class_left_[problem.shape(lot).pod_class] += pods;
            worth_.push_back(problem.worth(problem.shape(lot).size));
            worth_left_ += worth_.back() * static_cast<double>(pods);
            kinds_.push_back(std::ranges::count(problem.lots[lot].kinds, 1));
        }
        for (std::size_t i = 0; i < problem.rules.classes.size(); ++i)
            if (problem.rules.classes[i].most_on_one < std::numeric_limits<std::int64_t>::max())
                apart_.push_back(i);
        make_groups();
        make_seeds();
        pool_left_ = problem.limits.most_by_pool;
        nodes_left_ = problem.limits.most_nodes;
    }

    PackedNodes run() {
        while (const auto seed = next_seed()) {
            if (!open_for(*seed)) drop(*seed);
        }
        return std::move(result_);
    }

private:
    void make_groups() {
        std::map<Size, std::size_t> known;
        for (std::size_t lot = 0; lot < left_.size(); ++lot) {
            const auto& size = problem_.shape(lot).size;
            const auto [at, is_new] = known.try_emplace(size, groups_.size());
            if (is_new) groups_.push_back({&size, worth_[lot], {}, 0});
            groups_[at->second].lots.push_back(lot);
            groups_[at->second].left += left_[lot];
            group_of_.push_back(at->second);
        }
        const auto is_harder = [&](std::size_t a, std::size_t b) {
            return std::pair(kinds_[a], -rule_count(a)) < std::pair(kinds_[b], -rule_count(b));
        };
        for (auto& group : groups_) std::ranges::stable_sort(group.lots, is_harder);
    }

    std::ptrdiff_t rule_count(std::size_t lot) const {
        const auto& rules = problem_.rules_of(lot);
        return std::ssize(rules.spread) + std::ssize(rules.anti_affinity) +
               std::ssize(rules.affinity) + std::ssize(rules.ports);
    }

    void make_seeds() {
        seeds_.resize(left_.size());
        std::iota(seeds_.begin(), seeds_.end(), std::size_t{0});
        std::ranges::stable_sort(seeds_, [&](std::size_t a, std::size_t b) {
            const auto key = [&](std::size_t lot) {
                return std::tuple(-problem_.shape(lot).pods.front()->priority, kinds_[lot],
                                  -worth_[lot]);
            };
            return key(a) < key(b);
        });
    }

    /// How many nodes the class still needs for being apart.
    std::int64_t nodes_for(std::size_t pod_class) const {
        const auto most = problem_.rules.classes[pod_class].most_on_one;
        return (class_left_[pod_class] + most - 1) / most;
    }

    std::optional<std::size_t> next_seed() {
        nodes_apart_ = 1;
        std::optional<std::size_t> apart;
        for (const auto pod_class : apart_) {
            if (nodes_for(pod_class) <= nodes_apart_) continue;
            nodes_apart_ = nodes_for(pod_class);
            apart = pod_class;
        }
        while (next_seed_ < seeds_.size() && left_[seeds_[next_seed_]] == 0) ++next_seed_;
        for (auto i = next_seed_; i < seeds_.size(); ++i) {
            const auto lot = seeds_[i];
            if (left_[lot] > 0 && (!apart || problem_.shape(lot).pod_class == *apart)) return lot;
        }
        return std::nullopt;
    }

    void drop(std::size_t lot) {
        result_.left += left_[lot];
        class_left_[problem_.shape(lot).pod_class] -= left_[lot];
        groups_[group_of_[lot]].left -= left_[lot];
        worth_left_ -= worth_[lot] * static_cast<double>(left_[lot]);
        left_[lot] = 0;
    }

    bool can_buy(const PackOffer& offer) const {
        constexpr double rounding = 1e-9;
        return nodes_left_ > 0 && pool_left_[offer.pool] > 0 &&
               result_.price_per_hour_usd + offer.price_per_hour_usd <=
                   problem_.limits.most_price_per_hour_usd + rounding;
    }

    bool may_open(std::size_t lot, const PackOffer& offer) const {
        return (!strategy_.only_type || offer.type == *strategy_.only_type) &&
               problem_.lots[lot].kinds[offer.kind] != 0 && can_buy(offer) &&
               is_within(problem_.shape(lot).size, offer.free);
    }

    /// The offers worth trying: those of the best price for their size that the share of the node
    /// can fill, the next larger one, and the cheapest.
    Lots offers_for(std::size_t seed) const {
        constexpr std::size_t most_tried = 8;
        const auto share = worth_left_ / static_cast<double>(nodes_apart_);
        const bool any_size = !problem_.rules_of(seed).affinity.empty();
        Lots small;
        std::optional<std::size_t> larger;
        std::optional<std::size_t> cheapest;
        const auto& offers = problem_.offers;
        const auto price = [&](std::size_t i) { return offers[i].price_per_hour_usd; };
        for (std::size_t i = 0; i < offers.size(); ++i) {
            if (!may_open(seed, offers[i])) continue;
            if (!cheapest || price(i) < price(*cheapest)) cheapest = i;
            if (any_size || offers[i].worth <= share) {
                small.push_back(i);
            } else if (!larger || price(i) < price(*larger)) {
                larger = i;
            }
        }
        constexpr double almost_nothing = 1e-12;  // where nodes cost nothing, so are pods worth
        const auto unit_price = [&](std::size_t i) {
            return price(i) / std::max(offers[i].worth, almost_nothing);
        };
        if (small.size() > most_tried) {
            std::ranges::stable_sort(small, {}, unit_price);
            small.resize(most_tried);
        }
        for (const auto& more : {larger, cheapest})
            if (more && std::ranges::find(small, *more) == small.end()) small.push_back(*more);
        return small;
    }

    bool open_for(std::size_t seed) {
        std::optional<OpenNode> best;
        std::pair<std::int64_t, double> best_rank;
        for (const auto offer : offers_for(seed)) {
            auto node = filled(seed, offer);
            if (!node) continue;
            const std::pair rank(stranded(), -node->worth / price_of(offer));
            give_back(*node);
            if (best && rank >= best_rank) continue;
            best = std::move(node);
            best_rank = rank;
        }
        if (!best) return false;
        buy(*best);
        return true;
    }

    double price_of(std::size_t offer) const {
        constexpr double almost_nothing = 1e-9;
        return std::max(problem_.offers[offer].price_per_hour_usd, almost_nothing);
    }

    /// Pods that must be on the node of pods that have one now, and are not.
    std::int64_t stranded() const {
        std::int64_t pods = 0;
        for (std::size_t i = 0; i < class_left_.size(); ++i) {
            const auto& affinity = problem_.rules.classes[i].affinity;
            const bool starts =
                std::ranges::any_of(affinity, [&](const auto term) { return started_[term] > 0; });
            if (starts) pods += class_left_[i];
        }
        return pods;
    }

    std::optional<OpenNode> filled(std::size_t seed, std::size_t offer) {
        OpenNode node{offer, problem_.offers[offer].free, NodeLoad(problem_.rules.terms), {}, 0};
        if (!node.load.accepts(problem_.rules_of(seed), started_)) return std::nullopt;
        put(seed, node);
        while (const auto lot = pick(node)) put(*lot, node);
        return node;
    }

    void put(std::size_t lot, OpenNode& node) {
        subtract(node.free, problem_.shape(lot).size);
        const auto& rules = problem_.rules_of(lot);
        node.load.add(rules);
        node.worth += worth_[lot];
        if (!node.pods.empty() && node.pods.back().first == lot) {
            ++node.pods.back().second;
        } else {
            node.pods.emplace_back(lot, 1);
        }
        count(lot, 1);
    }

    /// Takes pods of a lot out of what is left, or puts them back.
    void count(std::size_t lot, std::int64_t pods) {
        left_[lot] -= pods;
        class_left_[problem_.shape(lot).pod_class] -= pods;
        groups_[group_of_[lot]].left -= pods;
        worth_left_ -= worth_[lot] * static_cast<double>(pods);
        for (const auto term : problem_.rules_of(lot).counted_by) started_[term] += pods;
    }

    void give_back(const OpenNode& node) {
        for (const auto& [lot, pods] : node.pods) count(lot, -pods);
    }

    std::optional<std::size_t> pick(const OpenNode& node) const {
        const auto& offer = problem_.offers[node.offer];
        const auto weights = weights_of(node, offer);
        std::optional<std::size_t> best;
        double best_score = -1;
        for (const auto& group : groups_) {
            if (group.left == 0 || !is_within(*group.size, node.free)) continue;
            const auto score = score_of(group, weights);
            if (score <= best_score) continue;
            const auto lot = first_accepted(group, node, offer.kind);
            if (!lot) continue;
            best = lot;
            best_score = score;
        }
        return best;
    }

    std::optional<std::size_t> first_accepted(const SizeGroup& group, const OpenNode& node,
                                              std::size_t kind) const {
        for (const auto lot : group.lots)
            if (left_[lot] > 0 && problem_.lots[lot].kinds[kind] != 0 &&
                node.load.accepts(problem_.rules_of(lot), started_))
                return lot;
        return std::nullopt;
    }

    std::vector<double> weights_of(const OpenNode& node, const PackOffer& offer) const {
        std::vector<double> weights(node.free.size(), 0);
        for (std::size_t axis = 0; axis < weights.size(); ++axis) {
            const auto all = static_cast<double>(std::max<std::int64_t>(offer.free[axis], 1));
            weights[axis] = static_cast<double>(node.free[axis]) / all / all;
        }
        return weights;
    }

    double score_of(const SizeGroup& group, const std::vector<double>& weights) const {
        switch (strategy_.pick_by) {
            case PickBy::worth:
                return group.worth;
            case PickBy::cpu:
                return static_cast<double>((*group.size)[ResourceAxes::cpu]);
            case PickBy::memory:
                return static_cast<double>((*group.size)[ResourceAxes::memory]);
            case PickBy::alignment:
                break;
        }
        double sum = 0;
        for (std::size_t axis = 0; axis < weights.size(); ++axis)
            sum += weights[axis] * static_cast<double>((*group.size)[axis]);
        return sum;
    }

    /// Buys the node, and as many equal ones as there are pods for. A node with pods that must be
    /// on one node stays alone.
    void buy(const OpenNode& node) {
        const auto& offer = problem_.offers[node.offer];
        auto copies = std::min(nodes_left_, pool_left_[offer.pool]);
        for (const auto& [lot, pods] : merged(node)) {
            copies = std::min(copies, left_[lot] / pods);
            if (!problem_.rules_of(lot).affinity.empty())
                copies = std::min<std::int64_t>(copies, 1);
        }
        for (std::int64_t i = 0; i < copies && can_buy(offer); ++i) {
            for (const auto& [lot, pods] : node.pods) count(lot, pods);
            result_.nodes.push_back({node.offer, node.pods});
            result_.price_per_hour_usd += offer.price_per_hour_usd;
            --nodes_left_;
            --pool_left_[offer.pool];
        }
    }

    static std::map<std::size_t, std::int64_t> merged(const OpenNode& node) {
        std::map<std::size_t, std::int64_t> pods;
        for (const auto& [lot, count] : node.pods) pods[lot] += count;
        return pods;
    }

    const PackProblem& problem_;
    const PackStrategy& strategy_;
    std::vector<std::int64_t> left_;  // by lot
    std::vector<double> worth_;       // of one pod, by lot
    std::vector<std::ptrdiff_t> kinds_;
    std::vector<std::int64_t> class_left_;
    std::vector<std::size_t> apart_;  // classes whose pods exclude each other
    std::vector<SizeGroup> groups_;
    std::vector<std::size_t> group_of_;  // by lot
    Lots seeds_;
    std::size_t next_seed_ = 0;
    std::int64_t nodes_apart_ = 1;  // that classes need at least for being apart
    double worth_left_ = 0;
    std::vector<std::int64_t> started_;  // by term: counted pods that have a node
    std::vector<std::int64_t> pool_left_;
    std::int64_t nodes_left_ = 0;
    PackedNodes result_;
};

}  // namespace

PackedNodes pack_nodes(const PackProblem& problem, const PackStrategy& strategy) {
    return NodePacker(problem, strategy).run();
}

}  // namespace nodenap
