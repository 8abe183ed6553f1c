#include "decide/groups.hpp"

#include "decide/backoff.hpp"
#include "decide/fit.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace nodenap {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds first_unplaceable = 10min;
constexpr Milliseconds longest_unplaceable = 2h;
constexpr Milliseconds refusals_counted_for = 1h;
constexpr int most_refused_groups = 3;

using Nodes = std::vector<const Member*>;

/// Nodes that are booting or Ready, by the epoch that launched them.
class LaunchedNodes {
public:
    explicit LaunchedNodes(const Membership& members) {
        for (const auto& member : members.members) {
            const bool counts = member.stage == Stage::booting || member.stage == Stage::ready;
            if (counts) by_epoch_[member.instance->epoch].push_back(&member);
        }
    }

    bool any_in(std::int64_t epoch) const { return by_epoch_.contains(epoch); }
    Nodes for_group(const PodGroupMemory& group) const {
        Nodes nodes;
        for (const auto epoch :
             std::set(group.launched_epochs.begin(), group.launched_epochs.end())) {
            const auto found = by_epoch_.find(epoch);
            if (found != by_epoch_.end())
                nodes.insert(nodes.end(), found->second.begin(), found->second.end());
        }
        return nodes;
    }

private:
    std::map<std::int64_t, Nodes> by_epoch_;
};

/// For a disputed one it is unknown which of the Nodes is its.
bool is_seen_ready(const Member& member) {
    return member.stage == Stage::ready && member.node != nullptr;
}

bool has_settled(const Member& member, const Snapshot& snapshot) {
    return is_seen_ready(member) && !is_settling(member, snapshot);
}

/// An unused node, or one that the pod would fit on: one more of its kind does not help.
bool stands_unused(const Node& node, const PendingPod& pod) {
    if (node.only_daemonset_pods) return true;
    // For other requested resources it is unknown how much is free.
    return pod.others.empty() && fits_within(pod.requests, node.allocatable - node.requested);
}

bool is_empty(const Node& node) { return node.only_daemonset_pods && node.unlisted_pods == 0; }

bool is_in_use(const Member* member) {
    if (!is_seen_ready(*member)) return false;
    const auto& node = *member->node;
    return node.requested.pods > node.daemonset_requested.pods || node.unlisted_pods > 0;
}

std::set<std::string> waiting_groups(const Pending& pending) {
    std::set<std::string> groups;
    for (const auto& pod : pending.pods) groups.insert(group_of(pod));
    if (pending.unnamed() > 0) groups.insert(unnamed_group);
    return groups;
}

/// The group was refused because its pods vanished, and is not tried again yet.
bool verdict_stands(const PodGroupMemory& group, Time now) {
    return group.pods_vanished && group.unplaceable_until && *group.unplaceable_until > now;
}

/// One Ready and unused node is enough to refuse a group with pending pods, even if others are
/// booting for it; such a group counts as served once all its nodes are Ready.
class Judge {
public:
    Judge(Groups& groups, const Membership& members, const Snapshot& snapshot)
        : groups_(groups), snapshot_(snapshot) {
        const LaunchedNodes launched(members);
        for (const auto& group : snapshot.memory.groups) {
            nodes_[group.group] = launched.for_group(group);
        }
    }

    void judge() {
        const auto& pending = snapshot_.signals.pending.value();
        const auto waiting = waiting_groups(pending);
        for (const auto& group : snapshot_.memory.groups) {
            const auto& nodes = nodes_.at(group.group);
            waiting.contains(group.group) ? judge_settled(group, nodes)
                                          : judge_vanished(group, nodes);
        }
        for (const auto& pod : pending.pods) {
            refuse_if(group_of(pod), [&](const Node& node) { return stands_unused(node, pod); });
        }
        if (pending.unnamed() > 0) refuse_if(unnamed_group, is_empty);
    }

private:
    void judge_settled(const PodGroupMemory& group, const Nodes& nodes) {
        const bool all_settled = std::ranges::all_of(
            nodes, [&](const Member* node) { return has_settled(*node, snapshot_); });
        if (!nodes.empty() && all_settled) groups_.judged.insert(group.group);
    }

    /// Its pods run, or were deleted before any node helped them (a Job's deadline, an owner that
    /// gives up). A scheduled pod is listed on its node at once, so a Ready node needs no time to
    /// settle: if none is in use, the launch did not help.
    void judge_vanished(const PodGroupMemory& group, const Nodes& nodes) {
        if (std::ranges::any_of(nodes, is_in_use)) {
            groups_.judged.insert(group.group);
            return;
        }
        if (group.pods_vanished) return;
        for (const auto* member : nodes) {
            if (!is_seen_ready(*member) || !is_empty(*member->node)) continue;
            groups_.vanished.insert(group.group);
            refuse(group, *member->node);
        }
        // If a node has no pod at all, not even a DaemonSet's, it is unknown what runs there.
        judge_settled(group, nodes);
    }

    void refuse(const PodGroupMemory& group, const Node& unused) {
        groups_.judged.insert(group.group);
        groups_.refused.insert(group.group);
        const auto& has = unused.allocatable;
        auto& most = groups_.refused_by.try_emplace(group.group, group.refused).first->second;
        most = {std::max(most.cpu, has.cpu), std::max(most.memory, has.memory), 0};
    }

