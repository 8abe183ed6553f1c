#include "decide/supply.hpp"

#include "decide/node_template.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

namespace nodenap {
namespace {

/// Whether a rule of a pod or a volume reads the label of the instance type.
class LabelUse {
public:
    explicit LabelUse(const ClusterState& state) {
        for (const auto& pod : state.pods) add(pod.rules);
        for (const auto& set : state.daemonsets) add(set.pod.rules);
        for (const auto& volume : state.volumes)
            if (volume.node_affinity) add(*volume.node_affinity);
        for (const auto& each : state.storage_classes)
            for (const auto& term : each.allowed_topologies) add(term);
    }

    bool has(std::string_view key) const { return keys_.contains(key); }

private:
    void add(const NodeSelectorTerm& term) {
        for (const auto& requirement : term.labels) keys_.insert(requirement.key);
    }
    void add(const NodeSelector& selector) {
        for (const auto& term : selector.terms) add(term);
    }
    void add(const PodRules& rules) {
        for (const auto& [key, value] : rules.node_selector) keys_.insert(key);
        if (rules.node_affinity) add(*rules.node_affinity);
        for (const auto& spread : rules.spread) keys_.insert(spread.topology_key);
        for (const auto* terms : {&rules.affinity, &rules.anti_affinity})
            for (const auto& term : *terms) keys_.insert(term.topology_key);
    }

    std::set<std::string, std::less<>> keys_;
};

using KindKey = std::tuple<std::string, std::string, Capacity, std::string, std::string>;

class SupplyBuilder {
public:
    SupplyBuilder(const Policy& policy, const ClusterState& state)
        : policy_(policy), state_(state), sizes_(state) {
        by_type_ = LabelUse(state).has(type_label);
    }

    void add(const Offering& offering) {
        const auto* const type = find_type(policy_, offering.instance_type);
        if (type == nullptr) return;
        const auto* const pool = find_pool(policy_, offering.pool);
        NodeOffer offer;
        offer.kind = kind_of(offering, *type);
        offer.pool = static_cast<std::size_t>(pool - policy_.pools.data());
        offer.type = types_.try_emplace(type->name, types_.size()).first->second;
        const auto size = sizes_.size_of_new(policy_, *pool, *type);
        offer.allocatable = size.allocatable;
        offer.allocatable_pods = size.pods;
        offer.price_per_hour_usd = node_price_per_hour_usd(policy_, *type);
        supply_.offerings.push_back(offering);
        supply_.nodes.offers.push_back(std::move(offer));
    }

    Supply take() { return std::move(supply_); }

private:
    std::size_t kind_of(const Offering& offering, const InstanceType& type) {
        const KindKey key{offering.pool, offering.zone, offering.capacity, type.architecture,
                          by_type_ ? type.name : ""};
        const auto [at, is_new] = kinds_.try_emplace(key, supply_.nodes.kinds.size());
        if (!is_new) return at->second;
        NewNodeKind kind;
        kind.node = node_template(policy_, offering, state_);
        kind.daemons = daemonset_pods_for(kind.node, state_);
        kind.attach_limits = attach_limits_for(kind.node, state_);
        supply_.nodes.kinds.push_back(std::move(kind));
        return at->second;
    }

    const Policy& policy_;
    const ClusterState& state_;
    NodeSizes sizes_;
    bool by_type_ = false;
    std::map<KindKey, std::size_t> kinds_;
    std::map<std::string, std::size_t> types_;
    Supply supply_;
};

std::size_t workers_in(const Pool& pool, const std::vector<const ClusterNode*>& workers) {
    return static_cast<std::size_t>(std::ranges::count_if(workers, [&](const ClusterNode* node) {
        const auto* const label = node->labels.find(pool_label);
        return label != nullptr && *label == pool.name;
    }));
}

PurchaseLimits limits_left(const Policy& policy, const std::vector<const ClusterNode*>& workers) {
    PurchaseLimits limits;
    limits.most_nodes = std::max<std::int64_t>(policy.limits.max_nodes - std::ssize(workers), 0);
    for (const auto& pool : policy.pools) {
        const auto now = static_cast<std::int64_t>(workers_in(pool, workers));
        limits.most_by_pool.push_back(std::max<std::int64_t>(pool.max_nodes - now, 0));
    }
    if (policy.limits.max_price_per_hour_usd > 0) {
        limits.most_price_per_hour_usd = policy.limits.max_price_per_hour_usd;
        for (const auto* worker : workers)
            limits.most_price_per_hour_usd -= price_of(*worker, policy).value_or(0);
    }
    return limits;
}

}  // namespace

Supply supply_of(const Policy& policy, const ClusterState& state,
                 const std::vector<const ClusterNode*>& workers) {
    SupplyBuilder builder(policy, state);
    for (const auto& offering : offerings_of(policy)) builder.add(offering);
    auto supply = builder.take();
    supply.nodes.limits = limits_left(policy, workers);
    return supply;
}

std::optional<double> price_of(const ClusterNode& node, const Policy& policy) {
    const auto* const label = node.labels.find(type_label);
    const auto* const type = label == nullptr ? nullptr : find_type(policy, *label);
    if (type == nullptr) return std::nullopt;
    return node_price_per_hour_usd(policy, *type);
}

}  // namespace nodenap
