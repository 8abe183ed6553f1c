#pragma once

#include "decide/fit.hpp"
#include "decide/membership.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace nodenap {

/// Resources other than CPU and memory (GPUs, local storage, huge pages) that pending pods request.
/// Which kinds of nodes have them is learned from existing Nodes, since the catalogue does not have
/// them.
class OtherResources {
public:
    /// Points into `snapshot`, which must outlive it. A Node older than `settled` shows what its
    /// kind lacks: a device plugin may start minutes after the Node is Ready.
    OtherResources(const Membership& members, const Snapshot& snapshot, Milliseconds settled);

    /// Whether a new node of this kind may have the resources that the pod requests. If no Node of
    /// the kind shows it, it may; but local storage and huge pages are the same for all types of a
    /// pool, and only types of the families g and p have NVIDIA GPUs.
    bool may_have(const PendingPod& pod, const NodeKind& kind) const;

    /// "requests 1 nvidia.com/gpu, which no pool has"; empty if a kind may have it.
    std::string why_no_kind_has(const PendingPod& pod, const std::vector<NodeKind>& kinds) const;

private:
    using Amounts = std::map<std::string, std::int64_t>;

    bool may_have(const OtherResource& asked, const NodeKind& kind) const;

    std::map<std::string, Amounts> of_kind_;  // the largest amount on one Node
    std::map<std::string, Amounts> of_pool_;
    std::set<std::string> told_;  // kinds and pools with an old enough Node
};

}  // namespace nodenap
