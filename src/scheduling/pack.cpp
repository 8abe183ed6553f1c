#include "scheduling/pack.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

namespace nodenap {
namespace {

Resources taken(const Bin& bin, const NodeOption& option) { return option.room - bin.room; }

Bin new_bin(const NodeOption& option) {
    return {{}, option.pool, option.instance_type, option.room, {}, option.price_per_hour_usd};
}

double price(const std::vector<Bin>& bins) {
    double sum = 0;
    for (const auto& bin : bins) sum += bin.price_per_hour_usd;
    return sum;
}

/// Pods of one size, in the order of their names, that may be on the same kinds of nodes.
struct Run {
    const PendingPod* first = nullptr;
    std::size_t count = 0;

    Resources requests() const { return first->requests; }
};
using Runs = std::vector<Run>;

std::vector<PendingPod> largest_first(std::vector<PendingPod> pods) {
    std::sort(pods.begin(), pods.end(), [](const PendingPod& a, const PendingPod& b) {
        return std::tie(b.requests.memory, b.requests.cpu, a.name) <
               std::tie(a.requests.memory, a.requests.cpu, b.name);
    });
    return pods;
}

/// The runs point into the pods, which must live as long.
Runs runs_of(const std::vector<PendingPod>& pods) {
    Runs runs;
    for (const auto& pod : pods) {
        const bool goes_on = !runs.empty() && runs.back().first->requests == pod.requests &&
                             runs.back().first->only_on == pod.only_on;
        if (!goes_on) runs.push_back({&pod});
        ++runs.back().count;
    }
    return runs;
}

std::size_t pods_in(const Runs& runs) {
    return std::accumulate(runs.begin(), runs.end(), std::size_t{0},
                           [](std::size_t sum, const Run& run) { return sum + run.count; });
}

std::vector<PendingPod> pods_of(const Runs& runs) {
    std::vector<PendingPod> pods;
    for (const auto& run : runs) pods.insert(pods.end(), run.first, run.first + run.count);
    return pods;
}

/// Puts as many of the run into the bin as it holds.
void put(Run& run, Bin& bin) {
    if (!fits_within(run.requests(), bin.room)) return;
    if (!may_be_on(*run.first, bin.pool, bin.instance_type)) return;
    while (run.count > 0 && fits_within(run.requests(), bin.room)) {
        bin.room = bin.room - run.requests();
        bin.pods.push_back(run.first->name);
        ++run.first;
        --run.count;
    }
}

/// Each pod into the first bin that holds it; gives back the others, in order.
Runs place_pod_by_pod(Runs runs, std::vector<Bin>& bins) {
    for (auto& run : runs) {
        for (auto& bin : bins) {
            if (run.count == 0) break;
            put(run, bin);
        }
    }
    std::erase_if(runs, [](const Run& run) { return run.count == 0; });
    return runs;
}

/// Whatever fits, in the order given; gives back the others, in order.
Runs fill(Bin& bin, Runs runs) {
    for (auto& run : runs) put(run, bin);
    std::erase_if(runs, [](const Run& run) { return run.count == 0; });
    return runs;
}

/// As `pack` fills nodes, one after another, the roomiest first.
Runs place_bin_by_bin(Runs runs, std::vector<Bin>& bins) {
    std::vector<Bin*> order;
    for (auto& bin : bins) order.push_back(&bin);
    std::stable_sort(order.begin(), order.end(), [](const Bin* a, const Bin* b) {
        return std::tie(a->room.memory, a->room.cpu) > std::tie(b->room.memory, b->room.cpu);
    });
    for (auto* bin : order) runs = fill(*bin, std::move(runs));
    return runs;
}

/// What is packed so far, and what is not.
struct Draft {
    std::vector<Bin> bins;
    Runs left_over;
};

/// All pods on nodes of one kind.
Draft pack_with(Runs runs, const NodeOption& option, int most_nodes) {
    Draft draft;
    const int most = std::min(most_nodes, option.at_most);
    while (!runs.empty() && static_cast<int>(draft.bins.size()) < most) {
        auto bin = new_bin(option);
        runs = fill(bin, std::move(runs));
        if (bin.pods.empty()) break;  // none of them fits even an empty node of this kind
        draft.bins.push_back(std::move(bin));
    }
    draft.left_over = std::move(runs);
    return draft;
}

/// Exchanges a node for the cheapest kind that holds what it has, within each pool's room.
void downsize(std::vector<Bin>& bins, const std::vector<NodeOption>& options,
              const NodeOption& packed) {
    std::map<std::string, int> used;
    for (const auto& bin : bins) ++used[bin.pool];
    for (auto& bin : bins) {
        const auto need = taken(bin, packed);
        for (const auto& option : options) {
            const bool has_room = option.pool == bin.pool || used[option.pool] < option.at_most;
            if (!has_room || option.price_per_hour_usd >= bin.price_per_hour_usd) continue;
            if (!fits_within(need, option.room)) continue;
            --used[bin.pool];
            ++used[option.pool];
            bin = {{},
                   option.pool,
                   option.instance_type,
                   option.room - need,
                   std::move(bin.pods),
                   option.price_per_hour_usd};
        }
    }
}

/// More pods placed first, then cheaper, then fewer nodes.
bool better(const Draft& a, const Draft& b) {
    const auto left_of_a = pods_in(a.left_over);
    const auto left_of_b = pods_in(b.left_over);
    if (left_of_a != left_of_b) return left_of_a < left_of_b;
    const double difference = price(a.bins) - price(b.bins);
    constexpr double same_price = 1e-9;
    if (difference < -same_price || difference > same_price) return difference < 0;
    return a.bins.size() < b.bins.size();
}

Draft best_of(const Runs& runs, const std::vector<NodeOption>& options, int most_nodes) {
    Draft best{{}, runs};
    for (const auto& option : options) {
        auto draft = pack_with(runs, option, most_nodes);
        downsize(draft.bins, options, option);
        if (better(draft, best)) best = std::move(draft);
    }
    return best;
}

}  // namespace

bool may_be_on(const PendingPod& pod, const std::string& pool, const std::string& instance_type) {
    return pod.only_on.empty() || pool.empty() ||
           std::ranges::count(pod.only_on, pool + '/' + instance_type) > 0;
}

std::vector<PendingPod> place(std::vector<PendingPod> pods, std::vector<Bin>& bins) {
    pods = largest_first(std::move(pods));
    const auto runs = runs_of(pods);
    auto other_bins = bins;
    auto left_over = place_pod_by_pod(runs, bins);
    if (left_over.empty()) return {};
    auto others_left = place_bin_by_bin(runs, other_bins);
    if (pods_in(others_left) < pods_in(left_over)) {
        bins = std::move(other_bins);
        left_over = std::move(others_left);
    }
    return pods_of(left_over);
}

Packing pack(const std::vector<PendingPod>& pods, std::vector<NodeOption> options, int most_nodes) {
    const auto sorted = largest_first(pods);
    std::vector<Bin> bins;
    auto left_over = runs_of(sorted);
    while (!left_over.empty()) {
        auto more = best_of(left_over, options, most_nodes - static_cast<int>(bins.size()));
        if (more.bins.empty()) break;
        for (auto& bin : more.bins) {
            for (auto& option : options) option.at_most -= option.pool == bin.pool ? 1 : 0;
            bins.push_back(std::move(bin));
        }
        left_over = std::move(more.left_over);
    }
    return {std::move(bins), pods_of(left_over)};
}

}  // namespace nodenap
