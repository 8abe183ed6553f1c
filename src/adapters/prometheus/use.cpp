#include "adapters/prometheus/judge.hpp"

#include "decide/explain.hpp"
#include "decide/joining.hpp"

#include <algorithm>
#include <cmath>

namespace nodenap {

namespace {

/// A saturated host reports a few percent more than its capacity; far more is a reporting error.
constexpr double most_share = 1.5;

/// One host, which any number of scrape targets may report.
struct HostData {
    std::string host;  // as its first target names it
    const Node* node = nullptr;
    std::optional<double> used;
    std::optional<double> size;
    std::optional<double> seen;
};
using HostTable = std::map<std::string, HostData, std::less<>>;

void raise(std::optional<double>& held, double value) {
    held = held ? std::max(*held, value) : value;
}

/// Joins the parts by host: two targets of one Node are one host, whatever their names.
class Gathering {
public:
    explicit Gathering(const NodeFinder& nodes) : nodes_(nodes) {}

    void take(const Part& part, std::optional<double> HostData::*field) {
        for (const auto* sample : part) {
            const auto host = host_of(sample->label("instance"));
            const auto* node = nodes_.node_of(host);
            auto& data = table_[node ? node->name : host];
            if (data.host.empty()) data.host = host;
            data.node = node;
            raise(data.*field, sample->value);
        }
    }

    /// Fills in the values that the first source did not have.
    void complete(const Gathering& other) {
        for (auto& [name, data] : table_) {
            const auto found = other.table_.find(name);
            if (data.used || found == other.table_.end() || !found->second.used) continue;
            data.used = found->second.used;
            data.seen = found->second.seen;
        }
    }

