#include "app/cli/cost_report.hpp"

#include <algorithm>
#include <ranges>

namespace nodenap {
namespace {

std::optional<double> price_of(const Policy& policy, const std::string& type_name) {
    const InstanceType* type = find_type(policy, type_name);
    if (type == nullptr) return std::nullopt;
    return node_price_per_hour_usd(policy, *type);
}

/// Of all types that the pools may ask for, in their order.
std::vector<double> prices_of_pools(const Policy& policy) {
    std::vector<double> prices;
    for (const Pool& pool : policy.pools) {
        for (const auto& name : pool.instance_types) {
            if (const auto price = price_of(policy, name)) prices.push_back(*price);
        }
    }
    return prices;
}

/// What an effect did to the number of nodes; nothing where it failed.
int nodes_by(const Effect& effect) {
    if (effect.error) return 0;
    if (effect.kind == "launch") return 1;
    return effect.kind == "terminate" ? -1 : 0;
}

bool fleet_known(const SignalSummary& signals) {
    return std::none_of(signals.unknown.begin(), signals.unknown.end(),
                        [](const auto& each) { return each.signal == "fleet"; });
}

}  // namespace

std::vector<NodesSince> node_counts_of(const std::vector<Record>& records) {
    std::vector<NodesSince> counts;
    for (const Record& record : std::ranges::reverse_view(records)) {
        const SignalSummary& signals = record.plan.signals;
        if (!fleet_known(signals)) continue;
        int nodes = signals.nodes_ready + signals.nodes_booting + signals.nodes_notready;
        for (const Effect& effect : record.done) nodes += nodes_by(effect);
        counts.push_back({record.plan.now, std::max(nodes, 0)});
    }
    return counts;
}

int changes_in(const std::vector<Record>& records) {
    const auto acted = [](const Effect& effect) { return nodes_by(effect) != 0; };
    return static_cast<int>(
        std::count_if(records.begin(), records.end(), [&](const Record& record) {
            return std::any_of(record.done.begin(), record.done.end(), acted);
        }));
}

WorkerCost worker_bounds(const Policy& policy) {
    WorkerCost workers;
    workers.min_nodes = policy.limits.min_nodes;
    workers.max_nodes = policy.limits.max_nodes;
    const auto prices = prices_of_pools(policy);
    if (prices.empty()) return workers;
    const auto [cheapest, most_expensive] = std::minmax_element(prices.begin(), prices.end());
    workers.min_usd = workers.min_nodes * *cheapest * hours_a_month;
    workers.max_usd = workers.max_nodes * *most_expensive * hours_a_month;
    workers.node_hour_usd = prices.front();
    return workers;
}

void add_present(WorkerCost& workers, const Policy& policy,
                 const std::vector<Instance>& instances) {
    int present = 0;
    double an_hour = 0;
    for (const Instance& each : instances) {
        const bool alive =
            each.state == InstanceState::pending || each.state == InstanceState::running;
        if (!alive) continue;
        ++present;
        an_hour += price_of(policy, each.offering.instance_type).value_or(workers.node_hour_usd);
    }
    workers.present = present;
    workers.present_usd = an_hour * hours_a_month;
    if (present > 0) workers.node_hour_usd = an_hour / present;
}

}  // namespace nodenap
