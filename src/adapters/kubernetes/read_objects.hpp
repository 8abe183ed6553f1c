#pragma once

#include "adapters/kubernetes/json_value.hpp"
#include "model/cluster_state.hpp"

#include <string_view>

namespace nodenap {

// One object each, without its kind.
ClusterNode read_node(JsonValue& value);
NamespaceLabels read_namespace(JsonValue& value);
DisruptionBudget read_budget(JsonValue& value);
DaemonSet read_daemonset(JsonValue& value);
/// A ReplicaSet or a Job.
PodController read_pod_controller(JsonValue& value, std::string_view kind);
PersistentVolume read_volume(JsonValue& value);
PersistentVolumeClaim read_claim(JsonValue& value);
StorageClass read_storage_class(JsonValue& value);
CsiNode read_csi_node(JsonValue& value);
CsiDriver read_csi_driver(JsonValue& value);
CsiStorageCapacity read_storage_capacity(JsonValue& value);
VolumeAttachment read_attachment(JsonValue& value);

}  // namespace nodenap
