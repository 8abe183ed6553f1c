#include "adapters/kubernetes/object_kinds.hpp"

#include "adapters/kubernetes/read_objects.hpp"
#include "adapters/kubernetes/read_pod.hpp"

#include <algorithm>
#include <iterator>

namespace nodenap {

namespace {

using Known = ConstraintsKnown;
using State = ClusterState;

/// Reads one object by `read_one` and puts it to its like.
template <auto list, auto read_one>
void put(JsonValue& value, State& into) {
    (into.*list).push_back(read_one(value));
}

void put_replicaset(JsonValue& value, State& into) {
    into.controllers.push_back(read_pod_controller(value, "ReplicaSet"));
}

void put_job(JsonValue& value, State& into) {
    into.controllers.push_back(read_pod_controller(value, "Job"));
}

constexpr std::string_view storage = "storage.k8s.io/";

constexpr ObjectKind kinds[] = {
    {"Pod", "v1", "pods", &Known::pods, put<&State::pods, read_pod>},
    {"Node", "v1", "nodes", &Known::nodes, put<&State::nodes, read_node>},
    {"Namespace", "v1", "namespaces", &Known::namespaces, put<&State::namespaces, read_namespace>},
    {"PersistentVolume", "v1", "persistentvolumes", &Known::volumes,
     put<&State::volumes, read_volume>},
    {"PersistentVolumeClaim", "v1", "persistentvolumeclaims", &Known::claims,
     put<&State::claims, read_claim>},
    {"StorageClass", storage, "storageclasses", &Known::storage_classes,
     put<&State::storage_classes, read_storage_class>},
    {"CSINode", storage, "csinodes", &Known::csi_nodes, put<&State::csi_nodes, read_csi_node>},
    {"CSIDriver", storage, "csidrivers", &Known::csi_drivers,
     put<&State::csi_drivers, read_csi_driver>},
    {"CSIStorageCapacity", storage, "csistoragecapacities", &Known::storage_capacities,
     put<&State::storage_capacities, read_storage_capacity>},
    {"VolumeAttachment", storage, "volumeattachments", &Known::attachments,
     put<&State::attachments, read_attachment>},
    {"PodDisruptionBudget", "policy/", "poddisruptionbudgets", &Known::budgets,
     put<&State::budgets, read_budget>},
    {"DaemonSet", "apps/", "daemonsets", &Known::daemonsets,
     put<&State::daemonsets, read_daemonset>},
    {"ReplicaSet", "apps/", "replicasets", &Known::replicasets, put_replicaset},
    {"Job", "batch/", "jobs", &Known::jobs, put_job}};

template <class T>
void append_list(std::vector<T>& from, std::vector<T>& into) {
    if (into.empty()) {
        into = std::move(from);
    } else {
        std::ranges::move(from, std::back_inserter(into));
    }
}

/// The core group has no name: "v1" and not "v1/…".
bool is_of_group(std::string_view api_version, std::string_view group) {
    if (api_version.empty()) return true;
    return group.ends_with('/') ? api_version.starts_with(group) : api_version == group;
}

}  // namespace

const ObjectKind* find_object_kind(std::string_view kind, std::string_view api_version) {
    for (const auto& each : kinds)
        if (each.kind == kind) return is_of_group(api_version, each.group) ? &each : nullptr;
    return nullptr;
}

void append(ClusterState from, ClusterState& into) {
    append_list(from.pods, into.pods);
    append_list(from.nodes, into.nodes);
    append_list(from.namespaces, into.namespaces);
    append_list(from.volumes, into.volumes);
    append_list(from.claims, into.claims);
    append_list(from.storage_classes, into.storage_classes);
    append_list(from.csi_nodes, into.csi_nodes);
    append_list(from.csi_drivers, into.csi_drivers);
    append_list(from.storage_capacities, into.storage_capacities);
    append_list(from.attachments, into.attachments);
    append_list(from.budgets, into.budgets);
    append_list(from.daemonsets, into.daemonsets);
    append_list(from.controllers, into.controllers);
    for (const auto& each : kinds) {
        const bool known = from.constraints_known.*each.known || into.constraints_known.*each.known;
        into.constraints_known.*each.known = known;
    }
}

}  // namespace nodenap
