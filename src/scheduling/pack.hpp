#pragma once

#include "model/snapshot.hpp"

#include <string>
#include <vector>

namespace nodenap {

/// A node that may take pods: one that is booting or new, with the room that is left on it.
struct Bin {
    std::string id;  // instance id; empty for a node not launched yet
    std::string pool;
    std::string instance_type;
    Resources room;
    std::vector<std::string> pods;
    double price_per_hour_usd = 0;
};

/// Whether a pod may be put on nodes of this kind at all.
bool may_be_on(const PendingPod& pod, const std::string& pool, const std::string& instance_type);

/// Puts pods into bins, largest first: first fit, or bin by bin as `pack` does where that places
/// more, so that the nodes that were launched for some pods are found to hold them. Gives back
/// those that fit in none.
std::vector<PendingPod> place(std::vector<PendingPod> pods, std::vector<Bin>& bins);

/// A kind of node that may be launched now, and how many more its pool may have.
struct NodeOption {
    std::string pool;
    std::string instance_type;
    Resources room;  // allocatable less what DaemonSets will take
    double price_per_hour_usd = 0;
    int at_most = 0;
};

struct Packing {
    std::vector<Bin> bins;
    std::vector<PendingPod> left_over;  // at_most was reached, or no option is large enough
};

/// The cheapest set of new nodes that holds `pods`, at most `most_nodes`: each option is tried
/// for all pods, then every node is exchanged for the cheapest option that holds what it has;
/// pods too large for the best option are packed by themselves.
Packing pack(const std::vector<PendingPod>& pods, std::vector<NodeOption> options, int most_nodes);

}  // namespace nodenap
