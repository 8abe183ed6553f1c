#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace nodenap {

/// Marks of which query a series of a combined answer is.
inline constexpr std::string_view part_label = "part";

/// What the answers of our queries are read for. The parser keeps no other label: whoever has
/// Prometheus scrape them may make up any number of them.
inline constexpr std::array<std::string_view, 23> read_labels = {part_label,
                                                                 "address",
                                                                 "container",
                                                                 "effect",
                                                                 "git_version",
                                                                 "instance",
                                                                 "internal_ip",
                                                                 "job",
                                                                 "job_name",
                                                                 "key",
                                                                 "kubelet_version",
                                                                 "namespace",
                                                                 "node",
                                                                 "of",
                                                                 "owner_kind",
                                                                 "owner_name",
                                                                 "persistentvolumeclaim",
                                                                 "pod",
                                                                 "provider_id",
                                                                 "resource",
                                                                 "uid",
                                                                 "value",
                                                                 "volumename"};

/// Labels by which one Prometheus tells several clusters apart.
inline constexpr std::array<std::string_view, 22> cluster_labels = {"cluster",
                                                                    "cluster_id",
                                                                    "cluster_name",
                                                                    "clusterID",
                                                                    "clusterId",
                                                                    "clusterName",
                                                                    "clusterid",
                                                                    "clustername",
                                                                    "k8s_cluster",
                                                                    "k8s_cluster_id",
                                                                    "k8s_cluster_name",
                                                                    "kube_cluster",
                                                                    "k3s_cluster",
                                                                    "kube_cluster_name",
                                                                    "kubernetes_cluster",
                                                                    "kubernetes_cluster_name",
                                                                    "environment",
                                                                    "env",
                                                                    "tenant",
                                                                    "tenant_id",
                                                                    "datacenter",
                                                                    "site"};

/// The list's own text of a name, which lives for ever; empty for a label that is not kept.
constexpr std::string_view kept_label(std::string_view name) {
    const auto in = [&](const auto& list) {
        const auto* found = std::ranges::find(list, name);
        return found == list.end() ? std::string_view() : *found;
    };
    const auto read = in(read_labels);
    return read.empty() ? in(cluster_labels) : read;
}

/// Called, it is what does not compile: it is no constant expression, and nobody defines it.
void add_the_label_to_read_labels();

/// A label's name in our code: one that the parser does not keep does not compile.
struct LabelName {
    std::string_view text;

    template <class Text>
    consteval LabelName(const Text& name) : text(kept_label(name)) {
        if (text.empty()) add_the_label_to_read_labels();
    }
};

}  // namespace nodenap