    const HostTable& table() const { return table_; }

private:
    const NodeFinder& nodes_;
    HostTable table_;
};

HostTable gather(const Parts& parts, const NodeFinder& nodes) {
    Gathering root(nodes);
    root.take(parts.of("size"), &HostData::size);
    root.take(parts.of("used"), &HostData::used);
    root.take(parts.of("seen"), &HostData::seen);
    Gathering kubelet(nodes);
    kubelet.take(parts.of("kubelet_used"), &HostData::used);
    kubelet.take(parts.of("kubelet_seen"), &HostData::seen);
    root.complete(kubelet);
    return root.table();
}

Unknown missing(std::string_view family, const std::string& why) {
    return Unknown{"Prometheus has no " + std::string(family) + why};
}

/// The reason why a host with a known size has no usage.
Unknown no_use(const HostData& data, const UseKind& kind, const Moment& moment) {
    const auto of_host = " of " + data.host;
    if (!data.seen) return missing(kind.family, of_host + ": a relabel rule may drop it");
    if (auto old = too_old(data.seen, std::string(kind.family) + of_host, moment)) return *old;
    return Unknown{"too few samples of " + std::string(kind.family) + of_host +
                   " in the window: scrape more often or widen cpu_window"};
}

std::optional<Unknown> judge_host(const HostData& data, const UseKind& kind, const Moment& moment) {
    // Values outside are reporting errors, and would overflow later calculations.
    constexpr double smallest = 1e-6;
    constexpr double largest = 1e18;
    if (*data.size < smallest)
        return Unknown{std::string(kind.capacity) + " of " + data.host + " is not above 0"};
    if (*data.size > largest || *data.used > largest)
        return Unknown{std::string(kind.what) + " usage of " + data.host + " is impossibly high"};
    if (*data.used > *data.size * most_share) {
        return Unknown{std::string(kind.what) + " usage of " + data.host + " is " +
                       number_text(100 * *data.used / *data.size) +
                       "% of its capacity; more than 150% is impossible"};
    }
    // The slope of a constant counter may be slightly below 0.
    constexpr double hair = 1e-6;
    if (*data.used < -hair)
        return Unknown{std::string(kind.what) + " usage of " + data.host + " is negative"};
    return too_old(data.seen, std::string(kind.family) + " of " + data.host, moment);
}

/// Ready nodes without a matching host.
std::optional<Unknown> incomplete(const HostTable& table, const UseKind& kind,
                                  const std::vector<Node>& nodes, const Moment& moment) {
    std::vector<std::string> unseen;
    for (const auto& node : nodes) {
        const auto found = table.find(node.name);
        const bool seen = found != table.end() && found->second.size;
        if (node.ready && !seen && !is_young(node, moment)) unseen.push_back(node.name);
    }
    if (unseen.empty()) return std::nullopt;
    return Unknown{std::string(kind.capacity) + " covers " +
                   counted(std::ssize(nodes) - std::ssize(unseen), "node") + " of " +
                   std::to_string(nodes.size()) + ": no data for " + unseen.front()};
}

/// If Prometheus uses other names for all hosts, only their number can be checked.
std::optional<Unknown> not_as_many(const HostTable& table, const UseKind& kind,
                                   const std::vector<Node>& nodes, const Moment& moment) {
    const auto count =
        std::ranges::count_if(table, [](const auto& each) { return each.second.size.has_value(); });
    const auto ready = std::ranges::count_if(nodes, &Node::ready);
    const auto young = std::ranges::count_if(
        nodes, [&](const Node& node) { return node.ready && is_young(node, moment); });
    if (count >= ready - young && count <= ready) return std::nullopt;
    return Unknown{std::string(kind.capacity) + " is reported for " + counted(count, "host") +
                   ", and none matches a node by name, address or instance id; " +
                   counted(ready, "node") + (ready == 1 ? " is" : " are") +
                   " Ready, so it cannot be verified that all are reported: set the label "
                   "\"instance\" to a node's name or address"};
}

/// A host that matches no node does not belong to the cluster: a database server with its own
/// cAdvisor must neither replace a missing node nor add its cores to the total. Only if no host
/// matches, all are taken as the cluster's under other names. Unknown if a node may be missing.
std::optional<Unknown> keep_the_clusters_own(HostTable& table, const UseKind& kind,
                                             const Reading<std::vector<Node>>& nodes,
                                             const Moment& moment) {
    if (!nodes.known() || nodes.value().empty()) return std::nullopt;
    const auto fits = [](const auto& each) { return each.second.node != nullptr; };
    const bool one_fits = std::ranges::any_of(
        table, [&](const auto& each) { return each.second.size && fits(each); });
    if (!one_fits) return not_as_many(table, kind, nodes.value(), moment);
    std::erase_if(table, [&](const auto& each) { return !fits(each); });
    return incomplete(table, kind, nodes.value(), moment);
}

/// The hosts with usage and size, or the first reason not to trust them.
Result<std::vector<HostUse>> trusted(const HostTable& table, const UseKind& kind,
                                     const Moment& moment) {
    const auto refuse = [](const Unknown& why) { return Error{ErrorKind::unavailable, why.cause}; };
    std::vector<HostUse> out;
    for (const auto& [name, data] : table) {
        if (!data.size) continue;
        const auto* node = data.node;
        if (!data.used && node != nullptr && is_young(*node, moment)) continue;
        if (!data.used) return refuse(no_use(data, kind, moment));
        if (const auto bad = judge_host(data, kind, moment)) return refuse(*bad);
        const auto used = std::clamp(*data.used, 0.0, *data.size);
        out.push_back({data.host, used / kind.unit, *data.size / kind.unit,
                       node == nullptr ? std::string() : node->name});
    }
    return out;
}

}  // namespace

std::string host_of(std::string_view instance) {
    if (instance.starts_with('[')) {
        const auto end = instance.find(']');
        return std::string(instance.substr(1, end == instance.npos ? end : end - 1));
    }
    const auto colon = instance.rfind(':');
    const bool bare_ipv6 = colon != instance.npos && instance.find(':') != colon;
    if (colon == instance.npos || bare_ipv6) return std::string(instance);
    return std::string(instance.substr(0, colon));
}

Reading<Use> judge_use(const std::vector<Sample>& samples, const UseKind& kind,
                       const Reading<std::vector<Node>>& nodes, const Moment& moment) {
    const Parts parts(samples);
    if (const auto bad = parts.not_finite()) return *bad;
    if (parts.of("size").empty()) return missing(kind.capacity, ": is cAdvisor scraped?");
    if (parts.of("seen").empty() && parts.of("kubelet_seen").empty())
        return missing(kind.family, ": a relabel rule may drop it");
    auto table = gather(parts, NodeFinder(nodes));
    if (const auto gap = keep_the_clusters_own(table, kind, nodes, moment)) return *gap;
    auto hosts = trusted(table, kind, moment);
    if (!hosts) return Unknown{hosts.error().text};
    if (hosts->empty()) return missing(kind.family, " yet");
    Use out;
    double busy = 0;
    double size = 0;
    for (const auto& host : *hosts) {
        busy += host.busy;
        size += host.size;
    }
    out.percent = 100 * busy / size;
    out.hosts = *std::move(hosts);
    return out;
}

Reading<Use> judge_percentage(const std::vector<Sample>& samples, std::string_view query) {
    const std::string name(query);
    if (samples.empty()) return Unknown{name + " returns no result"};
    if (samples.size() > 1)
        return Unknown{name + " gives " + std::to_string(samples.size()) +
                       " series; it must return one"};
    const double percent = samples.front().value;
    if (!std::isfinite(percent)) return Unknown{name + " returns NaN or infinity"};
    if (percent < 0) return Unknown{name + " gives " + number_text(percent) + ", below 0"};
    if (percent > 100 * most_share) {
        return Unknown{name + " gives " + number_text(percent) + "%; more than 150% is impossible"};
    }
    return Use{std::min(percent, 100.0), {}};
}

}  // namespace nodenap
