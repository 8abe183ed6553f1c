#include "adapters/prometheus/judge.hpp"

#include <algorithm>
#include <cmath>

namespace nodenap {

namespace {

constexpr double mebibyte = 1048576;
constexpr double largest = 1e15;
/// Rounding error of a sum of fractions.
constexpr double hair = 1e-6;

/// Nodes by name, with their numbers of pods.
struct Draft {
    Node node;
    bool has_ready = false;
    double pods = 0;
    double daemonset_pods = 0;
    double deleted_pods = 0;
};
using Drafts = std::map<std::string, Draft, std::less<>>;

bool is_instance_id(std::string_view text) {
    constexpr std::size_t fewest_digits = 8;
    if (!text.starts_with("i-")) return false;
    const auto digits = text.substr(2);
    return digits.size() >= fewest_digits &&
           digits.find_first_not_of("0123456789abcdef") == digits.npos;
}

/// From the node's name, else from the end of "aws:///us-east-1a/i-0abc…".
std::string instance_id_of(std::string_view name, std::string_view provider_id) {
    if (is_instance_id(name)) return std::string(name);
    const auto last = provider_id.substr(provider_id.rfind('/') + 1);
    return is_instance_id(last) ? std::string(last) : std::string();
}

/// Every node that kube-state-metrics lists. If one is listed twice, the first non-empty values
/// count.
Drafts listed(const Part& info) {
    Drafts out;
    for (const auto* sample : info) {
        const auto name = sample->label("node");
        auto& node = out[std::string(name)].node;
        node.name = name;
        if (node.instance_id.empty())
            node.instance_id = instance_id_of(name, sample->label("provider_id"));
        if (node.internal_ip.empty()) node.internal_ip = sample->label("internal_ip");
    }
    return out;
}

template <class Use>
void each(Drafts& drafts, const Part& part, Use use) {
    for (const auto* sample : part) {
        const auto found = drafts.find(sample->label("node"));
        if (found != drafts.end()) use(found->second, *sample);
    }
}

/// Allocatable resources are rounded down, requests up.
void set_allocatable(Resources& room, const Sample& sample) {
    const auto down = [](double value) {
        return static_cast<std::int64_t>(
            std::floor(std::min(std::max(value, 0.0), largest) + hair));
    };
    const auto resource = sample.label("resource");
    if (resource == "cpu") room.cpu.value = down(sample.value * 1000);
    if (resource == "memory") room.memory.value = down(sample.value / mebibyte);
    if (resource == "pods") room.pods = down(sample.value);
}

/// In the format of the configuration: "key=value:Effect", or "key:Effect".
std::string taint_text(const Sample& sample) {
    std::string text(sample.label("key"));
    if (!sample.label("value").empty()) text += "=" + std::string(sample.label("value"));
    return text + ":" + std::string(sample.label("effect"));
}

void fill(Drafts& drafts, const Parts& parts) {
    each(drafts, parts.of("ready"), [](Draft& draft, const Sample& sample) {
        draft.has_ready = true;
        draft.node.ready = sample.value == 1;
    });
    each(drafts, parts.of("created"), [](Draft& draft, const Sample& sample) {
        draft.node.created_at = time_of_seconds(sample.value);
    });
    each(drafts, parts.of("allocatable"), [](Draft& draft, const Sample& sample) {
        set_allocatable(draft.node.allocatable, sample);
    });
    const auto keeps_away = [](Draft& draft, const Sample& sample) {
        if (sample.value > 0) draft.node.schedulable = false;
    };
    each(drafts, parts.of("cordoned"), keeps_away);
    each(drafts, parts.of("tainted"), [](Draft& draft, const Sample& sample) {
        draft.node.schedulable = false;
        draft.node.taints.push_back(taint_text(sample));
    });
    each(drafts, parts.of("server"), [](Draft& draft, const Sample&) { draft.node.server = true; });
    each(drafts, parts.of("addresses"), [](Draft& draft, const Sample& sample) {
        draft.node.addresses.emplace_back(sample.label("address"));
    });
    const auto of_daemonsets = [](const Sample& sample) {
        return sample.label("of") == "daemonset";
    };
    each(drafts, parts.of("requests"), [&](Draft& draft, const Sample& sample) {
        const bool is_pods = sample.label("resource") == "pods";
        add_request(draft.node.requested, sample);
        if (is_pods) draft.pods += sample.value;
        if (!of_daemonsets(sample)) return;
        add_request(draft.node.daemonset_requested, sample);
        if (is_pods) draft.daemonset_pods += sample.value;
    });
    each(drafts, parts.of("deleted_pods"),
         [](Draft& draft, const Sample& sample) { draft.deleted_pods = sample.value; });
}

void count_pods(Draft& draft) {
    draft.node.requested.pods = count_of(draft.pods);
    draft.node.daemonset_requested.pods = count_of(draft.daemonset_pods);
    draft.node.pods_being_deleted = count_of(draft.deleted_pods);
    draft.node.only_daemonset_pods = draft.daemonset_pods >= draft.pods;
}

/// If DaemonSets run in the cluster, a Ready node without any pod is one whose pods are not
/// reported: it counts as full and never as empty. A new node only waits for its first pods.
void doubt_the_empty(Drafts& drafts, const Moment& moment) {
    const auto shows_them = [](const auto& each) { return each.second.daemonset_pods > 0; };
    if (std::ranges::none_of(drafts, shows_them)) return;
    for (auto& [name, draft] : drafts) {
        if (!draft.node.ready || draft.pods > 0) continue;
        draft.node.only_daemonset_pods = false;
        if (!is_young(draft.node, moment)) draft.node.requested = draft.node.allocatable;
    }
}

std::optional<Unknown> missing_family(const Parts& parts) {
    const auto missing = [](std::string_view family) {
        return Unknown{"Prometheus has no " + std::string(family) +
                       ": is kube-state-metrics scraped?"};
    };
    if (parts.of("info").empty()) return missing("kube_node_info");
    if (parts.of("ready").empty()) return missing("kube_node_status_condition");
    if (parts.of("allocatable").empty()) return missing("kube_node_status_allocatable");
    // Without pod data every node would look empty.
    if (parts.of("any_pod").empty()) return missing("kube_pod_info");
    // K3s labels every server. If no Node has such a label, a server would be taken for a worker.
    if (parts.of("server").empty())
        return Unknown{
            "no Node has a control-plane, master or etcd role in kube_node_role, so Nodenap cannot "
            "tell servers from workers"};
    return std::nullopt;
}

}  // namespace

Reading<std::vector<Node>> judge_nodes(const std::vector<Sample>& samples, const Moment& moment) {
    const Parts parts(samples);
    if (const auto bad = parts.not_finite()) return *bad;
    if (const auto wrong = overwritten(parts)) return *wrong;
    if (const auto missing = missing_family(parts)) return *missing;
    if (const auto partial = not_whole(parts)) return *partial;
    if (const auto old = too_old(parts.single("nodes_seen"), "kube_node_info", moment)) return *old;
    auto drafts = listed(parts.of("info"));
    fill(drafts, parts);
    for (auto& [name, draft] : drafts) {
        if (!draft.has_ready)
            return Unknown{"kube_node_status_condition has no sample for node " + name};
        count_pods(draft);
    }
    doubt_the_empty(drafts, moment);
    std::vector<Node> out;
    out.reserve(drafts.size());
    for (auto& [name, draft] : drafts) out.push_back(std::move(draft.node));
    drafts.clear();
    Reading<std::vector<Node>> nodes(std::move(out));
    count_unlisted(nodes, parts);
    return nodes;
}

}  // namespace nodenap
