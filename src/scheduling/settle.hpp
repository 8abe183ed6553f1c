#pragma once

#include "scheduling/cluster_packing.hpp"

#include <deque>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace nodenap {

/// A packing as part of the cluster: all its pods are bound one after another, as kube-scheduler
/// would once the new nodes are there, and what its filters refuse gets no node.
class Settling {
public:
    using Placed = std::vector<std::pair<const Pod*, std::size_t>>;

    Settling(ClusterView view, const NodeSupply& supply);

    /// The cluster with everything that is bound, and the new nodes.
    ClusterView& view() { return view_; }
    const std::vector<NewNode>& nodes() const { return new_nodes_; }
    std::vector<const Pod*> pods_without_node(const std::vector<const Pod*>& pods) const;

    /// Pods that go to nodes of the cluster: they are bound for now, and once more together with
    /// the pods of new nodes.
    void bind(const Placed& placed);
    /// Pods that are bound in the view already, to nodes of the cluster or new ones.
    void note(const Placed& placed);
    /// Adds the nodes and binds their pods. Where the check would take too many steps, only pods
    /// with volumes are checked.
    void settle(const std::vector<NewNode>& nodes);

    /// What was bound; new nodes without pods are left out.
    ClusterPacking take();
    /// Why the pod fits on no new node.
    std::string nearest_miss(const Pod& pod);

private:
    struct Binding {
        const Pod* pod;
        std::size_t node;  // in the view
    };

    std::size_t add_node(ClusterView& view, std::size_t offer);
    void bind_all(std::vector<Binding> waiting, bool check_all);
    std::vector<Binding> bind_once(const std::vector<Binding>& waiting, bool check_all);

    ClusterView view_;
    std::size_t own_nodes_;  // of the cluster
    const NodeSupply& supply_;
    std::deque<ClusterNode> node_objects_;
    std::deque<CsiNode> limits_;
    Placed provisional_;
    Placed placed_;                   // on nodes of the cluster
    std::vector<NewNode> new_nodes_;  // in the order in which the view has them
    std::unordered_set<const Pod*> bound_;
    std::optional<ClusterView> probe_;  // with one node of each kind beside what is settled
    std::vector<std::size_t> probes_;
};

}  // namespace nodenap