    template <class IsUnused>
    void refuse_if(const std::string& name, IsUnused is_unused) {
        const auto* group = groups_.find(name);
        if (group == nullptr) return;
        for (const auto* member : nodes_.at(name)) {
            if (!has_settled(*member, snapshot_) || !is_unused(*member->node)) continue;
            if (verdict_stands(*group, snapshot_.now)) {
                groups_.judged.erase(name);
                return;
            }
            refuse(*group, *member->node);
        }
    }

    Groups& groups_;
    const Snapshot& snapshot_;
    std::map<std::string, Nodes> nodes_;  // that were launched for each group
};

/// Nodes that have registered, or must have, and are not reported: they may be unused.
void note_unjudged(Groups& groups, const Membership& members, const Snapshot& snapshot) {
    const auto waiting = waiting_groups(snapshot.signals.pending.value());
    const LaunchedNodes launched(members);
    for (const auto& group : snapshot.memory.groups) {
        const auto nodes = launched.for_group(group);
        const bool is_up = std::ranges::any_of(
            nodes, [](const Member* member) { return member->stage == Stage::ready; });
        if (is_up && waiting.contains(group.group)) groups.unjudged.insert(group.group);
    }
}

std::optional<Time> last_refusal(const PodGroupMemory& group) {
    if (group.failures <= 0 || !group.unplaceable_until) return std::nullopt;
    return *group.unplaceable_until -
           doubled(first_unplaceable, group.failures - 1, longest_unplaceable);
}

}  // namespace

bool Brake::is_on() const { return refused_groups >= most_refused_groups; }

Brake brake_of(const Groups& groups, Time now) {
    Brake brake;
    for (const auto& [name, group] : groups.remembered) {
        const bool refused_now = groups.refused.contains(name);
        const auto refused_at = refused_now ? now : last_refusal(*group);
        const bool is_open = !group->launched_epochs.empty() && !group->pods_vanished;
        if (is_open && !groups.judged.contains(name)) brake.awaits_outcome = true;
        if (groups.unjudged.contains(name)) ++brake.refused_groups;
        if (!refused_at || now - *refused_at >= refusals_counted_for) continue;
        if (!groups.unjudged.contains(name)) ++brake.refused_groups;
        brake.rests_for = std::max(brake.rests_for, *refused_at + first_unplaceable - now);
    }
    return brake;
}

const PodGroupMemory* Groups::find(const std::string& group) const {
    const auto found = remembered.find(group);
    return found == remembered.end() ? nullptr : found->second;
}

bool Groups::served(const std::string& group) const {
    const auto* memory = find(group);
    if (memory == nullptr || refused.contains(group)) return false;
    return judged.contains(group) || (memory->failures == 0 && memory->unplaceable_until);
}

Groups groups_of(const Membership& members, const Snapshot& snapshot) {
    Groups groups;
    for (const auto& group : snapshot.memory.groups) groups.remembered[group.group] = &group;
    const auto& signals = snapshot.signals;
    if (!signals.pending.known()) return groups;
    if (signals.nodes.known()) {
        Judge(groups, members, snapshot).judge();
    } else {
        note_unjudged(groups, members, snapshot);
    }
    return groups;
}

void note_judged_groups(Memory& memory, const Groups& groups, Time now) {
    const bool brakes = brake_of(groups, now).is_on();
    for (auto& group : memory.groups) {
        if (!groups.judged.contains(group.group)) continue;
        group.pods_vanished = groups.vanished.contains(group.group);
        if (!group.pods_vanished) group.launched_epochs.clear();
        if (groups.refused.contains(group.group)) {
            group.unplaceable_until =
                now + doubled(first_unplaceable, group.failures, longest_unplaceable);
            ++group.failures;
            const auto by = groups.refused_by.find(group.group);
            if (by != groups.refused_by.end()) group.refused = by->second;
        } else {
            group.failures = 0;
            group.refused = {};
            group.unplaceable_until = brakes ? std::optional(now) : std::nullopt;
        }
    }
}

void note_launched_groups(Memory& memory, std::set<std::string> launched, std::int64_t epoch) {
    for (auto& group : memory.groups) {
        if (launched.erase(group.group) == 0) continue;
        auto& epochs = group.launched_epochs;
        if (std::exchange(group.pods_vanished, false)) epochs.clear();
        if (epochs.empty() || epochs.back() != epoch) epochs.push_back(epoch);
    }
    for (const auto& group : launched) memory.groups.push_back({group, {epoch}, std::nullopt, 0});
    std::sort(memory.groups.begin(), memory.groups.end(),
              [](const PodGroupMemory& a, const PodGroupMemory& b) { return a.group < b.group; });
}

void forget_groups(Memory& memory, const Membership& members, Time now, std::int64_t epoch) {
    const LaunchedNodes nodes(members);
    std::erase_if(memory.groups, [&](PodGroupMemory& group) {
        std::erase_if(group.launched_epochs,
                      [&](std::int64_t each) { return each != epoch && !nodes.any_in(each); });
        const bool refused =
            group.unplaceable_until && now - *group.unplaceable_until < longest_unplaceable;
        return !refused && group.launched_epochs.empty();
    });
}

}  // namespace nodenap
