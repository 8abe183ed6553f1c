#include "doctor/checks.hpp"

#include "decide/explain.hpp"

#include <algorithm>
#include <array>

namespace nodenap {
namespace {

/// Kubernetes supports a kubelet three minor versions older than its server.
constexpr int supported_minors = 3;
constexpr int fine_minors = 1;

/// "v1.34.4+k3s1" without what K3s adds.
struct Version {
    int major = 0;
    int minor = 0;
    int patch = 0;
    friend auto operator<=>(const Version&, const Version&) = default;
};

/// The number at the beginning of `text`, which then begins behind it and one dot.
std::optional<int> take_number(std::string_view& text) {
    constexpr std::size_t most_digits = 6;
    int number = 0;
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
        if (digits == most_digits) return std::nullopt;
        number = number * 10 + (text[digits++] - '0');
    }
    if (digits == 0) return std::nullopt;
    text.remove_prefix(digits);
    if (text.starts_with('.')) text.remove_prefix(1);
    return number;
}

std::optional<Version> version_of(std::string_view text) {
    if (text.starts_with('v')) text.remove_prefix(1);
    const auto major = take_number(text);
    const auto minor = take_number(text);
    const auto patch = take_number(text);
    if (!major || !minor || !patch) return std::nullopt;
    return Version{*major, *minor, *patch};
}

/// The oldest server's: a cluster in the middle of an upgrade has several.
std::optional<std::string> server_version(const std::vector<NodeVersion>& nodes,
                                          const std::string& api_version) {
    std::optional<std::string> oldest;
    for (const NodeVersion& node : nodes) {
        if (!node.server || !version_of(node.version)) continue;
        if (!oldest || version_of(node.version) < version_of(*oldest)) oldest = node.version;
    }
    if (!oldest && version_of(api_version)) return api_version;
    return oldest;
}

/// "a (v1.34.1), b (v1.34.1) and 3 more".
struct Named {
    std::string text;
    int count = 0;
    void add(const NodeVersion& node) {
        constexpr int most_named = 3;
        if (++count > most_named) return;
        text += (text.empty() ? "" : ", ") + node.node + " (" + node.version + ")";
    }
    std::string list() const {
        constexpr int most_named = 3;
        return count > most_named ? text + " and " + std::to_string(count - most_named) + " more"
                                  : text;
    }
};

struct Skew {
    Named newer;
    Named unsupported;
    Named older;
    int workers = 0;
};

Skew skew_of(const std::vector<NodeVersion>& nodes, const Version& server) {
    Skew skew;
    for (const NodeVersion& node : nodes) {
        const auto own = version_of(node.version);
        if (node.server || !own) continue;
        ++skew.workers;
        const int minors = server.major == own->major ? server.minor - own->minor : 0;
        if (*own > server) skew.newer.add(node);
        if (minors > supported_minors) skew.unsupported.add(node);
        if (minors > fine_minors && minors <= supported_minors) skew.older.add(node);
    }
    return skew;
}

/// The family's letters: "t" of "t3.small", "inf" of "inf2.xlarge".
bool is_standard(std::string_view type) {
    static constexpr std::array<std::string_view, 5> others = {"dl", "hpc", "inf", "mac", "trn"};
    const std::string_view letters = type.substr(0, type.find_first_of("0123456789"));
    return std::ranges::find(others, letters) == others.end() && !letters.empty() &&
           std::string_view("acdhimrtz").find(letters.front()) != std::string_view::npos;
}

bool may_buy(const Pool& pool, Capacity capacity) {
    if (pool.capacity == CapacityChoice::spot_then_on_demand) return true;
    return (pool.capacity == CapacityChoice::spot) == (capacity == Capacity::spot);
}

}  // namespace

CheckResult judge_versions(const std::vector<NodeVersion>& nodes, const std::string& api_version) {
    const auto server = server_version(nodes, api_version);
    if (!server) {
        return {CheckStatus::not_checked,
                "no server version in Prometheus (kube_node_info of a control-plane node, or "
                "kubernetes_build_info)"};
    }
    const Skew skew = skew_of(nodes, *version_of(*server));
    const std::string behind = "; the server has " + *server;
    if (skew.newer.count > 0) {
        return {CheckStatus::failed, "newer than the server: " + skew.newer.list() + behind,
                "Upgrade the server first, or pin the workers' K3s to its version."};
    }
    if (skew.unsupported.count > 0) {
        return {CheckStatus::failed,
                "more than three minor versions older: " + skew.unsupported.list() + behind,
                "Replace these workers with new ones: Kubernetes does not support them."};
    }
    if (skew.older.count > 0) {
        return {CheckStatus::warning,
                "more than one minor version older: " + skew.older.list() + behind,
                "Replace these workers with new ones before the next upgrade of the server."};
    }
    return {CheckStatus::ok, "the server has " + *server + ", and " +
                                 counted(skew.workers, "worker") +
                                 (skew.workers == 1 ? " fits" : " fit")};
}

int most_standard_vcpus(const Policy& policy, Capacity capacity) {
    int largest = 0;
    int nodes = 0;
    for (const Pool& pool : policy.pools) {
        if (!may_buy(pool, capacity)) continue;
        bool counts = false;
        for (const std::string& name : pool.instance_types) {
            const InstanceType* type = find_type(policy, name);
            if (type == nullptr || !is_standard(name)) continue;
            largest = std::max(largest, type->vcpu);
            counts = true;
        }
        if (counts) nodes += pool.max_nodes;
    }
    return largest * std::min(nodes, policy.limits.max_nodes);
}

CheckResult judge_quota(double allowed_vcpus, int wanted_vcpus) {
    const std::string seen = number_text(allowed_vcpus) + " vCPUs allowed, up to " +
                             std::to_string(wanted_vcpus) + " wanted by [limits] max_nodes";
    if (allowed_vcpus >= wanted_vcpus) return {CheckStatus::ok, seen};
    return {CheckStatus::warning, seen,
            "Ask AWS for a higher quota (Service Quotas, Amazon EC2), or lower max_nodes: EC2 "
            "refuses what goes beyond it, and the server and other instances count too."};
}

}  // namespace nodenap
