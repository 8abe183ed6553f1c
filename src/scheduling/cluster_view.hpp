#pragma once

#include "model/cluster_state.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace nodenap {

/// Pods that every selector sees alike: those of one namespace with equal labels.
struct LabelClass {
    std::string namespace_name;
    Labels labels;
    friend bool operator<(const LabelClass& a, const LabelClass& b) {
        return std::tie(a.namespace_name, a.labels) < std::tie(b.namespace_name, b.labels);
    }
};

/// How many pods of a class a node has.
struct ClassCount {
    std::size_t label_class = 0;
    std::int64_t pods = 0;
    std::int64_t ending = 0;  // of these, being deleted
};

/// A node and what its pods take of it.
struct NodeView {
    const ClusterNode* node = nullptr;
    ResourceAmounts requested;
    std::int64_t pods = 0;
    std::vector<ClassCount> classes;
    std::vector<HostPort> ports;
    std::vector<const Pod*> pods_with_volumes;

    const std::string* label(std::string_view key) const { return node->labels.find(key); }
};

/// A required anti-affinity term of pods that are placed, and how many of them each topology domain
/// has, by the value of its label.
struct PlacedAntiAffinity {
    std::string namespace_name;  // of the pods that have the term
    PodAffinityTerm term;
    std::map<std::string, std::int64_t, std::less<>> domains;
};

/// Storage by name, as the filters look it up.
class StorageView {
public:
    explicit StorageView(const ClusterState& state);
    void add(const CsiNode& csi_node) { csi_nodes_[csi_node.node] = &csi_node; }

    const PersistentVolumeClaim* claim(const std::string& namespace_name,
                                       const std::string& name) const;
    const PersistentVolume* volume(const std::string& name) const;
    const std::vector<const PersistentVolume*>& volumes_of(const std::string& storage_class) const;
    const StorageClass* storage_class(const std::string& name) const;
    const CsiNode* csi_node(const std::string& node) const;
    const CsiDriver* csi_driver(const std::string& name) const;
    const std::vector<const VolumeAttachment*>& attachments_of(const std::string& node) const;
    const std::vector<CsiStorageCapacity>& capacities() const { return *capacities_; }

private:
    using Name = std::pair<std::string, std::string>;

    std::map<Name, const PersistentVolumeClaim*> claims_;
    std::map<std::string, const PersistentVolume*> volumes_;
    std::map<std::string, std::vector<const PersistentVolume*>> volumes_by_class_;
    std::map<std::string, const StorageClass*> classes_;
    std::map<std::string, const CsiNode*> csi_nodes_;
    std::map<std::string, const CsiDriver*> csi_drivers_;
    std::map<std::string, std::vector<const VolumeAttachment*>> attachments_;
    const std::vector<CsiStorageCapacity>* capacities_;
};

/// A cluster as the filters see it: pods summed up by node and by class, so that a selector is
/// matched once for each class of pods. Pods that have ended or whose node is gone count nowhere.
/// The state, and pods that are placed later, must outlive it.
class ClusterView {
public:
    explicit ClusterView(const ClusterState& state);

    const std::vector<NodeView>& nodes() const { return nodes_; }
    std::optional<std::size_t> find_node(std::string_view name) const;
    const std::vector<LabelClass>& classes() const { return classes_; }
    const std::vector<PlacedAntiAffinity>& anti_affinities() const { return anti_affinities_; }
    const StorageView& storage() const { return storage_; }
    const ConstraintsKnown& known() const { return *known_; }
    /// Of a namespace that was not read, the label that the API server gives each.
    const Labels& namespace_labels(const std::string& name) const;
    const std::map<std::string, Labels>& namespaces() const { return namespaces_; }
    bool is_claim_in_use(const std::string& namespace_name, const std::string& claim) const;

    /// One more node, without pods; it must outlive the view. Its index.
    std::size_t add_node(const ClusterNode& node);
    /// Its labels, taints and size become another's; pods that are on it are counted where they
    /// were.
    void replace_node(std::size_t node, const ClusterNode& by) { nodes_[node].node = &by; }
    void add_attach_limits(const CsiNode& limits) { storage_.add(limits); }

    /// As if the scheduler had bound the pod to this node, or as if it had gone from it.
    void place(const Pod& pod, std::size_t node);
    void remove(const Pod& pod, std::size_t node);

private:
    std::size_t class_of(const Pod& pod);
    std::size_t anti_affinity_of(const Pod& pod, const PodAffinityTerm& term);
    void count(const Pod& pod, NodeView& node, std::int64_t pods);

    std::vector<NodeView> nodes_;
    std::map<std::string, std::size_t, std::less<>> node_index_;
    std::vector<LabelClass> classes_;
    std::map<LabelClass, std::size_t> class_index_;
    std::vector<PlacedAntiAffinity> anti_affinities_;
    std::map<std::string, std::vector<std::size_t>> anti_affinity_index_;  // by topology key
    std::map<std::string, Labels> namespaces_;
    std::map<std::pair<std::string, std::string>, std::int64_t> claims_in_use_;
    StorageView storage_;
    const ConstraintsKnown* known_;
};

}  // namespace nodenap
