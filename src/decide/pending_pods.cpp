#include "decide/pending_pods.hpp"

#include "scheduling/fit.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace nodenap {
namespace {

/// A nomination may be stale: it counts while the node exists and holds the pod once those that
/// are ending have gone.
class Nominations {
public:
    explicit Nominations(const ClusterState& state) : view_(state) {
        for (const auto& pod : state.pods) {
            const auto node = view_.find_node(pod.node);
            if (node && pod.deleted_at && !pod.ended()) view_.remove(pod, *node);
        }
    }

    bool holds(const Pod& pod) const {
        const auto node = view_.find_node(pod.nominated_node);
        return node && !fit(view_, pod, *node);
    }

private:
    ClusterView view_;
};

}  // namespace

bool is_pending(const Pod& pod) { return pod.node.empty() && !pod.ended() && !pod.deleted_at; }

std::string why_not_judged(const Pod& pod) {
    if (!pod.gates.empty()) return "has the scheduling gate " + pod.gates.front();
    if (pod.scheduler != "default-scheduler") return "is placed by the scheduler " + pod.scheduler;
    if (pod.resource_claims) return "uses dynamic resource allocation, which is not judged";
    if (pod.scheduling_group) return "belongs to a scheduling group, which is not judged";
    if (pod.controller && pod.controller->kind == "DaemonSet")
        return "belongs to a DaemonSet: a new node does not help it";
    return {};
}

std::string name_of(const Pod& pod) { return pod.namespace_name + "/" + pod.name; }

PendingPods pending_pods(const ClusterState& state) {
    PendingPods found;
    std::optional<Nominations> nominations;
    for (const auto& pod : state.pods) {
        if (!is_pending(pod)) continue;
        auto why = why_not_judged(pod);
        if (why.empty() && !pod.nominated_node.empty()) {
            if (!nominations) nominations.emplace(state);
            if (nominations->holds(pod))
                why = "waits for pods to end on " + pod.nominated_node + ", which is kept for it";
        }
        if (why.empty()) {
            found.unschedulable.push_back(&pod);
        } else {
            found.not_judged.push_back({name_of(pod), why});
        }
    }
    return found;
}

}  // namespace nodenap
