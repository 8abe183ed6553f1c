#pragma once

#include "model/snapshot.hpp"
#include "sim/world/cluster.hpp"
#include "sim/world/random.hpp"

#include <optional>

namespace nodenap::sim {

/// What is wrong with Prometheus at the moment.
struct MetricsFaults {
    bool away = false;
    bool cadvisor_away = false;
    bool kube_state_away = false;
    bool pending_away = false;
    bool nodes_partial = false;
    bool namespaces_missing = false;  // kube-state-metrics lists kube-system only
    bool names_foreign = false;       // no name or address of a worker's Node is its instance's
    double cpu_factor = 1;            // wrong, and nobody can know
};

/// Signals as the adapter would judge them, and whether all of them were there and whole.
struct Observation {
    Signals signals;
    bool whole = true;
    bool nodes_whole = true;
};

/// What was so when it was last seen.
struct Scrape {
    Time at{};
    std::vector<Node> nodes;
    Pending pending;
};

/// What is told while most Nodes are not: the servers, and of those that are Ready each third.
std::vector<Node> few_of(std::vector<Node> nodes);

/// What is told where kube-state-metrics lists kube-system only, and cAdvisor sees the rest.
std::vector<Node> only_system_pods(std::vector<Node> nodes);

/// What is told of workers that registered under a name and an address of their own.
std::vector<Node> under_foreign_names(std::vector<Node> nodes);

/// The Nodes of a scrape, as these faults let them be told.
std::vector<Node> as_told(std::vector<Node> nodes, const MetricsFaults& faults);

/// Prometheus over the cluster: every 15 s it sees what is so, and answers with that.
class Monitoring {
public:
    Monitoring(Timeline& timeline, Cluster& cluster, Milliseconds max_age);

    MetricsFaults faults;
    /// Nothing is scraped any more, until told otherwise.
    void freeze(bool frozen);
    /// `asked_at` is the asker's clock, which may be wrong.
    Observation read(Time asked_at, Milliseconds window);

    /// The samples behind it, whatever is wrong at the moment.
    const Scrape& newest();
    /// Cores in use, as far as the samples up to `at` can tell.
    Use use_at(Time at, Milliseconds window) const;

private:
    Time last_scrape() const;
    Scrape view_of(Time at) const;
    const Scrape& view_at(Time at);
    Signals judge(const Scrape& view, Milliseconds window) const;
    void about_to_change();

    Timeline& timeline_;
    Cluster& cluster_;
    Milliseconds max_age_;
    Scrape kept_;  // the newest scrape before the last change
    std::optional<Scrape> frozen_;
    Scrape current_;
    std::uint64_t current_changes_ = ~std::uint64_t{0};
};

}  // namespace nodenap::sim
