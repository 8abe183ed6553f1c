#include "decide/explain.hpp"
#include "doctor/checks.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace nodenap {
namespace {

/// What goes unnoticed without a family: pods, so that their node looks empty or has free room.
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> hides_pods = {
    {{"container_cpu_usage_seconds_total of pods", "pods that kube-state-metrics does not list"},
     {"kube_pod_status_qos_class", "requests that kube-state-metrics does not report"}}};

std::set<std::string> volumes_with_a_node(const std::vector<LocalVolume>& volumes,
                                          const Memory& memory) {
    std::set<std::string> known;
    for (const auto& volume : volumes)
        if (!volume.node.empty()) known.insert(volume.name);
    for (const auto& [id, instance] : memory.instances)
        for (const auto& volume : instance.volumes) known.insert(volume.name);
    return known;
}

}  // namespace

CheckResult judge_listed_pods(const std::vector<Node>& nodes, const Memory& memory) {
    std::int64_t hidden = 0;
    std::string first;
    bool is_new = memory.nodes_seen_at.has_value();
    for (const auto& node : nodes) {
        if (node.hidden_pods == 0) continue;
        if (first.empty()) first = node.name;
        hidden += node.hidden_pods;
        if (memory.hidden_since.contains(node.name)) is_new = false;
    }
    if (hidden == 0)
        return {CheckStatus::ok, "kube-state-metrics lists every pod that cAdvisor shows"};
    return {is_new ? CheckStatus::warning : CheckStatus::failed,
            "cAdvisor shows " + counted(hidden, "pod") +
                " that kube-state-metrics does not list, on " + first +
                (hidden > 1 ? " and perhaps others" : ""),
            is_new ? "A pod that has just started is listed within a minute: check again then."
                   : "Nodenap removes no node until it is listed. Let kube-state-metrics list the "
                     "pods of all namespaces (no --namespaces), with every shard scraped."};
}

CheckResult judge_volumes(const Signals& signals, const Memory& memory) {
    const auto& volumes = signals.volumes;
    const auto known = volumes_with_a_node(volumes, memory);
    if (!signals.volumes_reported && !known.empty()) {
        return {CheckStatus::warning,
                "Prometheus reports no PersistentVolume, and Nodenap remembers " + *known.begin() +
                    " on a node's own disk",
                "Nodenap keeps the node, for the volume may still be bound. Let Prometheus scrape "
                "kube_persistentvolume_info and kube_persistentvolume_status_phase; if the cluster "
                "has no PersistentVolume any more, terminate the instance yourself once it is "
                "empty."};
    }
    if (volumes.empty()) return {CheckStatus::ok, "no bound volume is on a node's own disk"};
    std::string unknown;
    for (const auto& volume : volumes) {
        if (known.contains(volume.name)) continue;
        unknown += (unknown.empty() ? "" : ", ") + volume.name;
        if (!volume.claim.empty()) unknown += " of " + volume.claim;
    }
    if (unknown.empty()) {
        return {CheckStatus::ok,
                counted(std::ssize(volumes), "bound local volume") +
                    (volumes.size() == 1 ? " keeps its node" : " keep their nodes")};
    }
    return {CheckStatus::warning,
            "no pod has used these bound local volumes since Nodenap began to watch: " + unknown,
            "Prometheus does not report on which node a volume is: the node may be removed with "
            "its data. Start a pod that uses it once, or cordon the node."};
}

CheckResult judge_families(const std::vector<std::string>& missing) {
    if (missing.empty())
        return {CheckStatus::ok, "every family that shows a partial view is scraped"};
    std::string names;
    std::string unnoticed;
    for (const auto& name : missing) {
        names += (names.empty() ? "" : ", ") + name;
        for (const auto& [family, what] : hides_pods)
            if (name == family) unnoticed += (unnoticed.empty() ? "" : " and ") + std::string(what);
    }
    const std::string guide = ": docs/install.md, \"What the cluster must provide\".";
    if (unnoticed.empty()) {
        return {CheckStatus::warning, "Prometheus has no " + names,
                "Without them Nodenap cannot notice that an address of a Node is missing" + guide};
    }
    return {CheckStatus::failed, "Prometheus has no " + names,
            "Nodenap cannot notice " + unnoticed +
                ", and may remove a node that runs pods. Scrape what is missing" + guide};
}

}  // namespace nodenap
