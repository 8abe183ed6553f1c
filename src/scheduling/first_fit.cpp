#include "scheduling/node_packer.hpp"

#include <algorithm>
#include <numeric>

namespace nodenap {

namespace {

struct OpenNode {
    std::size_t offer = 0;
    Size free;
    NodeLoad load;
    PackedNode packed;
};

class FirstFit {
public:
    FirstFit(const PackProblem& problem, std::size_t type)
        : problem_(problem),
          type_(type),
          pool_left_(problem.limits.most_by_pool),
          started_(problem.rules.terms, 0) {}

    PackedNodes run() {
        std::vector<std::size_t> order(problem_.lots.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::ranges::stable_sort(order, std::greater(), [&](std::size_t lot) {
            return problem_.worth(problem_.shape(lot).size);
        });
        for (const auto lot : order)
            for (std::size_t i = 0; i < problem_.lots[lot].pods.size(); ++i) place(lot);
        PackedNodes result;
        result.left = left_;
        result.price_per_hour_usd = price_;
        for (auto& node : nodes_) result.nodes.push_back(std::move(node.packed));
        return result;
    }

private:
    bool takes(const OpenNode& node, std::size_t lot) const {
        return problem_.lots[lot].kinds[problem_.offers[node.offer].kind] != 0 &&
               is_within(problem_.shape(lot).size, node.free) &&
               node.load.accepts(problem_.rules_of(lot), started_);
    }

    void place(std::size_t lot) {
        auto node =
            std::ranges::find_if(nodes_, [&](const auto& each) { return takes(each, lot); });
        if (node == nodes_.end()) {
            if (!open_for(lot)) {
                ++left_;
                return;
            }
            node = nodes_.end() - 1;
        }
        const auto& rules = problem_.rules_of(lot);
        subtract(node->free, problem_.shape(lot).size);
        node->load.add(rules);
        for (const auto term : rules.counted_by) ++started_[term];
        auto& pods = node->packed.pods;
        if (!pods.empty() && pods.back().first == lot) {
            ++pods.back().second;
        } else {
            pods.emplace_back(lot, 1);
        }
    }

    bool open_for(std::size_t lot) {
        constexpr double rounding = 1e-9;
        const auto& limits = problem_.limits;
        for (std::size_t i = 0; i < problem_.offers.size(); ++i) {
            const auto& offer = problem_.offers[i];
            const bool affordable =
                price_ + offer.price_per_hour_usd <= limits.most_price_per_hour_usd + rounding;
            if (offer.type != type_ || !affordable || pool_left_[offer.pool] <= 0 ||
                std::ssize(nodes_) >= limits.most_nodes)
                continue;
            OpenNode node{i, offer.free, NodeLoad(problem_.rules.terms), {i, {}}};
            if (!takes(node, lot)) continue;
            nodes_.push_back(std::move(node));
            price_ += offer.price_per_hour_usd;
            --pool_left_[offer.pool];
            return true;
        }
        return false;
    }

    const PackProblem& problem_;
    std::size_t type_;
    std::vector<OpenNode> nodes_;
    std::vector<std::int64_t> pool_left_;
    std::vector<std::int64_t> started_;
    std::int64_t left_ = 0;
    double price_ = 0;
};

}  // namespace

PackedNodes first_fit(const PackProblem& problem, std::size_t type) {
    return FirstFit(problem, type).run();
}

}  // namespace nodenap
