#pragma once

#include "scheduling/cluster_view.hpp"

#include <optional>
#include <string>
#include <vector>

namespace nodenap {

/// A volume of a pod that is a claim, with the claim if it is there.
struct ClaimedVolume {
    const PodVolume* volume = nullptr;
    const PersistentVolumeClaim* claim = nullptr;

    bool ephemeral() const { return volume->kind == VolumeKind::ephemeral; }
};

std::vector<ClaimedVolume> claimed_volumes(const StorageView& storage, const Pod& pod);

/// "PersistentVolumeClaim data does not exist"; or that claims were not read at all.
std::string missing_claim_text(const ClusterView& view, const ClaimedVolume& claimed);

/// VolumeRestrictions and VolumeZone for one pod. What keeps it from every node is found once.
class VolumeRules {
public:
    VolumeRules(const ClusterView& view, const Pod& pod);

    /// Disks that two pods of a node cannot share, and claims that only one pod may use.
    std::optional<std::string> restriction_refusal(const NodeView& node) const;
    /// Zone and region that bound volumes have as labels.
    std::optional<std::string> zone_refusal(const NodeView& node) const;

private:
    struct Topology {
        const PersistentVolume* volume;
        std::string key;
        std::vector<std::string> values;
    };

    void find_restriction(const ClusterView& view);
    void find_zones(const ClusterView& view);
    void add_zones(const PersistentVolume& volume);

    const Pod& pod_;
    std::vector<ClaimedVolume> claims_;
    std::optional<std::string> restricted_everywhere_;
    std::optional<std::string> no_zone_anywhere_;
    std::vector<Topology> topologies_;
};

}  // namespace nodenap
