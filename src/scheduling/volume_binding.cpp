#include "scheduling/volume_binding.hpp"

#include "scheduling/label_match.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>

namespace nodenap {

namespace {

bool reaches(const PersistentVolume& volume, const NodeView& node) {
    return !volume.node_affinity || matches(*volume.node_affinity, node.node->labels, "");
}

bool is_reserved_for(const PersistentVolume& volume, const PersistentVolumeClaim& claim) {
    return volume.claim_name == claim.name && volume.claim_namespace == claim.namespace_name &&
           (volume.claim_uid.empty() || volume.claim_uid == claim.uid);
}

bool has_modes(const PersistentVolume& volume, const PersistentVolumeClaim& claim) {
    return std::ranges::all_of(claim.access_modes, [&](const auto mode) {
        return std::ranges::find(volume.access_modes, mode) != volume.access_modes.end();
    });
}

/// Whether it may be the claim's at all, whatever the node.
bool is_eligible(const PersistentVolume& volume, const PersistentVolumeClaim& claim) {
    const bool of_another = !volume.claim_name.empty() && !is_reserved_for(volume, claim);
    return !of_another && volume.size >= claim.requested.value_or(ExactAmount()) &&
           volume.block == claim.block && volume.attributes_class == claim.attributes_class &&
           !volume.deleted;
}

bool is_free_for(const PersistentVolume& volume, const PersistentVolumeClaim& claim) {
    return volume.phase == VolumePhase::available &&
           (!claim.selector || matches(*claim.selector, volume.labels)) &&
           volume.storage_class == claim.storage_class && has_modes(volume, claim);
}

/// The volume that the scheduler would take for a claim: the one that is reserved for it, else the
/// smallest. Null if there is none.
const PersistentVolume* find_volume(const std::vector<const PersistentVolume*>& volumes,
                                    const PersistentVolumeClaim& claim, const NodeView& node,
                                    const std::set<const PersistentVolume*>& taken) {
    const PersistentVolume* smallest = nullptr;
    for (const auto* const volume : volumes) {
        if (taken.contains(volume) || !is_eligible(*volume, claim)) continue;
        if (is_reserved_for(*volume, claim)) return reaches(*volume, node) ? volume : nullptr;
        if (!is_free_for(*volume, claim) || !reaches(*volume, node)) continue;
        if (smallest == nullptr || volume->size < smallest->size) smallest = volume;
    }
    return smallest;
}

bool allows(const StorageClass& storage_class, const NodeView& node) {
    const auto& terms = storage_class.allowed_topologies;
    return terms.empty() || std::ranges::any_of(terms, [&](const auto& term) {
               return matches(term, node.node->labels, "");
           });
}

}  // namespace

VolumeBindingRules::VolumeBindingRules(const ClusterView& view, const Pod& pod)
    : storage_(view.storage()) {
    for (const auto& claimed : claimed_volumes(storage_, pod)) {
        refused_everywhere_ = sort_claim(view, pod, claimed);
        if (refused_everywhere_) return;
    }
    const auto smaller = [](const auto* a, const auto* b) {
        return a->requested.value_or(ExactAmount()) < b->requested.value_or(ExactAmount());
    };
    std::ranges::stable_sort(waiting_, smaller);
}

std::optional<std::string> VolumeBindingRules::sort_claim(const ClusterView& view, const Pod& pod,
                                                          const ClaimedVolume& claimed) {
    if (claimed.claim == nullptr) return missing_claim_text(view, claimed);
    const auto& claim = *claimed.claim;
    const auto name = "PersistentVolumeClaim " + claim.name;
    if (claim.lost) return name + " has lost its volume " + claim.volume;
    if (claim.deleted) return name + " is being deleted";
    if (claimed.ephemeral() && claim.controller_uid != pod.uid)
        return name + " was not made for this pod";
    const auto* const storage_class = storage_.storage_class(claim.storage_class);
    if (!claim.volume.empty() && claim.bind_completed) {
        bound_.push_back(&claim);
    } else if (claim.volume.empty() && storage_class != nullptr &&
               storage_class->wait_for_first_consumer) {
        waiting_.push_back(&claim);
    } else {
        return name + " is not bound, and does not wait for a pod";
    }
    return std::nullopt;
}

std::optional<std::string> VolumeBindingRules::bound_refusal(const NodeView& node) const {
    for (const auto* const claim : bound_) {
        const auto* const volume = storage_.volume(claim->volume);
        if (volume == nullptr) return "PersistentVolume " + claim->volume + " does not exist";
        if (!reaches(*volume, node))
            return "PersistentVolume " + volume->name + " cannot be used on this node" +
                   (volume->source == VolumeSource::on_node ? ": its data are on another" : "");
    }
    return std::nullopt;
}

/// Claims that no volume which exists can serve here: new ones must be made.
VolumeBindingRules::Claims VolumeBindingRules::without_volume(const Claims& claims,
                                                              const NodeView& node) const {
    Claims missing;
    std::set<const PersistentVolume*> taken;
    for (const auto* const claim : claims) {
        const auto& volumes = storage_.volumes_of(claim->storage_class);
        const auto* const volume = find_volume(volumes, *claim, node, taken);
        if (volume == nullptr) {
            missing.push_back(claim);
        } else {
            taken.insert(volume);
        }
    }
    return missing;
}

std::optional<std::string> VolumeBindingRules::waiting_refusal(const NodeView& node) const {
    Claims to_provision;
    Claims to_find;
    for (const auto* const claim : waiting_) {
        if (claim->selected_node && *claim->selected_node != node.node->name)
            return "PersistentVolumeClaim " + claim->name + " is being made for node " +
                   *claim->selected_node;
        (claim->selected_node ? to_provision : to_find).push_back(claim);
    }
    std::ranges::copy(without_volume(to_find, node), std::back_inserter(to_provision));
    for (const auto* const claim : to_provision)
        if (auto refused = provision_refusal(*claim, node)) return refused;
    return std::nullopt;
}

std::optional<std::string> VolumeBindingRules::provision_refusal(const PersistentVolumeClaim& claim,
                                                                 const NodeView& node) const {
    constexpr std::string_view no_provisioner = "kubernetes.io/no-provisioner";
    const auto& storage_class = *storage_.storage_class(claim.storage_class);
    const auto name = "PersistentVolumeClaim " + claim.name;
    if (storage_class.provisioner.empty() || storage_class.provisioner == no_provisioner)
        return name + " finds no free PersistentVolume on this node";
    if (!allows(storage_class, node))
        return name + ": StorageClass " + storage_class.name + " makes no volumes for this node";
    if (!has_capacity(claim, storage_class, node))
        return name + ": not enough storage of class " + storage_class.name + " for this node";
    return std::nullopt;
}

/// Only drivers that say so have a capacity.
bool VolumeBindingRules::has_capacity(const PersistentVolumeClaim& claim,
                                      const StorageClass& storage_class,
                                      const NodeView& node) const {
    const auto* const driver = storage_.csi_driver(storage_class.provisioner);
    if (!claim.requested || driver == nullptr || !driver->storage_capacity) return true;
    return std::ranges::any_of(storage_.capacities(), [&](const auto& capacity) {
        return capacity.storage_class == storage_class.name && capacity.largest &&
               capacity.largest->value() >= claim.requested->value() &&
               matches(capacity.topology, node.node->labels);
    });
}

std::optional<std::string> VolumeBindingRules::refusal(const NodeView& node) const {
    if (refused_everywhere_) return refused_everywhere_;
    if (auto refused = bound_refusal(node)) return refused;
    return waiting_refusal(node);
}

}  // namespace nodenap
