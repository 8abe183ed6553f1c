#include "sim/wire/prometheus_series.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <optional>

namespace nodenap::servers {
namespace {

constexpr double mebibyte = 1048576;

using Labels = std::vector<std::pair<std::string, std::string>>;

void add(Vector& vector, const char* part, Labels labels, double value) {
    labels.emplace_back("part", part);
    vector.push_back({std::move(labels), value});
}

double seconds(Time time) { return std::chrono::duration<double>(time.time_since_epoch()).count(); }

/// Formats numbers like Go's strconv.
std::string number(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
    return fmt::format("{}", value);
}

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

/// "default/web-3": namespace and name, and a unique id.
Labels labels_of(const PendingPod& pod) {
    const auto slash = pod.name.find('/');
    return {{"namespace", pod.name.substr(0, slash)},
            {"pod", pod.name.substr(slash + 1)},
            {"uid", "uid-" + pod.name.substr(slash + 1)}};
}

void add_requests(Vector& vector, const char* part, const Labels& labels,
                  const Resources& requests) {
    auto cpu = labels;
    cpu.emplace_back("resource", "cpu");
    add(vector, part, cpu, static_cast<double>(requests.cpu.value) / 1000);
    auto memory = labels;
    memory.emplace_back("resource", "memory");
    add(vector, part, memory, static_cast<double>(requests.memory.value) * mebibyte);
}

/// The ways in which hosts' targets are scraped, which differ between hosts.
bool is_one_of(const sim::KubeNode& node, unsigned every) {
    unsigned sum = 0;
    for (const char c : node.node.internal_ip) sum += static_cast<unsigned char>(c);
    return sum % every == 0;
}

void add_target(Vector& vector, const std::string& prefix, const std::string& instance,
                const std::pair<std::optional<double>, double>& used_and_seen) {
    const auto& [used, seen] = used_and_seen;
    if (used) add(vector, (prefix + "used").c_str(), {{"instance", instance}}, *used);
    add(vector, (prefix + "seen").c_str(), {{"instance", instance}}, seen);
}

void add_node(Vector& vector, const Node& node) {
    const Labels name = {{"node", node.name}};
    Labels info = name;
    info.emplace_back("internal_ip", node.internal_ip);
    const bool names_another = !node.instance_id.empty() && node.instance_id != node.name;
    info.emplace_back("provider_id",
                      names_another ? "aws:///zone-a/" + node.instance_id : "k3s://" + node.name);
    add(vector, "info", info, 1);
    add(vector, "ready", name, node.ready ? 1 : 0);
    add(vector, "created", name, std::floor(seconds(node.created_at)));
    add(vector, "cordoned", name, 0);
    if (node.server) add(vector, "server", name, 1);
    const auto& room = node.allocatable;
    if (room.pods > 0) {
        add_requests(vector, "allocatable", name, room);
        Labels pods = name;
        pods.emplace_back("resource", "pods");
        add(vector, "allocatable", pods, static_cast<double>(room.pods));
    }
}

void add_marked(Vector& vector, const Labels& name, const char* of, const Resources& asked) {
    if (asked.pods <= 0) return;
    Labels marked = name;
    marked.emplace_back("of", of);
    add_requests(vector, "requests", marked, asked);
    marked.emplace_back("resource", "pods");
    add(vector, "requests", marked, static_cast<double>(asked.pods));
}

/// The parts about pods: by node name, even if the Node is not reported, and from cAdvisor by
/// address.
void add_pods_of(Vector& vector, const Node& node) {
    const Labels name = {{"node", node.name}};
    const auto& daemons = node.daemonset_requested;
    if (node.pods_being_deleted > 0) {
        add(vector, "deleted_pods", name, static_cast<double>(node.pods_being_deleted));
    }
    add_marked(vector, name, "daemonset", daemons);
    add_marked(vector, name, "other", node.requested - daemons);
    const Labels kubelet = {{"instance", node.internal_ip + ":10250"}};
    const auto listed = node.requested.pods;
    const auto running = static_cast<double>(listed + node.unlisted_pods);
    if (running > 0) add(vector, "running", kubelet, running);
    if (listed > 0) add(vector, "listed", name, static_cast<double>(listed));
    if (node.unlisted_pods == 0) return;
    add(vector, "unlisted", kubelet, static_cast<double>(node.unlisted_pods));
    add(vector, "hidden", kubelet, static_cast<double>(node.hidden_pods));
}

}  // namespace

std::string vector_json(const Vector& vector, Time at) {
    std::string result;
    for (const auto& series : vector) {
        std::string labels;
        for (const auto& [name, value] : series.labels) {
            labels += (labels.empty() ? "" : ",") + quoted(name) + ":" + quoted(value);
        }
        result += fmt::format("{}{{\"metric\":{{{}}},\"value\":[{},\"{}\"]}}",
                              result.empty() ? "" : ",", labels, seconds(at), number(series.value));
    }
    return "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[" + result +
           "]}}";
}

void add_cpu(Vector& vector, const MachineUse& machine, const sim::Scrape& scrape,
             std::optional<double> cores_busy) {
    if (machine.hidden) return;
    const auto& node = machine.node;
    const auto instance = node.node.internal_ip + ":10250";
    if (cores_busy) *cores_busy *= machine.factor;
    if (machine.not_a_number) cores_busy = std::numeric_limits<double>::quiet_NaN();
    const std::pair used_and_seen{cores_busy, seconds(scrape.at)};
    add(vector, "size", {{"instance", instance}}, node.cores);
    const bool root_is_dropped = is_one_of(node, 5);
    if (!root_is_dropped) add_target(vector, "", instance, used_and_seen);
    if (root_is_dropped || is_one_of(node, 2)) {
        add_target(vector, "kubelet_", instance, used_and_seen);
    }
    if (!is_one_of(node, 3)) return;
    // A second job scrapes it under its name.
    add(vector, "size", {{"instance", node.node.name}}, node.cores);
    add_target(vector, "", node.node.name, used_and_seen);
}

void add_pending(Vector& vector, const sim::Scrape& scrape, std::size_t all_pods) {
    for (const auto& pod : scrape.pending.pods) {
        const auto labels = labels_of(pod);
        add(vector, "pending", labels, 1);
        add_requests(vector, "requests", labels, pod.requests);
        const auto slash = pod.owner.find('/');
        auto owner = labels;
        owner.emplace_back("owner_kind", pod.owner.substr(0, slash));
        owner.emplace_back("owner_name", pod.owner.substr(slash + 1));
        add(vector, "owner", owner, 1);
        if (!pod.unschedulable_since) continue;
        const auto since = std::floor(seconds(*pod.unschedulable_since));
        add(vector, "since", labels, since);
        add(vector, "created", labels, since);
    }
    if (all_pods == 0) return;
    add(vector, "any_pod", {}, static_cast<double>(all_pods));
    add(vector, "pods_seen", {}, seconds(scrape.at));
}

void add_nodes(Vector& vector, const sim::Scrape& scrape, std::size_t all_pods,
               const sim::MetricsFaults& faults) {
    for (const auto& node : sim::as_reported(scrape.nodes, faults)) add_node(vector, node);
    auto all = faults;
    all.nodes_partial = false;
    for (const auto& node : sim::as_reported(scrape.nodes, all)) add_pods_of(vector, node);
    if (all_pods > 0) add(vector, "any_pod", {}, static_cast<double>(all_pods));
    add(vector, "nodes_seen", {}, seconds(scrape.at));
}

}  // namespace nodenap::servers
