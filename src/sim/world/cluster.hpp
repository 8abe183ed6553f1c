#pragma once

#include "model/policy.hpp"
#include "model/snapshot.hpp"
#include "sim/world/timeline.hpp"
#include "sim/world/trace.hpp"

#include <deque>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nodenap::sim {

/// A user's workload: `replicas` identical pods. `uses` is the CPU that each uses if available.
struct Deployment {
    std::string name;  // "default/web"
    int replicas = 0;
    Resources requests;
    Millicores uses;
    bool gated = false;         // its pods have a scheduling gate
    bool fits_nowhere = false;  // a constraint that no node satisfies, not visible in its requests

    /// Whether it is a CronJob's Job: its name ends with its scheduled minute, in eight digits.
    bool is_job() const;
    /// The CronJob of a Job: "batch/report" of "batch/report-29000020"; else the name.
    std::string owner() const;
};

struct Pod {
    std::string name;
    std::string deployment;  // empty: a DaemonSet pod
    std::string node;        // empty: pending
    std::optional<Time> unschedulable_since;
    Time bound_at{};
    bool daemon = false;
    bool deleting = false;  // being deleted, waiting for its node's kubelet
};

/// A Node object and the kubelet behind it.
struct KubeNode {
    Node node;            // without its requests, which are computed on demand
    double cores = 0;     // of the instance
    bool alive = true;    // the kubelet runs
    bool settled = true;  // allocatable is reported
    Time notready_at{};   // when it last became not Ready
    std::vector<std::pair<Time, double>> busy;  // cores used, from each moment on
};

/// Kubernetes: pods, Nodes, a scheduler, and kubelets.
class Cluster {
public:
    Cluster(Timeline& timeline, Trace& trace, const Policy& policy);

    /// Called before any visible change.
    void before_change(std::function<void()> listener) { before_change_ = std::move(listener); }

    void set(const Deployment& deployment);
    const std::map<std::string, Deployment>& deployments() const { return deployments_; }

    void add_server(const std::string& name, const Instance& instance);
    /// A kubelet registers its Node; it is Ready after `ready_after`, and `then` is called.
    void join(const Instance& instance, Milliseconds ready_after, std::function<void()> then);
    /// A Node object of an earlier instance with the same address, never Ready again.
    void add_stale_twin(const Instance& instance);
    /// A Node with the provider id of another kubelet's instance: Ready, with no free resources,
    /// and only DaemonSet pods.
    void add_rogue(const std::string& name, const Instance& instance);
    /// The instance has terminated. Its pods are deleted at once after an orderly shutdown, else
    /// minutes later.
    void lose(const std::string& name, bool gracefully);
    void remove_node(const std::string& name);
    void set_ready(const std::string& name, bool ready);

    const std::list<KubeNode>& nodes() const { return nodes_; }
    const std::deque<Pod>& pods() const { return pods_; }
    const Deployment& deployment_of(const Pod& pod) const;
    bool has_room_for(const KubeNode& node, const Deployment& deployment) const;
    /// Requests of all pods on the node, or only of DaemonSet pods.
    Resources requested_on(const std::string& node, bool daemons_only) const;
    /// The number of visible changes so far.
    std::uint64_t changes() const { return changes_; }

private:
    void change();
    void schedule_soon();
    void schedule();
    bool bind(Pod& pod);
    void note_use();
    void keep_replicas(const Deployment& deployment);
    void evict_from(const std::string& name);
    void delete_pods_on(const std::string& name);
    KubeNode* find(const std::string& name);

    Timeline& timeline_;
    Trace& trace_;
    const Policy& policy_;
    std::function<void()> before_change_;
    std::list<KubeNode> nodes_;
    std::deque<Pod> pods_;  // in the order of creation
    std::map<std::string, Deployment> deployments_;
    int pods_made_ = 0;
    bool scheduling_ = false;
    std::uint64_t changes_ = 0;
};

/// The system load of each node: one DaemonSet pod.
inline constexpr Resources daemon_requests{{50}, {64}, 1};

}  // namespace nodenap::sim
