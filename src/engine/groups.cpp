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

Nodes launched_in(const Membership& members, std::int64_t epoch) {
    Nodes nodes;
    for (const auto& member : members.members) {
        const bool counts = member.stage == Stage::booting || member.stage == Stage::ready;
        if (counts && member.instance->epoch == epoch) nodes.push_back(&member);
    }
    return nodes;
}

bool can_be_judged(const Nodes& nodes, const Snapshot& snapshot) {
    return !nodes.empty() && std::all_of(nodes.begin(), nodes.end(), [&](const Member* member) {
        return member->stage == Stage::ready && !is_settling(*member, snapshot);
    });
}

/// A node that nothing uses, or that the pod would fit on: one more of its kind does not help.
bool stands_unused(const Node& node, const PendingPod& pod) {
    return node.only_daemonset_pods || fits_within(pod.requests, node.allocatable - node.requested);
}

void judge(Groups& groups, const Membership& members, const Pending& pending) {
    const auto refuses = [&](const std::string& group, const auto& is_unused) {
        if (!groups.judged.contains(group)) return;
        const auto nodes = launched_in(members, groups.find(group)->launched_epoch);
        if (std::any_of(nodes.begin(), nodes.end(), is_unused)) groups.refused.insert(group);
    };
    for (const auto& pod : pending.pods) {
        refuses(group_of(pod), [&](const Member* node) { return stands_unused(*node->node, pod); });
    }
    if (pending.unnamed() == 0) return;
    refuses(unnamed_group, [](const Member* node) { return node->node->only_daemonset_pods; });
}

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
    for (const auto& group : snapshot.memory.groups) {
        const bool was_served = group.launched_epoch != 0;
        if (was_served && can_be_judged(launched_in(members, group.launched_epoch), snapshot)) {
            groups.judged.insert(group.group);
        }
    }
    judge(groups, members, signals.pending.value());
    return groups;
}

void note_judged_groups(Memory& memory, const Groups& groups, Time now) {
    for (auto& group : memory.groups) {
        if (!groups.judged.contains(group.group)) continue;
        group.launched_epoch = 0;
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
        if (launched.erase(group.group) > 0) group.launched_epoch = epoch;
    }
    for (const auto& group : launched) memory.groups.push_back({group, epoch, std::nullopt, 0});
    std::sort(memory.groups.begin(), memory.groups.end(),
              [](const PodGroupMemory& a, const PodGroupMemory& b) { return a.group < b.group; });
}

void forget_groups(Memory& memory, const Membership& members, Time now, std::int64_t epoch) {
    std::erase_if(memory.groups, [&](const PodGroupMemory& group) {
        const bool refused =
            group.unplaceable_until && now - *group.unplaceable_until < longest_unplaceable;
        const bool has_nodes =
            group.launched_epoch != 0 &&
            (group.launched_epoch == epoch || !launched_in(members, group.launched_epoch).empty());
        return !refused && !has_nodes;
    });
}

}  // namespace nodenap
