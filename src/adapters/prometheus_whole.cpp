#include "adapters/prometheus_judge.hpp"
#include "adapters/prometheus_queries.hpp"
#include "engine/explain.hpp"
#include "engine/joining.hpp"

#include <algorithm>
#include <set>

namespace nodenap {

namespace {

/// Pods by Node, of parts that name the kubelet. A kubelet that is scraped under two names counts
/// once. Those of kubelets that fit no Node stand under "" if none fits.
class ByNode {
public:
    ByNode(const NodeFinder& nodes, const Part& part) {
        for (const auto* sample : part) {
            const auto* node = nodes.node_of(host_of(sample->label("instance")));
            auto& pods = pods_[node == nullptr ? std::string() : node->name];
            pods = std::max(pods, count_of(sample->value));
        }
    }
    std::int64_t of(const std::string& node) const {
        const auto found = pods_.find(node);
        return found == pods_.end() ? 0 : found->second;
    }
    bool fits_any() const {
        return std::ranges::any_of(pods_, [](const auto& each) { return !each.first.empty(); });
    }

private:
    std::map<std::string, std::int64_t, std::less<>> pods_;
};

std::set<std::string> values_of(const Part& part, std::string_view label) {
    std::set<std::string> values;
    for (const auto* sample : part) values.emplace(sample->text_of(label));
    return values;
}

std::string listed(const std::set<std::string>& values) {
    std::string text;
    for (const auto& value : values)
        text += (text.empty() ? "" : ", ") + (value.empty() ? "none" : value);
    return text;
}

}  // namespace

std::optional<Unknown> several_clusters(const Parts& parts) {
    for (const auto label : cluster_labels) {
        const auto values = values_of(parts.of("clusters"), label);
        if (values.size() < 2) continue;
        return Unknown{"Prometheus holds " + std::to_string(values.size()) +
                       " clusters by the label " + std::string(label) + " of kube_node_info (" +
                       listed(values) + "), and [metrics] matcher does not say which is this one"};
    }
    return std::nullopt;
}

std::optional<Unknown> not_whole(const Parts& parts) {
    const auto shards = parts.single("shards").value_or(1);
    const auto seen = parts.single("shards_seen").value_or(0);
    if (shards > 1 && seen < shards) {
        return Unknown{"kube-state-metrics has " + number_text(shards) +
                       " shards, and Prometheus scrapes " + number_text(seen) + " of them"};
    }
    const auto without = parts.single("without_requests").value_or(0);
    if (without > 0) {
        return Unknown{counted(count_of(without), "pod") +
                       " of class Burstable or Guaranteed have no requests in "
                       "kube_pod_container_resource_requests"};
    }
    // Where the classes are known, they have just said that no pod asks for anything.
    const auto& asked = parts.of("requests");
    const bool has_request = std::ranges::any_of(
        asked, [](const Sample* sample) { return sample->label("resource") != "pods"; });
    if (has_request || asked.empty() || !parts.of("any_class").empty()) return std::nullopt;
    return Unknown{
        "Prometheus has no kube_pod_container_resource_requests: what the pods ask for "
        "is not known"};
}

void count_unlisted(Reading<std::vector<Node>>& nodes, const Parts& parts) {
    if (!nodes.known()) return;
    const NodeFinder finder(nodes);
    const ByNode running(finder, parts.of("running"));
    const ByNode unlisted(finder, parts.of("unlisted"));
    const ByNode hidden(finder, parts.of("hidden"));
    std::map<std::string_view, std::int64_t> listed;
    for (const auto* sample : parts.of("listed"))
        listed[sample->label("node")] = count_of(sample->value);
    // Where Prometheus names every kubelet otherwise, a pod that is not listed may be on any Node.
    const bool named_otherwise = !running.fits_any();
    auto counted_nodes = std::move(nodes).value();
    for (auto& node : counted_nodes) {
        const auto& kubelet = named_otherwise ? std::string() : node.name;
        node.hidden_pods = hidden.of(kubelet);
        node.unlisted_pods = unlisted.of(kubelet);
        if (named_otherwise) continue;
        // A name that is used again may be listed on the Node where it was before.
        const auto more_than_listed = running.of(node.name) - listed[node.name];
        node.unlisted_pods = std::max(node.unlisted_pods, more_than_listed);
    }
    nodes = std::move(counted_nodes);
}

std::vector<LocalVolume> read_volumes(const Parts& parts) {
    std::vector<LocalVolume> volumes;
    std::map<std::string_view, std::string_view> users;
    for (const auto* user : parts.of("volume_users"))
        users[user->label("volumename")] = user->label("node");
    for (const auto* sample : parts.of("volumes")) {
        LocalVolume volume;
        volume.name = sample->label("volumename");
        volume.claim = std::string(sample->label("namespace")) + "/" +
                       std::string(sample->label("persistentvolumeclaim"));
        volume.node = users[sample->label("volumename")];
        volumes.push_back(std::move(volume));
    }
    return volumes;
}

}  // namespace nodenap
