#include "engine/interrupted.hpp"

#include "engine/pack.hpp"
#include "engine/remaining.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <utility>

namespace nodenap {
namespace {

/// More than any kubelet runs: a larger number is a mistake of whoever told it.
constexpr std::int64_t most_pods_of_a_node = 1000;

std::int64_t share(std::int64_t sum, std::int64_t parts) {
    return std::max<std::int64_t>(0, (sum + parts - 1) / parts);
}

std::vector<PendingPod> pods_on(const Member& member) {
    const auto& node = *member.node;
    const auto own = node.requested - node.daemonset_requested;
    if (own.pods <= 0) return {};
    const Resources mean{{share(own.cpu.value, own.pods)}, {share(own.memory.value, own.pods)}, 1};
    std::vector<PendingPod> pods;
    const auto count = std::min(own.pods - node.pods_being_deleted, most_pods_of_a_node);
    for (std::int64_t i = 1; i <= count; ++i) {
        pods.push_back({member.instance->id + "/pod-" + std::to_string(i), interrupted_owner, mean,
                        std::nullopt});
    }
    return pods;
}

/// The free room of Ready nodes. A node that joined a moment ago is left out: what it takes is
/// counted with the nodes that boot.
class FreeRoom {
public:
    FreeRoom(const Membership& members, const Snapshot& snapshot)
        : members_(members), snapshot_(snapshot) {}

    /// Gives back the pods of `gone` for which there is no room, and takes up that of the others.
    std::vector<PendingPod> take(const Member& gone, std::vector<PendingPod> pods) {
        std::vector<Bin> bins;
        for (const auto* node : takers_without(members_, gone)) {
            if (is_new(node)) continue;
            bins.push_back({node->name, {}, {}, room_of(*node), {}, 0});
        }
        auto left_over = place(std::move(pods), bins);
        for (const auto& bin : bins) rooms_[bin.id] = bin.room;
        return left_over;
    }

private:
    Resources room_of(const Node& node) const {
        const auto known = rooms_.find(node.name);
        return known != rooms_.end() ? known->second : node.allocatable - node.requested;
    }

    bool is_new(const Node* node) const {
        return std::any_of(members_.members.begin(), members_.members.end(),
                           [&](const Member& member) {
                               return member.node == node && is_settling(member, snapshot_);
                           });
    }

    const Membership& members_;
    const Snapshot& snapshot_;
    std::map<std::string, Resources> rooms_;
};

}  // namespace

std::vector<PendingPod> pods_of_interrupted(const Membership& members, const Snapshot& snapshot) {
    std::vector<PendingPod> homeless;
    FreeRoom free(members, snapshot);
    for (const auto& member : members.members) {
        const bool goes = member.stage == Stage::leaving && member.instance->interrupted;
        if (!goes || member.node == nullptr) continue;
        auto left_over = free.take(member, pods_on(member));
        std::move(left_over.begin(), left_over.end(), std::back_inserter(homeless));
    }
    return homeless;
}

}  // namespace nodenap
