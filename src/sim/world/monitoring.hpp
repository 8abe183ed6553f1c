#pragma once

#include "model/snapshot.hpp"
#include "sim/world/cluster.hpp"
#include "sim/world/random.hpp"

#include <optional>

namespace nodenap::sim {

/// The current faults of Prometheus.
struct MetricsFaults {
    bool away = false;
    bool cadvisor_away = false;
    bool kube_state_away = false;
    bool pending_away = false;
    bool nodes_partial = false;
    bool namespaces_missing = false;  // kube-state-metrics lists kube-system only
    bool names_foreign = false;       // no worker's Node has its instance's name or address
    double cpu_factor = 1;            // a wrong value that cannot be detected
};

/// Signals as the adapter would return them, and whether all were available and complete.
struct Observation {
    Signals signals;
    bool whole = true;
    bool nodes_whole = true;
};

/// The state at the last scrape.
struct Scrape {
    Time at{};
    std::vector<Node> nodes;
    Pending pending;
};

/// The Nodes reported while most are missing: the servers, and every third Ready one.
std::vector<Node> few_of(std::vector<Node> nodes);

/// The data if kube-state-metrics lists only kube-system while cAdvisor reports all pods.
std::vector<Node> only_system_pods(std::vector<Node> nodes);

/// The data of workers that registered under unrelated names and addresses.
std::vector<Node> under_other_names(std::vector<Node> nodes);

/// The Nodes of a scrape with these faults applied.
std::vector<Node> as_reported(std::vector<Node> nodes, const MetricsFaults& faults);

/// Prometheus: it scrapes the cluster every 15 s and answers from the last scrape.
class Monitoring {
public:
    Monitoring(Timeline& timeline, Cluster& cluster, Milliseconds max_age);

    MetricsFaults faults;
    /// Stops or resumes scraping.
    void freeze(bool frozen);
    /// `asked_at` is by the caller's clock, which may be wrong.
    Observation read(Time asked_at, Milliseconds window);

    /// The samples behind it, without the current faults.
    const Scrape& newest();
    /// Cores used, according to the samples up to `at`.
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
