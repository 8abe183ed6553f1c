#include "scheduling/cluster_view.hpp"

#include <algorithm>

namespace nodenap {

namespace {

template <class Map, class Key>
auto found(const Map& map, const Key& key) -> decltype(map.begin()->second) {
    const auto at = map.find(key);
    return at == map.end() ? nullptr : at->second;
}

template <class Map>
const typename Map::mapped_type& list_of(const Map& map, const std::string& key) {
    static const typename Map::mapped_type none;
    const auto at = map.find(key);
    return at == map.end() ? none : at->second;
}

bool has_storage(const PodVolume& volume) {
    return volume.kind != VolumeKind::empty_dir && volume.kind != VolumeKind::host_path &&
           volume.kind != VolumeKind::other;
}

void count_class(NodeView& node, std::size_t label_class, const ClassCount& more) {
    auto at = std::ranges::find(node.classes, label_class, &ClassCount::label_class);
    if (at == node.classes.end()) at = node.classes.insert(at, ClassCount{label_class});
    at->pods += more.pods;
    at->ending += more.ending;
    if (at->pods == 0) node.classes.erase(at);
}

}  // namespace

StorageView::StorageView(const ClusterState& state) : capacities_(&state.storage_capacities) {
    for (const auto& claim : state.claims) claims_[{claim.namespace_name, claim.name}] = &claim;
    for (const auto& volume : state.volumes) {
        volumes_[volume.name] = &volume;
        volumes_by_class_[volume.storage_class].push_back(&volume);
    }
    for (const auto& each : state.storage_classes) classes_[each.name] = &each;
    for (const auto& each : state.csi_nodes) csi_nodes_[each.node] = &each;
    for (const auto& each : state.csi_drivers) csi_drivers_[each.name] = &each;
    for (const auto& each : state.attachments) attachments_[each.node].push_back(&each);
}

const PersistentVolumeClaim* StorageView::claim(const std::string& namespace_name,
                                                const std::string& name) const {
    return found(claims_, Name{namespace_name, name});
}

const PersistentVolume* StorageView::volume(const std::string& name) const {
    return found(volumes_, name);
}

const std::vector<const PersistentVolume*>& StorageView::volumes_of(
    const std::string& storage_class) const {
    return list_of(volumes_by_class_, storage_class);
}

const StorageClass* StorageView::storage_class(const std::string& name) const {
    return found(classes_, name);
}

const CsiNode* StorageView::csi_node(const std::string& node) const {
    return found(csi_nodes_, node);
}

const CsiDriver* StorageView::csi_driver(const std::string& name) const {
    return found(csi_drivers_, name);
}

const std::vector<const VolumeAttachment*>& StorageView::attachments_of(
    const std::string& node) const {
    return list_of(attachments_, node);
}

ClusterView::ClusterView(const ClusterState& state)
    : storage_(state), known_(&state.constraints_known) {
    nodes_.reserve(state.nodes.size());
    for (const auto& node : state.nodes) add_node(node);
    for (const auto& each : state.namespaces) namespaces_[each.name] = each.labels;
    for (const auto& pod : state.pods) {
        namespaces_.try_emplace(pod.namespace_name,
                                Labels{{"kubernetes.io/metadata.name", pod.namespace_name}});
        const auto node = find_node(pod.node);
        if (!pod.ended() && node) place(pod, *node);
    }
}

std::size_t ClusterView::add_node(const ClusterNode& node) {
    node_index_.emplace(node.name, nodes_.size());
    nodes_.emplace_back().node = &node;
    return nodes_.size() - 1;
}

std::optional<std::size_t> ClusterView::find_node(std::string_view name) const {
    const auto at = node_index_.find(name);
    return at == node_index_.end() ? std::nullopt : std::optional(at->second);
}

const Labels& ClusterView::namespace_labels(const std::string& name) const {
    return list_of(namespaces_, name);
}

bool ClusterView::is_claim_in_use(const std::string& namespace_name,
                                  const std::string& claim) const {
    return claims_in_use_.contains({namespace_name, claim});
}

std::size_t ClusterView::class_of(const Pod& pod) {
    const auto [at, is_new] =
        class_index_.try_emplace(LabelClass{pod.namespace_name, pod.labels}, classes_.size());
    if (is_new) classes_.push_back(at->first);
    return at->second;
}

std::size_t ClusterView::anti_affinity_of(const Pod& pod, const PodAffinityTerm& term) {
    auto& alike = anti_affinity_index_[term.topology_key];
    for (const auto index : alike) {
        const auto& known = anti_affinities_[index];
        if (known.namespace_name == pod.namespace_name && known.term == term) return index;
    }
    alike.push_back(anti_affinities_.size());
    anti_affinities_.push_back({pod.namespace_name, term, {}});
    return alike.back();
}

void ClusterView::count(const Pod& pod, NodeView& node, std::int64_t pods) {
    node.pods += pods;
    count_class(node, class_of(pod), {0, pods, pod.deleted_at ? pods : 0});
    for (const auto& term : pod.rules.anti_affinity) {
        auto& domains = anti_affinities_[anti_affinity_of(pod, term)].domains;
        const auto* const value = node.label(term.topology_key);
        if (value != nullptr && (domains[*value] += pods) == 0) domains.erase(*value);
    }
    for (const auto& volume : pod.rules.volumes) {
        if (volume.kind != VolumeKind::claim) continue;
        const std::pair name{pod.namespace_name, volume.claim};
        if ((claims_in_use_[name] += pods) == 0) claims_in_use_.erase(name);
    }
}

void ClusterView::place(const Pod& pod, std::size_t node) {
    auto& view = nodes_[node];
    view.requested += pod.taken();
    view.ports.insert(view.ports.end(), pod.rules.host_ports.begin(), pod.rules.host_ports.end());
    if (std::ranges::any_of(pod.rules.volumes, has_storage)) view.pods_with_volumes.push_back(&pod);
    count(pod, view, 1);
}

void ClusterView::remove(const Pod& pod, std::size_t node) {
    auto& view = nodes_[node];
    view.requested -= pod.taken();
    for (const auto& port : pod.rules.host_ports) {
        const auto at = std::ranges::find(view.ports, port);
        if (at != view.ports.end()) view.ports.erase(at);
    }
    std::erase(view.pods_with_volumes, &pod);
    count(pod, view, -1);
}

}  // namespace nodenap
