#pragma once

#include "model/exact_amount.hpp"
#include "model/labels.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nodenap {

enum class AccessMode { read_write_once, read_only_many, read_write_many, read_write_once_pod };
enum class VolumePhase { available, bound, released, failed, pending };
/// Where a PersistentVolume's data are. `on_node`: local or hostPath.
enum class VolumeSource { csi, on_node, other };

struct PersistentVolume {
    std::string name;
    Labels labels;
    std::string storage_class;
    ExactAmount size;
    std::vector<AccessMode> access_modes;
    bool block = false;  // volumeMode
    std::string attributes_class;
    VolumePhase phase = VolumePhase::pending;
    bool deleted = false;
    // The claim that it is bound to or reserved for; empty names if none.
    std::string claim_namespace;
    std::string claim_name;
    std::string claim_uid;
    std::optional<NodeSelector> node_affinity;
    VolumeSource source = VolumeSource::other;
    std::string csi_driver;
    std::string csi_handle;
    friend bool operator==(const PersistentVolume&, const PersistentVolume&) = default;
};

struct PersistentVolumeClaim {
    std::string namespace_name;
    std::string name;
    std::string uid;
    std::string storage_class;
    std::optional<ExactAmount> requested;
    std::vector<AccessMode> access_modes;
    bool block = false;
    std::string attributes_class;
    std::optional<LabelSelector> selector;
    std::string volume;           // empty: not bound
    bool bind_completed = false;  // the annotation of the volume controller
    bool lost = false;            // its volume is gone
    bool deleted = false;
    std::optional<std::string> selected_node;  // that the scheduler chose for a new volume
    std::string controller_uid;                // of the pod that an ephemeral volume was made for
    friend bool operator==(const PersistentVolumeClaim&, const PersistentVolumeClaim&) = default;
};

struct StorageClass {
    std::string name;
    std::string provisioner;
    bool wait_for_first_consumer = false;
    /// Where it can make volumes: one term is enough; none at all means everywhere.
    std::vector<NodeSelectorTerm> allowed_topologies;
    friend bool operator==(const StorageClass&, const StorageClass&) = default;
};

/// A driver that a CSINode names, and how many of its volumes the node can attach.
struct CsiNodeDriver {
    std::string name;
    std::optional<std::int64_t> limit;
    friend bool operator==(const CsiNodeDriver&, const CsiNodeDriver&) = default;
};

struct CsiNode {
    std::string node;
    std::vector<CsiNodeDriver> drivers;
    friend bool operator==(const CsiNode&, const CsiNode&) = default;
};

struct CsiDriver {
    std::string name;
    bool storage_capacity = false;
    bool prevent_scheduling_if_missing = false;
    friend bool operator==(const CsiDriver&, const CsiDriver&) = default;
};

/// How large a volume of a class can become on the nodes that `topology` selects.
struct CsiStorageCapacity {
    std::string storage_class;
    std::optional<LabelSelector> topology;
    std::optional<ExactAmount> largest;
    friend bool operator==(const CsiStorageCapacity&, const CsiStorageCapacity&) = default;
};

struct VolumeAttachment {
    std::string node;
    std::string attacher;
    std::string volume;  // empty: an inline one
    bool attached = false;
    friend bool operator==(const VolumeAttachment&, const VolumeAttachment&) = default;
};

}  // namespace nodenap
