#include "sim/world/monitoring.hpp"

#include <algorithm>
#include <chrono>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds scrape_every = 15s;
constexpr Milliseconds first_rate_after = 30s;  // of a new node: two samples
constexpr Milliseconds clocks_may_differ_by = 90s;
constexpr double most_share = 1.5;  // of a host's capacity: the adapter rejects more

/// The mean of a step function over [from, to].
double mean(const std::vector<std::pair<Time, double>>& steps, Time from, Time to) {
    double sum = 0;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const Time begin = std::max(steps[i].first, from);
        const Time end = i + 1 < steps.size() ? std::min(steps[i + 1].first, to) : to;
        if (end > begin) sum += steps[i].second * static_cast<double>((end - begin).count());
    }
    return to > from ? sum / static_cast<double>((to - from).count()) : 0;
}

double percent_of(const std::vector<HostUse>& hosts) {
    double busy = 0;
    double size = 0;
    for (const auto& host : hosts) {
        busy += host.busy;
        size += host.size;
    }
    return size > 0 ? 100 * busy / size : 0;
}

/// "ReplicaSet/web-1" of "default/web"; "Job/report-29000020" of "batch/report-29000020", since the
/// names of a CronJob's Jobs end with their minute.
std::string owner_of(const Deployment& deployment) {
    const auto name = deployment.name.substr(deployment.name.find('/') + 1);
    return deployment.is_job() ? "Job/" + name : "ReplicaSet/" + name + "-1";
}

}  // namespace

std::vector<Node> few_of(std::vector<Node> nodes) {
    int ready = 0;
    std::erase_if(nodes, [&](const Node& node) {
        if (node.server) return false;
        return !node.ready || ++ready % 3 != 0;
    });
    return nodes;
}

std::vector<Node> only_system_pods(std::vector<Node> nodes) {
    for (auto& node : nodes) {
        node.unlisted_pods = node.requested.pods - node.daemonset_requested.pods;
        node.hidden_pods = node.unlisted_pods;
        node.requested = node.daemonset_requested;
        node.only_daemonset_pods = node.requested.pods > 0;
    }
    return nodes;
}

std::vector<Node> under_other_names(std::vector<Node> nodes) {
    for (auto& node : nodes) {
        if (node.server) continue;
        node.name = "worker-of-" + node.internal_ip;
        node.instance_id.clear();
        node.internal_ip = "fd00::" + node.internal_ip;
    }
    return nodes;
}

std::vector<Node> as_reported(std::vector<Node> nodes, const MetricsFaults& faults) {
    if (faults.nodes_partial) nodes = few_of(std::move(nodes));
    if (faults.namespaces_missing) nodes = only_system_pods(std::move(nodes));
    if (faults.names_foreign) nodes = under_other_names(std::move(nodes));
    return nodes;
}

Monitoring::Monitoring(Timeline& timeline, Cluster& cluster, Milliseconds max_age)
    : timeline_(timeline), cluster_(cluster), max_age_(max_age) {
    cluster_.before_change([this] { about_to_change(); });
}

Time Monitoring::last_scrape() const {
    const auto since = timeline_.now().time_since_epoch();
    return Time{since - since % scrape_every};
}

/// The last scrape's data is the current state until the first change after it.
void Monitoring::about_to_change() {
    const Time at = last_scrape();
    if (kept_.at < at) kept_ = view_of(at);
}

Scrape Monitoring::view_of(Time at) const {
    Scrape view;
    view.at = at;
    for (const auto& each : cluster_.nodes()) {
        Node node = each.node;
        node.requested = cluster_.requested_on(node.name, false);
        node.daemonset_requested = cluster_.requested_on(node.name, true);
        node.only_daemonset_pods =
            node.requested.pods > 0 && node.requested == node.daemonset_requested;
        const auto& pods = cluster_.pods();
        node.pods_being_deleted = std::count_if(pods.begin(), pods.end(), [&](const Pod& pod) {
            return pod.deleting && pod.node == node.name;
        });
        view.nodes.push_back(std::move(node));
    }
    for (const auto& pod : cluster_.pods()) {
        if (!pod.unschedulable_since) continue;
        const auto& deployment = cluster_.deployment_of(pod);
        view.pending.pods.push_back(
            {pod.name, owner_of(deployment), deployment.requests, pod.unschedulable_since});
    }
    view.pending.count = static_cast<std::int64_t>(view.pending.pods.size());
    return view;
}

