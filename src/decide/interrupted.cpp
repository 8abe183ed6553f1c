#include "decide/interrupted.hpp"

#include "decide/remaining.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace nodenap {
namespace {

/// More than any kubelet runs: a larger number is a reporting error.
constexpr std::int64_t most_pods_of_a_node = 1000;

std::int64_t share(std::int64_t sum, std::int64_t parts) {
    return std::max<std::int64_t>(0, (sum + parts - 1) / parts);
}

/// Its pods ran on a node of this pool, so their selectors, tolerations and devices match it. Types
/// that are at least as large as the node come first. A type with GPUs is replaced by itself: the
/// catalogue does not have the number of GPUs.
void choose_kinds(PendingPod& pod, const Member& member, const std::vector<NodeKind>& kinds) {
    const auto& type = member.instance->offering.instance_type;
    pod.only_on.push_back(
        kind_name(member.pool->name, type));  // even if the pool no longer lists it
    for (const auto& kind : kinds) {
        const bool is_same = kind.type->name == type;
        if (kind.pool != member.pool || (has_accelerators(type) && !is_same)) continue;
        if (!is_same) pod.only_on.push_back(kind.name);
        const bool is_as_able = fits_within(member.node->allocatable, kind.allocatable);
        if (is_same || is_as_able) pod.rather_on.push_back(kind.name);
    }
}

std::vector<PendingPod> pods_on(const Member& member, const std::vector<NodeKind>& kinds) {
    const auto& node = *member.node;
    const auto own = own_requests(node);
    const auto count = std::min(own.pods - node.pods_being_deleted, most_pods_of_a_node);
    if (own.pods <= 0 || count <= 0) return {};
    const Resources mean{{share(own.cpu.value, own.pods)}, {share(own.memory.value, own.pods)}, 1};
    PendingPod pod{{}, interrupted_owner, mean, std::nullopt};
    if (member.pool != nullptr) choose_kinds(pod, member, kinds);
    std::vector<PendingPod> pods;
    for (std::int64_t i = 1; i <= count; ++i) {
        pod.name = member.instance->id + "/pod-" + std::to_string(i);
        pods.push_back(pod);
    }
    return pods;
}

Resources sum_of(const std::vector<PendingPod>& pods) {
    Resources sum;
    for (const auto& pod : pods) sum = sum + pod.requests;
    return sum;
}

/// The free resources of Ready nodes. A node that has just registered is left out: it is counted
/// with the booting nodes.
class FreeRoom {
public:
    FreeRoom(const Membership& members, const Snapshot& snapshot) : members_(members) {
        for (const auto& member : members.members) {
            if (is_settling(member, snapshot)) new_nodes_.insert(member.node);
        }
    }

    /// Whether one node has enough free resources for all of them together, which are then used up.
    /// Spread over several nodes they might not fit: their mean does not show that one of them is
    /// large.
    bool take(const Member& gone, const std::vector<PendingPod>& pods) {
        const auto asked = sum_of(pods);
        for (const auto* node : takers_of(gone)) {
            auto& room = rooms_.at(node);
            if (!fits_within(asked, room)) continue;
            room = room - asked;
            return true;
        }
        return false;
    }

private:
    using Nodes = std::vector<const Node*>;

    const Nodes& takers_of(const Member& gone) {
        const auto* apart = is_set_apart(gone) ? gone.pool : nullptr;
        const auto [found, is_first] = takers_.try_emplace(apart);
        if (!is_first) return found->second;
        found->second = takers(members_, apart);
        std::erase_if(found->second, [&](const Node* node) { return new_nodes_.contains(node); });
        for (const auto* node : found->second) {
            rooms_.try_emplace(node, node->allocatable - node->requested);
        }
        return found->second;
    }

    const Membership& members_;
    std::unordered_set<const Node*> new_nodes_;
    std::map<const Pool*, Nodes> takers_;  // by the pool with taints; null: of all others
    std::unordered_map<const Node*, Resources> rooms_;
};

}  // namespace

std::vector<PendingPod> pods_of_interrupted(const Membership& members, const Snapshot& snapshot,
                                            const std::vector<NodeKind>& kinds) {
    std::vector<PendingPod> homeless;
    FreeRoom free(members, snapshot);
    for (const auto& member : members.members) {
        const bool goes = member.stage == Stage::terminating && member.instance->interrupted;
        if (!goes || member.node == nullptr) continue;
        auto pods = pods_on(member, kinds);
        if (free.take(member, pods)) continue;
        std::move(pods.begin(), pods.end(), std::back_inserter(homeless));
    }
    return homeless;
}

}  // namespace nodenap
