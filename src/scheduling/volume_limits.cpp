#include "scheduling/volume_limits.hpp"

#include "scheduling/volumes.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>

namespace nodenap {

namespace {

/// Driver and handle: a volume that two pods use is attached once.
using Attached = std::set<std::pair<std::string, std::string>>;

/// What was part of Kubernetes once is the volume of a CSI driver, on nodes that have a CSINode.
struct MigratedPlugin {
    std::string_view provisioner;
    std::string_view driver;
};

constexpr MigratedPlugin migrated_plugins[] = {
    {"kubernetes.io/aws-ebs", "ebs.csi.aws.com"},
    {"kubernetes.io/gce-pd", "pd.csi.storage.gke.io"},
    {"kubernetes.io/azure-disk", "disk.csi.azure.com"},
    {"kubernetes.io/cinder", "cinder.csi.openstack.org"},
    {"kubernetes.io/portworx-volume", "pxd.portworx.com"}};

std::string driver_of(const std::string& provisioner) {
    for (const auto& plugin : migrated_plugins)
        if (plugin.provisioner == provisioner) return std::string(plugin.driver);
    return provisioner;
}

/// A disk that the pod names itself; its handle as the driver would have it.
void add_disk(const PodVolume& volume, Attached& into) {
    if (volume.kind == VolumeKind::ebs)
        into.emplace("ebs.csi.aws.com", volume.disk.substr(volume.disk.rfind('/') + 1));
    if (volume.kind == VolumeKind::gce_disk)
        into.emplace("pd.csi.storage.gke.io",
                     "projects/UNSPECIFIED/zones/UNSPECIFIED/disks/" + volume.disk);
}

/// A claim that has no volume yet will have one of its class's provisioner.
void add_volume(const StorageView& storage, const PersistentVolumeClaim& claim, Attached& into) {
    const auto* const volume = claim.volume.empty() ? nullptr : storage.volume(claim.volume);
    if (volume != nullptr) {
        const bool csi = volume->source == VolumeSource::csi && !volume->csi_handle.empty();
        if (csi) into.emplace(volume->csi_driver, volume->csi_handle);
        return;
    }
    const auto* const storage_class = storage.storage_class(claim.storage_class);
    if (storage_class == nullptr || storage_class->provisioner.empty()) return;
    into.emplace(driver_of(storage_class->provisioner),
                 "new " + claim.namespace_name + "/" + claim.name);
}

Attached volumes_of(const StorageView& storage, const Pod& pod, const CsiNode* csi_node) {
    Attached volumes;
    if (csi_node != nullptr)
        for (const auto& volume : pod.rules.volumes) add_disk(volume, volumes);
    for (const auto& claimed : claimed_volumes(storage, pod))
        if (claimed.claim != nullptr) add_volume(storage, *claimed.claim, volumes);
    return volumes;
}

Attached volumes_on(const StorageView& storage, const NodeView& node) {
    Attached volumes;
    const auto* const csi_node = storage.csi_node(node.node->name);
    for (const auto* const pod : node.pods_with_volumes)
        volumes.merge(volumes_of(storage, *pod, csi_node));
    return volumes;
}

/// What is attached without a pod: those of pods that have just gone.
void add_attachments(const StorageView& storage, const NodeView& node, Attached& volumes) {
    for (const auto* const attachment : storage.attachments_of(node.node->name)) {
        const auto* const volume = storage.volume(attachment->volume);
        if (attachment->attacher.empty() || volume == nullptr) continue;
        if (volume->source == VolumeSource::csi)
            volumes.emplace(attachment->attacher, volume->csi_handle);
    }
}

std::int64_t count_of(const Attached& volumes, const std::string& driver) {
    return std::ranges::count(volumes, driver, [](const auto& volume) { return volume.first; });
}

std::optional<std::string> missing_driver(const StorageView& storage, const Attached& volumes,
                                          const CsiNode* csi_node) {
    for (const auto& [name, handle] : volumes) {
        const auto* const driver = storage.csi_driver(name);
        if (driver == nullptr || !driver->prevent_scheduling_if_missing) continue;
        const bool installed = csi_node != nullptr &&
                               std::ranges::find(csi_node->drivers, name, &CsiNodeDriver::name) !=
                                   csi_node->drivers.end();
        if (!installed) return "CSI driver " + name + " is not installed on the node";
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> volume_limit_refusal(const ClusterView& view, const Pod& pod,
                                                const NodeView& node) {
    const auto& storage = view.storage();
    for (const auto& claimed : claimed_volumes(storage, pod))
        if (claimed.claim == nullptr) return missing_claim_text(view, claimed);
    const auto* const csi_node = storage.csi_node(node.node->name);
    const auto wanted = volumes_of(storage, pod, csi_node);
    if (wanted.empty()) return std::nullopt;
    if (auto refused = missing_driver(storage, wanted, csi_node)) return refused;
    if (csi_node == nullptr) return std::nullopt;
    const auto of_pods = volumes_on(storage, node);
    auto attached = of_pods;
    add_attachments(storage, node, attached);
    Attached added;
    std::ranges::set_difference(wanted, of_pods, std::inserter(added, added.end()));
    for (const auto& driver : csi_node->drivers) {
        const auto more = count_of(added, driver.name);
        const auto now = count_of(attached, driver.name);
        if (!driver.limit || more == 0 || now + more <= *driver.limit) continue;
        return "the node can attach " + std::to_string(*driver.limit) + " volumes of " +
               driver.name + ", and has " + std::to_string(now);
    }
    return std::nullopt;
}

}  // namespace nodenap
