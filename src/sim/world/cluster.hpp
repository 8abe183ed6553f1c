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

/// What a person runs: `replicas` equal pods. `uses` is what each burns where there is CPU for it.
struct Deployment {
    std::string name;  // "default/web"
    int replicas = 0;
    Resources requests;
    Millicores uses;
    bool gated = false;         // a scheduling gate holds its pods back
    bool fits_nowhere = false;  // a constraint that no node satisfies, which requests do not show

    /// A CronJob's Job: its name ends with the minute that it is for, in eight digits.
    bool is_job() const;
    /// The CronJob of a Job: "batch/report" of "batch/report-29000020"; else the name.
    std::string owner() const;
};

struct Pod {
    std::string name;
    std::string deployment;  // empty: a DaemonSet's
    std::string node;        // empty: waits
    std::optional<Time> unschedulable_since;
    Time bound_at{};
    bool daemon = false;
    bool deleting = false;  // its node's kubelet is to end it
};

/// A Node object and the kubelet behind it.
struct KubeNode {
    Node node;            // without its requests: those are counted when somebody looks
    double cores = 0;     // of the machine
    bool alive = true;    // the kubelet runs
    bool settled = true;  // allocatable is said
    Time notready_at{};   // the last time that it stopped to be Ready
    std::vector<std::pair<Time, double>> busy;  // cores in use, from each moment on
};

/// Kubernetes: pods, Nodes, a scheduler that places what fits, kubelets that come and go.
class Cluster {
public:
    Cluster(Timeline& timeline, Trace& trace, const Policy& policy);

    /// Called before anything changes that can be seen from outside.
    void before_change(std::function<void()> listener) { before_change_ = std::move(listener); }

    void set(const Deployment& deployment);
    const std::map<std::string, Deployment>& deployments() const { return deployments_; }

    void add_server(const std::string& name, const Instance& instance);
    /// A kubelet registers its Node; it is Ready after `ready_after`, and `then` is called.
    void join(const Instance& instance, Milliseconds ready_after, std::function<void()> then);
    /// A Node object of an earlier machine with the same address, never Ready again.
    void add_stale_twin(const Instance& instance);
    /// A Node with the provider id of an instance whose kubelet is another: Ready, without room for
    /// pods, and empty but for its DaemonSets.
    void add_rogue(const std::string& name, const Instance& instance);
    /// The machine is gone. Pods leave at once if it could say goodbye, else minutes later.
    void lose(const std::string& name, bool gracefully);
    void remove_node(const std::string& name);
    void set_ready(const std::string& name, bool ready);

    const std::list<KubeNode>& nodes() const { return nodes_; }
    const std::deque<Pod>& pods() const { return pods_; }
    const Deployment& deployment_of(const Pod& pod) const;
    bool has_room_for(const KubeNode& node, const Deployment& deployment) const;
    /// Requests of all pods on the node; of the DaemonSets' only, where asked.
    Resources requested_on(const std::string& node, bool daemons_only) const;
    /// How often anything changed that can be seen from outside.
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
    std::deque<Pod> pods_;  // in the order they were made
    std::map<std::string, Deployment> deployments_;
    int pods_made_ = 0;
    bool scheduling_ = false;
    std::uint64_t changes_ = 0;
};

/// What each node runs for the system: one pod of a DaemonSet.
inline constexpr Resources daemon_requests{{50}, {64}, 1};

}  // namespace nodenap::sim
