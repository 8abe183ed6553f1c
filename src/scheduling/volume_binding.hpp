#pragma once

#include "scheduling/cluster_view.hpp"
#include "scheduling/volumes.hpp"

#include <optional>
#include <string>
#include <vector>

namespace nodenap {

/// VolumeBinding for one pod: bound volumes must reach the node, and those that wait for their
/// first pod must be found or made there.
class VolumeBindingRules {
public:
    VolumeBindingRules(const ClusterView& view, const Pod& pod);

    std::optional<std::string> refusal(const NodeView& node) const;

private:
    using Claims = std::vector<const PersistentVolumeClaim*>;

    std::optional<std::string> sort_claim(const ClusterView& view, const Pod& pod,
                                          const ClaimedVolume& claimed);
    std::optional<std::string> bound_refusal(const NodeView& node) const;
    std::optional<std::string> waiting_refusal(const NodeView& node) const;
    Claims without_volume(const Claims& claims, const NodeView& node) const;
    std::optional<std::string> provision_refusal(const PersistentVolumeClaim& claim,
                                                 const NodeView& node) const;
    bool has_capacity(const PersistentVolumeClaim& claim, const StorageClass& storage_class,
                      const NodeView& node) const;

    const StorageView& storage_;
    std::optional<std::string> refused_everywhere_;
    Claims bound_;
    Claims waiting_;  // of a class that waits for the first consumer
};

}  // namespace nodenap