/// Updates `kept_` to the data of a scrape at `at`, unless nothing has changed since.
const Scrape& Monitoring::view_at(Time at) {
    if (kept_.at == at) return kept_;
    if (current_changes_ != cluster_.changes()) {
        current_ = view_of(at);
        current_changes_ = cluster_.changes();
    }
    current_.at = at;
    return current_;
}

Use Monitoring::use_at(Time at, Milliseconds window) const {
    Use use;
    for (const auto& node : cluster_.nodes()) {
        // A worker that is not Ready is unreachable, also for Prometheus.
        const bool answers = node.alive && (node.node.ready || node.node.server);
        if (!answers || node.busy.empty()) continue;
        const Time born = std::max(node.node.created_at, node.busy.front().first);
        if (at - born < first_rate_after) continue;
        const double cores = mean(node.busy, std::max(at - window, born), at);
        use.hosts.push_back({node.node.name, cores, node.cores});
    }
    use.percent = percent_of(use.hosts);
    return use;
}

void Monitoring::freeze(bool frozen) {
    frozen_.reset();
    if (frozen) frozen_ = view_at(last_scrape());
}

Signals Monitoring::judge(const Scrape& view, Milliseconds window) const {
    Signals signals;
    signals.pending = view.pending;
    auto use = use_at(view.at, window);
    for (auto& host : use.hosts) host.busy *= faults.cpu_factor;
    const bool absurd = std::ranges::any_of(
        use.hosts, [](const HostUse& host) { return host.busy > most_share * host.size; });
    for (auto& host : use.hosts) host.busy = std::min(host.busy, host.size);
    if (use.hosts.empty() || faults.cadvisor_away) {
        signals.cpu = Unknown{"cAdvisor metrics cover fewer hosts than Ready Nodes"};
    } else if (absurd) {
        signals.cpu = Unknown{"CPU usage is more than 150% of the capacity"};
    } else {
        use.percent = percent_of(use.hosts);
        signals.cpu = std::move(use);
    }
    if (faults.kube_state_away) {
        signals.pending = Unknown{"no metrics from kube-state-metrics"};
        signals.nodes = Unknown{"no metrics from kube-state-metrics"};
    } else {
        signals.nodes = as_reported(view.nodes, faults);
        if (faults.namespaces_missing) signals.pending = Pending{};
    }
    if (faults.pending_away) signals.pending = Unknown{"no pods are reported"};
    return signals;
}

const Scrape& Monitoring::newest() { return frozen_ ? *frozen_ : view_at(last_scrape()); }

Observation Monitoring::read(Time asked_at, Milliseconds window) {
    const auto now = timeline_.now();
    const Time at = frozen_ ? frozen_->at : last_scrape();
    std::optional<Unknown> cause;
    if (faults.away) cause = Unknown{"no response from Prometheus"};
    if (now - at > max_age_) cause = Unknown{"the samples are too old"};
    if (std::chrono::abs(asked_at - now) > clocks_may_differ_by) {
        cause = Unknown{"clock skew between this machine and Prometheus"};
    }
    if (cause) return {{*cause, *cause, *cause, *cause, {}}, false, false};
    Observation observed;
    const Scrape& view = newest();
    observed.signals = judge(view, window);
    observed.nodes_whole =
        observed.signals.nodes.known() && !faults.nodes_partial && !faults.names_foreign;
    observed.whole = observed.nodes_whole && !faults.namespaces_missing &&
                     observed.signals.cpu.known() && observed.signals.pending.known();
    return observed;
}

}  // namespace nodenap::sim
