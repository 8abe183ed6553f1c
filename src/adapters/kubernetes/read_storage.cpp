#include "adapters/kubernetes/read_meta.hpp"
#include "adapters/kubernetes/read_objects.hpp"

namespace nodenap {

namespace {

constexpr std::string_view beta_class = "volume.beta.kubernetes.io/storage-class";

std::vector<AccessMode> read_access_modes(JsonValue& value) {
    std::vector<AccessMode> modes;
    value.elements([&](JsonValue& element) {
        const auto name = element.view();
        if (name == "ReadWriteOnce") modes.push_back(AccessMode::read_write_once);
        if (name == "ReadOnlyMany") modes.push_back(AccessMode::read_only_many);
        if (name == "ReadWriteMany") modes.push_back(AccessMode::read_write_many);
        if (name == "ReadWriteOncePod") modes.push_back(AccessMode::read_write_once_pod);
    });
    return modes;
}

/// The amount of "storage" in a ResourceList.
std::optional<ExactAmount> read_size(JsonValue& value) {
    std::optional<ExactAmount> size;
    value.members([&](std::string_view key, JsonValue& member) {
        if (key == "storage") size = member.amount();
    });
    return size;
}

VolumePhase volume_phase_of(std::string_view name) {
    if (name == "Available") return VolumePhase::available;
    if (name == "Bound") return VolumePhase::bound;
    if (name == "Released") return VolumePhase::released;
    return name == "Failed" ? VolumePhase::failed : VolumePhase::pending;
}

void read_csi_source(JsonValue& value, PersistentVolume& volume) {
    volume.source = VolumeSource::csi;
    value.members([&](std::string_view name, JsonValue& member) {
        if (name == "driver") volume.csi_driver = member.text();
        if (name == "volumeHandle") volume.csi_handle = member.text();
    });
}

void read_claim_reference(JsonValue& value, PersistentVolume& volume) {
    value.members([&](std::string_view name, JsonValue& member) {
        if (name == "namespace") volume.claim_namespace = member.text();
        if (name == "name") volume.claim_name = member.text();
        if (name == "uid") volume.claim_uid = member.text();
    });
}

void read_volume_spec(std::string_view key, JsonValue& value, PersistentVolume& volume) {
    if (key == "storageClassName") volume.storage_class = value.text();
    if (key == "capacity") volume.size = read_size(value).value_or(ExactAmount());
    if (key == "accessModes") volume.access_modes = read_access_modes(value);
    if (key == "volumeMode") volume.block = value.view() == "Block";
    if (key == "volumeAttributesClassName") volume.attributes_class = value.text();
    if (key == "local" || key == "hostPath") volume.source = VolumeSource::on_node;
    if (key == "csi") read_csi_source(value, volume);
    if (key == "claimRef") read_claim_reference(value, volume);
    if (key != "nodeAffinity") return;
    value.members([&](std::string_view name, JsonValue& member) {
        if (name == "required") volume.node_affinity = read_node_selector(member);
    });
}

void read_claim_spec(std::string_view key, JsonValue& value, PersistentVolumeClaim& claim) {
    if (key == "storageClassName") claim.storage_class = value.text();
    if (key == "accessModes") claim.access_modes = read_access_modes(value);
    if (key == "volumeMode") claim.block = value.view() == "Block";
    if (key == "volumeAttributesClassName") claim.attributes_class = value.text();
    if (key == "volumeName") claim.volume = value.text();
    if (key == "selector") claim.selector = read_label_selector(value);
    if (key != "resources") return;
    value.members([&](std::string_view name, JsonValue& member) {
        if (name == "requests") claim.requested = read_size(member);
    });
}

NodeSelectorTerm read_topology_term(JsonValue& value) {
    NodeSelectorTerm term;
    value.members([&](std::string_view part, JsonValue& list) {
        if (part != "matchLabelExpressions") return;
        list.elements([&](JsonValue& element) {
            auto& requirement = term.labels.emplace_back();
            requirement.op = LabelOperator::in;
            element.members([&](std::string_view key, JsonValue& member) {
                if (key == "key") requirement.key = member.text();
                if (key == "values") requirement.values = read_texts(member);
            });
        });
    });
    return term;
}

std::vector<CsiNodeDriver> read_drivers(JsonValue& value) {
    std::vector<CsiNodeDriver> drivers;
    value.elements([&](JsonValue& element) {
        auto& driver = drivers.emplace_back();
        element.members([&](std::string_view key, JsonValue& member) {
            if (key == "name") driver.name = member.text();
            if (key != "allocatable") return;
            member.members([&](std::string_view name, JsonValue& count) {
                if (name == "count") driver.limit = count.whole();
            });
        });
    });
    return drivers;
}

}  // namespace

PersistentVolume read_volume(JsonValue& value) {
    PersistentVolume volume;
    ObjectMeta meta;
    value.members([&](std::string_view part, JsonValue& inner) {
        if (part == "metadata") meta = read_meta(inner);
        if (part != "spec" && part != "status") return;
        inner.members([&](std::string_view key, JsonValue& member) {
            if (part == "spec") read_volume_spec(key, member, volume);
            if (part == "status" && key == "phase") volume.phase = volume_phase_of(member.view());
        });
    });
    volume.name = std::move(meta.name);
    volume.labels = std::move(meta.labels);
    volume.deleted = meta.deleted_at.has_value();
    if (const auto* const name = meta.annotations.find(beta_class)) volume.storage_class = *name;
    return volume;
}

PersistentVolumeClaim read_claim(JsonValue& value) {
    PersistentVolumeClaim claim;
    ObjectMeta meta;
    value.members([&](std::string_view part, JsonValue& inner) {
        if (part == "metadata") meta = read_meta(inner);
        if (part != "spec" && part != "status") return;
        inner.members([&](std::string_view key, JsonValue& member) {
            if (part == "spec") read_claim_spec(key, member, claim);
            if (part == "status" && key == "phase") claim.lost = member.view() == "Lost";
        });
    });
    claim.namespace_name = std::move(meta.namespace_name);
    claim.name = std::move(meta.name);
    claim.uid = std::move(meta.uid);
    claim.deleted = meta.deleted_at.has_value();
    claim.bind_completed = meta.annotations.has("pv.kubernetes.io/bind-completed");
    if (meta.controller) claim.controller_uid = std::move(meta.controller->uid);
    if (const auto* const name = meta.annotations.find(beta_class)) claim.storage_class = *name;
    if (const auto* const node = meta.annotations.find("volume.kubernetes.io/selected-node"))
        claim.selected_node = *node;
    return claim;
}

StorageClass read_storage_class(JsonValue& value) {
    StorageClass result;
    value.members([&](std::string_view key, JsonValue& member) {
        if (key == "metadata") result.name = read_meta(member).name;
        if (key == "provisioner") result.provisioner = member.text();
        if (key == "volumeBindingMode")
            result.wait_for_first_consumer = member.view() == "WaitForFirstConsumer";
        if (key != "allowedTopologies") return;
        member.elements([&](JsonValue& element) {
            result.allowed_topologies.push_back(read_topology_term(element));
        });
    });
    return result;
}

CsiNode read_csi_node(JsonValue& value) {
    CsiNode result;
    value.members([&](std::string_view part, JsonValue& inner) {
        if (part == "metadata") result.node = read_meta(inner).name;
        if (part != "spec") return;
        inner.members([&](std::string_view key, JsonValue& member) {
            if (key == "drivers") result.drivers = read_drivers(member);
        });
    });
    return result;
}

CsiDriver read_csi_driver(JsonValue& value) {
    CsiDriver driver;
    value.members([&](std::string_view part, JsonValue& inner) {
        if (part == "metadata") driver.name = read_meta(inner).name;
        if (part != "spec") return;
        inner.members([&](std::string_view key, JsonValue& member) {
            if (key == "storageCapacity") driver.storage_capacity = member.flag();
            if (key == "preventPodSchedulingIfMissing")
                driver.prevent_scheduling_if_missing = member.flag();
        });
    });
    return driver;
}

CsiStorageCapacity read_storage_capacity(JsonValue& value) {
    CsiStorageCapacity result;
    std::optional<ExactAmount> capacity;
    std::optional<ExactAmount> largest_volume;
    value.members([&](std::string_view key, JsonValue& member) {
        if (key == "storageClassName") result.storage_class = member.text();
        if (key == "nodeTopology") result.topology = read_label_selector(member);
        if (key == "capacity") capacity = member.amount();
        if (key == "maximumVolumeSize") largest_volume = member.amount();
    });
    result.largest = largest_volume ? largest_volume : capacity;
    return result;
}

VolumeAttachment read_attachment(JsonValue& value) {
    VolumeAttachment attachment;
    const auto read_source = [&](std::string_view key, JsonValue& member) {
        if (key == "persistentVolumeName") attachment.volume = member.text();
    };
    value.members([&](std::string_view part, JsonValue& inner) {
        if (part != "spec" && part != "status") return;
        inner.members([&](std::string_view key, JsonValue& member) {
            if (key == "nodeName") attachment.node = member.text();
            if (key == "attacher") attachment.attacher = member.text();
            if (key == "source") member.members(read_source);
            if (key == "attached") attachment.attached = member.flag();
        });
    });
    return attachment;
}

}  // namespace nodenap
