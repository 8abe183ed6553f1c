#include "scheduling/volumes.hpp"

#include <algorithm>
#include <string_view>

namespace nodenap {

namespace {

constexpr std::string_view zone_labels[] = {
    "failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region",
    "topology.kubernetes.io/zone", "topology.kubernetes.io/region"};

std::string_view today_of(std::string_view label) {
    if (label == zone_labels[0]) return zone_labels[2];
    return label == zone_labels[1] ? zone_labels[3] : label;
}

bool share_a_monitor(const PodVolume& a, const PodVolume& b) {
    return std::ranges::find_first_of(a.monitors, b.monitors) != a.monitors.end();
}

/// Whether two pods on one node cannot both use these.
bool conflict(const PodVolume& a, const PodVolume& b) {
    if (a.kind != b.kind || a.disk != b.disk) return false;
    const bool both_read = a.read_only && b.read_only;
    switch (a.kind) {
        case VolumeKind::ebs:
            return true;
        case VolumeKind::gce_disk:
        case VolumeKind::iscsi:
            return !both_read;
        case VolumeKind::rbd:
            return !both_read && share_a_monitor(a, b);
        default:
            return false;
    }
}

/// "a__b" are two zones; a value with an empty one is none at all.
std::vector<std::string> zones_of(std::string_view text) {
    constexpr std::string_view delimiter = "__";
    std::vector<std::string> zones;
    while (true) {
        const auto end = text.find(delimiter);
        zones.emplace_back(text.substr(0, end));
        if (zones.back().empty()) return {};
        if (end == std::string_view::npos) return zones;
        text.remove_prefix(end + delimiter.size());
    }
}

}  // namespace

std::vector<ClaimedVolume> claimed_volumes(const StorageView& storage, const Pod& pod) {
    std::vector<ClaimedVolume> claims;
    for (const auto& volume : pod.rules.volumes)
        if (volume.kind == VolumeKind::claim || volume.kind == VolumeKind::ephemeral)
            claims.push_back({&volume, storage.claim(pod.namespace_name, volume.claim)});
    return claims;
}

std::string missing_claim_text(const ClusterView& view, const ClaimedVolume& claimed) {
    const auto name = "PersistentVolumeClaim " + claimed.volume->claim;
    return view.known().claims ? name + " does not exist"
                               : name + " is unknown: no PersistentVolumeClaims were read";
}

VolumeRules::VolumeRules(const ClusterView& view, const Pod& pod)
    : pod_(pod), claims_(claimed_volumes(view.storage(), pod)) {
    std::erase_if(claims_, [](const auto& claimed) { return claimed.ephemeral(); });
    find_restriction(view);
    find_zones(view);
}

void VolumeRules::find_restriction(const ClusterView& view) {
    for (const auto& claimed : claims_) {
        if (claimed.claim == nullptr) {
            restricted_everywhere_ = missing_claim_text(view, claimed);
            return;
        }
        const auto& modes = claimed.claim->access_modes;
        const bool for_one_pod =
            std::ranges::find(modes, AccessMode::read_write_once_pod) != modes.end();
        if (for_one_pod && view.is_claim_in_use(pod_.namespace_name, claimed.volume->claim))
            restricted_everywhere_ = "PersistentVolumeClaim " + claimed.volume->claim +
                                     " is ReadWriteOncePod, and another pod uses it";
    }
}

void VolumeRules::find_zones(const ClusterView& view) {
    const auto& storage = view.storage();
    for (const auto& claimed : claims_) {
        const auto* const claim = claimed.claim;
        if (claim == nullptr) {
            no_zone_anywhere_ = missing_claim_text(view, claimed);
            return;
        }
        const auto* const storage_class = storage.storage_class(claim->storage_class);
        if (claim->volume.empty()) {
            if (storage_class != nullptr && storage_class->wait_for_first_consumer) continue;
            no_zone_anywhere_ = "PersistentVolumeClaim " + claim->name + " is not bound";
            return;
        }
        const auto* const volume = storage.volume(claim->volume);
        if (volume == nullptr) {
            no_zone_anywhere_ = "PersistentVolume " + claim->volume + " does not exist";
            return;
        }
        add_zones(*volume);
    }
}

void VolumeRules::add_zones(const PersistentVolume& volume) {
    for (const auto label : zone_labels) {
        const auto* const value = volume.labels.find(label);
        if (value == nullptr) continue;
        auto zones = zones_of(*value);
        if (!zones.empty()) topologies_.push_back({&volume, std::string(label), std::move(zones)});
    }
}

std::optional<std::string> VolumeRules::restriction_refusal(const NodeView& node) const {
    for (const auto& volume : pod_.rules.volumes)
        for (const auto* const other : node.pods_with_volumes)
            for (const auto& used : other->rules.volumes)
                if (conflict(volume, used))
                    return "disk " + volume.disk + " is in use by " + other->namespace_name + "/" +
                           other->name;
    return restricted_everywhere_;
}

std::optional<std::string> VolumeRules::zone_refusal(const NodeView& node) const {
    if (no_zone_anywhere_) return no_zone_anywhere_;
    const bool has_zone = std::ranges::any_of(
        zone_labels, [&](const auto label) { return node.label(label) != nullptr; });
    if (!has_zone) return std::nullopt;
    for (const auto& [volume, key, values] : topologies_) {
        const auto* value = node.label(key);
        if (value == nullptr) value = node.label(today_of(key));
        if (value == nullptr || std::ranges::find(values, *value) == values.end())
            return "PersistentVolume " + volume->name + " is in " + std::string(today_of(key)) +
                   "=" + values.front();
    }
    return std::nullopt;
}

}  // namespace nodenap
