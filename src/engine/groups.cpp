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
constexpr Milliseconds refusals_counted_for = 1h;
constexpr int most_refused_groups = 3;

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
    if (node.only_daemonset_pods) return true;
    // Of what else it asks for, nobody tells how much is free.
    return pod.others.empty() && fits_within(pod.requests, node.allocatable - node.requested);
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
        if (pending.unnamed() > 0) refuse(unnamed_group, is_empty);
        if (brake_of(groups_, snapshot_.now).is_on()) refuse_the_vanished();
    }

private:
    static bool is_empty(const Node& node) { return node.only_daemonset_pods; }

    /// Pods that were given up before their node could show anything leave it empty. While the
    /// brake is on that proves nothing for them, or each would open it for the next.
    void refuse_the_vanished() {
        const auto judged = groups_.judged;
        for (const auto& name : judged) refuse(name, is_empty);
    }

    template <class IsUnused>
    void refuse(const std::string& name, IsUnused is_unused) {
        const auto* group = groups_.find(name);
        if (group == nullptr) return;
        for (const auto* member : launched_for(*group, members_)) {
            if (!has_settled(*member, snapshot_) || !is_unused(*member->node)) continue;
            groups_.judged.insert(name);
            groups_.refused.insert(name);
            const auto& has = member->node->allocatable;
            auto& most = groups_.refused_by.try_emplace(name, group->refused).first->second;
            most = {std::max(most.cpu, has.cpu), std::max(most.memory, has.memory), 0};
        }
    }

    Groups& groups_;
    const Membership& members_;
    const Snapshot& snapshot_;
};

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
        if (!group->launched_epochs.empty() && !groups.judged.contains(name)) {
            brake.awaits_outcome = true;
        }
        if (!refused_at || now - *refused_at >= refusals_counted_for) continue;
        ++brake.refused_groups;
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
    if (!signals.pending.known() || !signals.nodes.known()) return groups;
    Judge(groups, members, snapshot).judge();
    return groups;
}

void note_judged_groups(Memory& memory, const Groups& groups, Time now) {
    const bool brakes = brake_of(groups, now).is_on();
    for (auto& group : memory.groups) {
        if (!groups.judged.contains(group.group)) continue;
        group.launched_epochs.clear();
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
