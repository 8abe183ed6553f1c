#pragma once

#include "scheduling/cluster_view.hpp"

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace nodenap {

/// Nodes that leave one after another, their pods moved to those that stay, in two worlds at once:
/// one in which the node is cordoned and still there, so that it counts for topology spread, and
/// one in which it is gone. The state must outlive it.
class DrainSimulation {
public:
    /// `homes`: the nodes that may take pods, by index in the state, in the order to be tried.
    DrainSimulation(const ClusterState& state, std::vector<std::size_t> homes);

    /// Pods that would move from the node now, also those moved to it before.
    const std::vector<const Pod*>& pods_of(std::size_t node) const;

    /// Moves all pods of the node away; each pod fits with all that moved before. Otherwise says
    /// which pod fits nowhere, and changes nothing. Time: pods × homes, for pods with rules on
    /// other pods also × nodes.
    std::optional<std::string> drain(std::size_t node);

    /// Takes the last drain back.
    void undo();

private:
    struct Move {
        const Pod* pod;
        std::size_t to;
    };

    struct World {
        ClusterView view;
        std::vector<std::vector<const Pod*>> moving;   // by node
        std::vector<std::vector<const Pod*>> staying;  // DaemonSet and mirror pods, by node
        std::vector<Move> moves;                       // of the last drain
        const ClusterNode* before = nullptr;           // the node of the last drain as it was
        bool gone = false;                             // this is the world without the node
    };

    static World world_of(const ClusterState& state, bool gone);
    std::optional<std::string> drain(World& world, std::size_t node);
    std::optional<std::string> move(World& world, const Pod& pod, std::size_t from);
    static void undo(World& world, std::size_t node);

    World cordoned_;
    World gone_;
    std::vector<std::size_t> homes_;
    std::vector<char> leaving_;
    std::deque<ClusterNode> cordoned_nodes_;
    ClusterNode no_node_;
    std::size_t last_ = 0;
};

/// Whether a pod needs no other node when its own goes: it has ended or is about to, or belongs to
/// the node or to a DaemonSet.
bool stays_with_node(const Pod& pod);

}  // namespace nodenap
