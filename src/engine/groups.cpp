#include "engine/groups.hpp"

#include "engine/fit.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

namespace nodenap {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds first_unplaceable = 10min;
constexpr Milliseconds longest_unplaceable = 2h;

using Nodes = std::vector<const Member*>;

Nodes launched_for(const PodGroupMemory& group, const Membership& members) {
    Nodes nodes;
    const auto& epochs = group.launched_epochs;
    for (const auto& member : members.members) {
        const bool counts = member.stage == Stage::booting || member.stage == Stage::ready;
        const bool is_one =
            std::find(epochs.begin(), epochs.end(), member.instance->epoch) != epochs.end();
        if (counts && is_one) nodes.push_back(&member);
    }
    return nodes;
}

bool has_settled(const Member& member, const Snapshot& snapshot) {
    return member.stage == Stage::ready && !is_settling(member, snapshot);
}

/// A node that nothing uses, or that the pod would fit on: one more of its kind does not help.
bool stands_unused(const Node& node, const PendingPod& pod) {
    return node.only_daemonset_pods || fits_within(pod.requests, node.allocatable - node.requested);
}

/// One node that stands ready and unused is enough to refuse a group, whatever else still boots
/// for it; that it was served is known when all of them stand ready.
class Judge {
public:
    Judge(Groups& groups, const Membership& members, const Snapshot& snapshot)
        : groups_(groups), members_(members), snapshot_(snapshot) {}

    void judge() {
        for (const auto& group : snapshot_.memory.groups) {
            const auto nodes = launched_for(group, members_);
            const bool all_settled =
                std::all_of(nodes.begin(), nodes.end(),
                            [&](const Member* node) { return has_settled(*node, snapshot_); });
            if (!nodes.empty() && all_settled) groups_.judged.insert(group.group);
        }
        const auto& pending = snapshot_.signals.pending.value();
        for (const auto& pod : pending.pods) {
            refuse(group_of(pod), [&](const Node& node) { return stands_unused(node, pod); });
        }
        if (pending.unnamed() == 0) return;
        refuse(unnamed_group, [](const Node& node) { return node.only_daemonset_pods; });
    }

private:
    template <class IsUnused>
    void refuse(const std::string& name, IsUnused is_unused) {
        const auto* group = groups_.find(name);
        if (group == nullptr) return;
        for (const auto* member : launched_for(*group, members_)) {
            if (!has_settled(*member, snapshot_) || !is_unused(*member->node)) continue;
            groups_.judged.insert(name);
            groups_.refused.insert(name);
        }
    }

    Groups& groups_;
    const Membership& members_;
    const Snapshot& snapshot_;
};

}  // namespace

const PodGroupMemory* Groups::find(const std::string& group) const {
    const auto found = remembered.find(group);
    return found == remembered.end() ? nullptr : found->second;
}

Groups groups_of(const Membership& members, const Snapshot& snapshot) {
    Groups groups;
    for (const auto& group : snapshot.memory.groups) groups.remembered[group.group] = &group;
    const auto& signals = snapshot.signals;
    if (!signals.pending.known() || !signals.nodes.known()) return groups;
    Judge(groups, members, snapshot).judge();
    return groups;
}

void note_judged_groups(Memory& memory, const Groups& groups, Time now) {
    for (auto& group : memory.groups) {
        if (!groups.judged.contains(group.group)) continue;
        group.launched_epochs.clear();
        if (groups.refused.contains(group.group)) {
            group.unplaceable_until =
                now + doubled(first_unplaceable, group.failures, longest_unplaceable);
            ++group.failures;
        } else {
            group.failures = 0;
            group.unplaceable_until.reset();
        }
    }
}

void note_launched_groups(Memory& memory, std::set<std::string> launched, std::int64_t epoch) {
    for (auto& group : memory.groups) {
        if (launched.erase(group.group) == 0) continue;
        auto& epochs = group.launched_epochs;
        if (epochs.empty() || epochs.back() != epoch) epochs.push_back(epoch);
    }
    for (const auto& group : launched) memory.groups.push_back({group, {epoch}, std::nullopt, 0});
    std::sort(memory.groups.begin(), memory.groups.end(),
              [](const PodGroupMemory& a, const PodGroupMemory& b) { return a.group < b.group; });
}

void forget_groups(Memory& memory, const Membership& members, Time now, std::int64_t epoch) {
    const auto has_nodes = [&](std::int64_t launched) {
        return launched == epoch ||
               !launched_for({{}, {launched}, std::nullopt, 0}, members).empty();
    };
    std::erase_if(memory.groups, [&](PodGroupMemory& group) {
        std::erase_if(group.launched_epochs,
                      [&](std::int64_t launched) { return !has_nodes(launched); });
        const bool refused =
            group.unplaceable_until && now - *group.unplaceable_until < longest_unplaceable;
        return !refused && group.launched_epochs.empty();
    });
}

}  // namespace nodenap
