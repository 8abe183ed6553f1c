#pragma once

#include "decide/fit.hpp"
#include "decide/membership.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace nodenap {

/// Resources beside CPU and memory (GPUs, local storage, huge pages), as far as waiting pods ask
/// for them: which kinds of nodes have them is told by the Nodes that are there, for the catalogue
/// does not know.
class OtherResources {
public:
    /// Points into `snapshot`, which must outlive it. A Node tells what it lacks once it is older
    /// than `settled`: a device plugin may start minutes after the Node is Ready.
    OtherResources(const Membership& members, const Snapshot& snapshot, Milliseconds settled);

    /// Whether a new node of this kind may have what the pod asks for. Where no Node of the kind
    /// tells, it may; but local storage and huge pages are the same for all types of a pool, and
    /// NVIDIA's GPUs are sold in types of the families g and p only.
    bool may_have(const PendingPod& pod, const NodeKind& kind) const;

    /// "requests 1 nvidia.com/gpu, which no pool has"; empty where a kind may have it.
    std::string why_no_kind_has(const PendingPod& pod, const std::vector<NodeKind>& kinds) const;

private:
    using Amounts = std::map<std::string, std::int64_t>;

    bool may_have(const OtherResource& asked, const NodeKind& kind) const;

    std::map<std::string, Amounts> of_kind_;  // the most on one Node
    std::map<std::string, Amounts> of_pool_;
    std::set<std::string> told_;  // kinds and pools with a Node that is old enough
};

}  // namespace nodenap
