#include "adapters/prometheus/judge.hpp"
#include "adapters/prometheus/queries.hpp"
#include "decide/explain.hpp"
#include "decide/joining.hpp"

#include <algorithm>
#include <set>

namespace nodenap {

namespace {

/// Pods by Node, for parts that identify the kubelet. A kubelet scraped under two names counts
/// once. Pods of kubelets that match no Node are counted under "".
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
    bool knows(const std::string& node) const { return pods_.contains(node); }

private:
    std::map<std::string, std::int64_t, std::less<>> pods_;
};

/// The identity of a Node: all labels that identify it.
std::string identity_of(const Sample& sample) {
    std::string identity;
    for (const auto label : node_identity) identity.append(sample.text_of(label)).append("\n");
    return identity;
}

/// The values of a label. Empty if a Node has two of them, since the label then tells replicas
/// apart, unless its name contains "cluster".
std::set<std::string> clusters_by(const std::string& label, const Part& part) {
    std::map<std::string, std::string> value_of;
    std::set<std::string> values;
    bool of_replicas = false;
    for (const auto* sample : part) {
        const std::string value(sample->text_of(label));
        const auto known = value_of.emplace(identity_of(*sample), value).first;
        of_replicas = of_replicas || known->second != value;
        values.insert(value);
    }
    if (of_replicas && label.find("cluster") == label.npos) values.clear();
    return values;
}

/// The labels of kube_node_info that may tell clusters apart.
std::set<std::string> labels_of(const Part& part) {
    std::set<std::string> labels;
    for (const auto* sample : part) {
        for (const auto& [label, value] : sample->labels) labels.emplace(label);
        for (const auto& [label, value] : sample->other_labels) labels.insert(label);
    }
    for (const auto label : node_identity) labels.erase(std::string(label));
    for (const char* label : {"part", "__name__"}) labels.erase(label);
    return labels;
}

std::string listed(const std::set<std::string>& values) {
    std::string text;
    for (const auto& value : values)
        text += (text.empty() ? "" : ", ") + (value.empty() ? "none" : value);
    return text;
}

}  // namespace

std::optional<Unknown> several_clusters(const Parts& parts) {
    for (const auto& label : labels_of(parts.of("clusters"))) {
        const auto values = clusters_by(label, parts.of("clusters"));
        if (values.size() < 2) continue;
        return Unknown{"Prometheus holds " + std::to_string(values.size()) +
                       " clusters, by label " + label + " of kube_node_info (" + listed(values) +
                       "); set [metrics] matcher to select this one"};
    }
    return std::nullopt;
}

namespace {

/// "cpu|memory", as the query names it.
std::string kind_text(std::string_view resource) {
    if (resource == "cpu") return "CPU";
    return resource == "memory" ? "memory" : "CPU or memory";
}

/// Unknown if the requests of some pods are not reported.
std::optional<Unknown> requests_missing(const Parts& parts) {
    for (const auto* sample : parts.of("without_requests")) {
        return Unknown{
            "no " + kind_text(sample->label("resource")) +
            " request is reported for pods of QoS class Burstable or Guaranteed, such as " +
            std::string(sample->label("namespace")) + "/" + std::string(sample->label("pod"))};
    }
    const auto& asked = parts.of("requests");
    // If the QoS classes are known, they may show that no pod requests anything.
    const bool none_requests =
        !parts.of("any_class").empty() && parts.single("requesters").value_or(0) == 0;
    if (asked.empty() || none_requests) return std::nullopt;
    for (const char* resource : {"cpu", "memory"}) {
        const bool is_there = std::ranges::any_of(
            asked, [&](const Sample* sample) { return sample->label("resource") == resource; });
        if (is_there) continue;
        return Unknown{"Prometheus has no " + kind_text(resource) +
                       " request of any pod in kube_pod_container_resource_requests: a relabel "
                       "rule may drop them"};
    }
    return std::nullopt;
}

}  // namespace

std::optional<Unknown> not_whole(const Parts& parts) {
    const auto shards = parts.single("shards").value_or(1);
    const auto seen = parts.single("shards_seen").value_or(0);
    if (shards > 1 && seen < shards) {
        return Unknown{"kube-state-metrics has " + number_text(shards) +
                       " shards, and Prometheus scrapes " + number_text(seen) + " of them"};
    }
    return requests_missing(parts);
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
    auto counted_nodes = std::move(nodes).value();
    for (auto& node : counted_nodes) {
        // A Node without a kubelet of its name may belong to any kubelet that matches no Node.
        const bool named_otherwise = !running.knows(node.name);
        const auto& kubelet = named_otherwise ? std::string() : node.name;
        node.hidden_pods = hidden.of(kubelet);
        node.unlisted_pods = unlisted.of(kubelet);
        if (named_otherwise) continue;
        // A reused pod name may still be listed on its former Node.
        const auto more_than_listed = running.of(node.name) - listed[node.name];
        node.unlisted_pods = std::max(node.unlisted_pods, more_than_listed);
    }
    nodes = std::move(counted_nodes);
}

std::vector<LocalVolume> read_volumes(const Parts& parts) {
    std::vector<LocalVolume> volumes;
    std::multimap<std::string_view, std::string_view> users;
    for (const auto* user : parts.of("volume_users"))
        users.emplace(user->label("volumename"), user->label("node"));
    for (const auto* sample : parts.of("volumes")) {
        LocalVolume volume;
        volume.name = sample->label("volumename");
        volume.claim = std::string(sample->label("namespace")) + "/" +
                       std::string(sample->label("persistentvolumeclaim"));
        const auto [first, last] = users.equal_range(volume.name);
        if (first == last) volumes.push_back(volume);
        for (auto user = first; user != last; ++user) {
            volume.node = user->second;
            volumes.push_back(volume);
        }
    }
    for (const auto* sample : parts.of("bound_volumes")) {
        const std::string name(sample->label("persistentvolume"));
        if (std::ranges::find(volumes, name, &LocalVolume::name) != volumes.end()) continue;
        volumes.push_back({name, {}, {}});
    }
    return volumes;
}

}  // namespace nodenap
