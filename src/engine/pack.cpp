#include "engine/pack.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

namespace nodenap {
namespace {

Resources taken(const Bin& bin, const NodeOption& option) { return option.room - bin.room; }

Bin new_bin(const NodeOption& option) {
    return {{}, option.pool, option.instance_type, option.room, {}, option.price_per_hour_usd};
}

double price(const Packing& packing) {
    double sum = 0;
    for (const auto& bin : packing.bins) sum += bin.price_per_hour_usd;
    return sum;
}

std::vector<PendingPod> largest_first(std::vector<PendingPod> pods) {
    std::sort(pods.begin(), pods.end(), [](const PendingPod& a, const PendingPod& b) {
        return std::tie(b.requests.memory, b.requests.cpu, a.name) <
               std::tie(a.requests.memory, a.requests.cpu, b.name);
    });
    return pods;
}

bool holds(const Bin& bin, const PendingPod& pod) {
    return fits_within(pod.requests, bin.room) && may_be_on(pod, bin.pool, bin.instance_type);
}

void put(const PendingPod& pod, Bin& bin) {
    bin.room = bin.room - pod.requests;
    bin.pods.push_back(pod.name);
}

/// Each pod into the first bin that holds it; gives back the others, in order.
std::vector<PendingPod> place_pod_by_pod(const std::vector<PendingPod>& pods,
                                         std::vector<Bin>& bins) {
    std::vector<PendingPod> left_over;
    for (const auto& pod : pods) {
        const auto bin = std::find_if(bins.begin(), bins.end(),
                                      [&](const Bin& each) { return holds(each, pod); });
        if (bin == bins.end()) {
            left_over.push_back(pod);
        } else {
            put(pod, *bin);
        }
    }
    return left_over;
}

/// Whatever fits, in the order given; gives back the others, in order.
std::vector<PendingPod> fill(Bin& bin, std::vector<PendingPod> pods) {
    std::erase_if(pods, [&](const PendingPod& pod) {
        const bool fits = holds(bin, pod);
        if (fits) put(pod, bin);
        return fits;
    });
    return pods;
}

/// As `pack` fills nodes, one after another, the roomiest first.
std::vector<PendingPod> place_bin_by_bin(std::vector<PendingPod> pods, std::vector<Bin>& bins) {
    std::vector<Bin*> order;
    for (auto& bin : bins) order.push_back(&bin);
    std::stable_sort(order.begin(), order.end(), [](const Bin* a, const Bin* b) {
        return std::tie(a->room.memory, a->room.cpu) > std::tie(b->room.memory, b->room.cpu);
    });
    for (auto* bin : order) pods = fill(*bin, std::move(pods));
    return pods;
}

/// All pods on nodes of one kind.
Packing pack_with(const std::vector<PendingPod>& pods, const NodeOption& option, int most_nodes) {
    Packing packing;
    const int most = std::min(most_nodes, option.at_most);
    auto rest = pods;
    while (!rest.empty() && static_cast<int>(packing.bins.size()) < most) {
        auto bin = new_bin(option);
        rest = fill(bin, std::move(rest));
        if (bin.pods.empty()) break;  // none of them fits even an empty node of this kind
        packing.bins.push_back(std::move(bin));
    }
    packing.left_over = std::move(rest);
    return packing;
}

/// Exchanges a node for the cheapest kind that holds what it has, within each pool's room.
void downsize(Packing& packing, const std::vector<NodeOption>& options, const NodeOption& packed) {
    std::map<std::string, int> used;
    for (const auto& bin : packing.bins) ++used[bin.pool];
    for (auto& bin : packing.bins) {
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
bool better(const Packing& a, const Packing& b) {
    if (a.left_over.size() != b.left_over.size()) return a.left_over.size() < b.left_over.size();
    const double difference = price(a) - price(b);
    constexpr double same_price = 1e-9;
    if (difference < -same_price || difference > same_price) return difference < 0;
    return a.bins.size() < b.bins.size();
}

Packing best_of(const std::vector<PendingPod>& pods, const std::vector<NodeOption>& options,
                int most_nodes) {
    Packing best{{}, pods};
    for (const auto& option : options) {
        auto packing = pack_with(pods, option, most_nodes);
        downsize(packing, options, option);
        if (better(packing, best)) best = std::move(packing);
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
    auto other_bins = bins;
    auto left_over = place_pod_by_pod(pods, bins);
    if (left_over.empty()) return left_over;
    auto others_left = place_bin_by_bin(std::move(pods), other_bins);
    if (others_left.size() >= left_over.size()) return left_over;
    bins = std::move(other_bins);
    return others_left;
}

Packing pack(const std::vector<PendingPod>& pods, std::vector<NodeOption> options, int most_nodes) {
    Packing all{{}, largest_first(pods)};
    while (!all.left_over.empty()) {
        auto more = best_of(all.left_over, options, most_nodes - static_cast<int>(all.bins.size()));
        if (more.bins.empty()) break;
        for (auto& bin : more.bins) {
            for (auto& option : options) option.at_most -= option.pool == bin.pool ? 1 : 0;
            all.bins.push_back(std::move(bin));
        }
        all.left_over = std::move(more.left_over);
    }
    return all;
}

}  // namespace nodenap
