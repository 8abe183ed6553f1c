#pragma once

#include "scheduling/cluster_view.hpp"

#include <optional>
#include <string>

namespace nodenap {

/// NodeVolumeLimits: how many volumes of a CSI driver the node can attach, by its CSINode.
/// PersistentVolumes of plugins that were part of Kubernetes once are not counted.
std::optional<std::string> volume_limit_refusal(const ClusterView& view, const Pod& pod,
                                                const NodeView& node);

}  // namespace nodenap
