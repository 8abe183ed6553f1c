#include "decide/other_resources.hpp"

#include <algorithm>

namespace nodenap {
namespace {

bool is_storage(const std::string& resource) { return resource == "ephemeral_storage"; }
bool is_of_the_pool(const std::string& resource) {
    return is_storage(resource) || resource.starts_with("hugepages_");
}

/// The Kubernetes name, as far as it can be derived from kube-state-metrics'.
std::string kubernetes_name(std::string name) {
    for (const char* domain : {"com", "io"}) {
        const auto at = name.find("_" + std::string(domain) + "_");
        if (at == name.npos) continue;
        std::replace(name.begin(), name.begin() + static_cast<std::ptrdiff_t>(at), '_', '.');
        return name.substr(0, at) + "." + domain + "/" +
               name.substr(at + std::string(domain).size() + 2);
    }
    std::replace(name.begin(), name.end(), '_', '-');
    return name;
}

std::string request_text(const OtherResource& asked) {
    constexpr std::int64_t mebibyte = 1 << 20;
    const auto name = kubernetes_name(asked.name);
    if (!is_of_the_pool(asked.name)) return std::to_string(asked.amount) + " " + name;
    return std::to_string((asked.amount + mebibyte - 1) / mebibyte) + " MiB " + name;
}

void raise(std::map<std::string, std::int64_t>& most, const OtherResource& has) {
    auto& amount = most[has.name];
    amount = std::max(amount, has.amount);
}

bool has_enough(const std::map<std::string, std::int64_t>& amounts, const OtherResource& asked) {
    const auto found = amounts.find(asked.name);
    return found != amounts.end() && found->second >= asked.amount;
}

}  // namespace

OtherResources::OtherResources(const Membership& members, const Snapshot& snapshot,
                               Milliseconds settled) {
    std::map<std::string, std::vector<const OtherResource*>> by_node;
    const auto& pending = snapshot.signals.pending;
    if (pending.known()) {
        for (const auto& each : pending.value().others) by_node[each.node].push_back(&each.has);
    }
    for (const auto& member : members.members) {
        if (member.stage != Stage::ready || member.node == nullptr) continue;
        const auto& offering = member.instance->offering;
        const auto kind = kind_name(offering.pool, offering.instance_type);
        for (const auto* has : by_node[member.node->name]) {
            raise(of_kind_[kind], *has);
            raise(of_pool_[offering.pool], *has);
        }
        if (snapshot.now - member.node->created_at < settled) continue;
        told_.insert({kind, offering.pool});
    }
}

bool OtherResources::may_have(const OtherResource& asked, const NodeKind& kind) const {
    const auto amounts = [](const auto& all, const std::string& name) {
        const auto found = all.find(name);
        return found == all.end() ? Amounts{} : found->second;
    };
    if (has_enough(amounts(of_kind_, kind.name), asked)) return true;
    if (told_.contains(kind.name)) return false;
    const auto& pool = kind.pool->name;
    if (is_of_the_pool(asked.name)) {
        return has_enough(amounts(of_pool_, pool), asked) || !told_.contains(pool);
    }
    const char family = kind.type->name.front();
    return asked.name != "nvidia_com_gpu" || family == 'g' || family == 'p';
}

bool OtherResources::may_have(const PendingPod& pod, const NodeKind& kind) const {
    return std::all_of(pod.others.begin(), pod.others.end(),
                       [&](const OtherResource& asked) { return may_have(asked, kind); });
}

std::string OtherResources::why_no_kind_has(const PendingPod& pod,
                                            const std::vector<NodeKind>& kinds) const {
    for (const auto& asked : pod.others) {
        const bool some_has = std::any_of(kinds.begin(), kinds.end(), [&](const NodeKind& kind) {
            return may_have(asked, kind);
        });
        if (!some_has) return "requests " + request_text(asked) + ", which no pool has";
    }
    return {};
}

}  // namespace nodenap
