#include "engine/shortage.hpp"

#include "engine/explain.hpp"
#include "engine/fit.hpp"
#include "engine/groups.hpp"
#include "engine/interrupted.hpp"
#include "engine/pack.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace nodenap {
namespace {

Resources at_least_zero(Resources room) {
    return {std::max(room.cpu, Millicores{}), std::max(room.memory, Mebibytes{}),
            std::max(room.pods, std::int64_t{0})};
}

/// What a node that boots or has just joined will have for pods. Its pool's template says it while
/// the young Node does not yet.
Resources room_on_its_way(const Member& member, const Snapshot& snapshot, const Policy& policy) {
    const auto daemonsets = daemonset_overhead(snapshot, *member.pool);
    const auto from_template = template_allocatable(policy, *member.pool, *member.type);
    if (member.stage == Stage::booting) return from_template - daemonsets;
    const auto& node = *member.node;
    const auto& said = node.allocatable;
    const bool says_all = said.cpu.value > 0 && said.memory.value > 0 && said.pods > 0;
    return (says_all ? said : from_template) - node.requested -
           at_least_zero(daemonsets - node.daemonset_requested);
}

std::vector<Bin> bins_on_their_way(const Membership& members, const Snapshot& snapshot,
                                   const Policy& policy) {
    std::vector<Bin> bins;
    for (const auto& member : members.members) {
        const bool is_new = member.node != nullptr && is_settling(member, snapshot);
        if (member.stage != Stage::booting && !is_new) continue;
        if (member.pool == nullptr || member.type == nullptr) continue;
        bins.push_back({member.instance->id,
                        member.pool->name,
                        member.type->name,
                        room_on_its_way(member, snapshot, policy),
                        {},
                        0});
    }
    return bins;
}

/// Takes the waiting pods one by one, always in the same order, and sorts out those that no new
/// node helps and those that have not waited for long enough.
class Sieve {
public:
    Sieve(const Membership& members, const Snapshot& snapshot, const Policy& policy)
        : now_(snapshot.now),
          pending_for_(policy.scale_up.pending_for),
          groups_(groups_of(members, snapshot)),
          rooms_(rooms_of_new_nodes(snapshot, policy)) {}

    void take(const PendingPod& pod, Shortage& shortage, std::vector<PendingPod>& hopeful) {
        auto why = why_no_node_helps(pod);
        const auto waited =
            pod.unschedulable_since ? now_ - *pod.unschedulable_since : pending_for_;
        if (!why.empty()) {
            shortage.unplaceable.push_back({pod.name, std::move(why)});
        } else if (std::max(waited, Milliseconds{0}) < pending_for_) {
            ++shortage.too_young;
        } else if (is_behind_another(group_of(pod))) {
            shortage.unplaceable.push_back(
                {pod.name, "waits for the outcome of the one node tried for its group"});
        } else {
            hopeful.push_back(pod);
        }
    }

    /// Once the brake is on, one pod of all that no node was proven for may ask for a node: the one
    /// whose group was refused least, then the one that waits longest.
    void hold_back(Shortage& shortage) const {
        const auto brake = brake_of(groups_, now_);
        if (!brake.is_on()) return;
        auto pods = std::exchange(shortage.pods, {});
        const auto held = std::stable_partition(
            pods.begin(), pods.end(),
            [&](const PendingPod& pod) { return groups_.served(group_of(pod)); });
        shortage.pods.assign(pods.begin(), held);
        const auto next = brake.allows_a_node() ? first_to_try(held, pods.end()) : pods.end();
        for (auto pod = held; pod != pods.end(); ++pod) {
            if (pod == next) {
                shortage.pods.push_back(*pod);
            } else {
                shortage.unplaceable.push_back({pod->name, why_braked(brake)});
            }
        }
    }

    void take_unnamed(std::int64_t count, bool nodes_are_on_their_way, Shortage& shortage) const {
        auto why = why_group_is_refused(unnamed_group);
        if (count == 0) return;
        if (!why.empty()) {
            shortage.unplaceable.push_back({counted(count, "unnamed pod"), std::move(why)});
        } else {
            (nodes_are_on_their_way ? shortage.unnamed_placed : shortage.unnamed) = count;
        }
    }

private:
    std::string why_no_node_helps(const PendingPod& pod) const {
        if (!fits_in_any(pod, rooms_)) {
            return "asks " + shortage_text({pod}) + ", more than any type of any pool has";
        }
        return why_group_is_refused(group_of(pod));
    }

    std::string why_group_is_refused(const std::string& group) const {
        const auto* memory = groups_.find(group);
        if (memory != nullptr && memory->unplaceable_until && *memory->unplaceable_until > now_) {
            return "got a node launched for it that the scheduler does not use; tried again in " +
                   duration_text(*memory->unplaceable_until - now_);
        }
        if (!groups_.refused.contains(group)) return {};
        return "is not put by the scheduler on the node launched for it, which stands ready";
    }

    /// After a group was refused once, only one of its pods may ask for a node: one launch, one
    /// try.
    bool is_behind_another(const std::string& group) {
        const auto* memory = groups_.find(group);
        return memory != nullptr && memory->failures > 0 && !tried_.insert(group).second;
    }

    int failures_of(const PendingPod& pod) const {
        const auto* memory = groups_.find(group_of(pod));
        return memory == nullptr ? 0 : memory->failures;
    }

    using Position = std::vector<PendingPod>::iterator;
    Position first_to_try(Position first, Position last) const {
        return std::min_element(first, last, [&](const PendingPod& a, const PendingPod& b) {
            return std::pair(failures_of(a), a.unschedulable_since) <
                   std::pair(failures_of(b), b.unschedulable_since);
        });
    }

    static std::string why_braked(const Brake& brake) {
        auto text = counted(brake.refused_groups, "group") +
                    " of pods got nodes within an hour that the scheduler does not use, so all "
                    "others share one node at a time";
        if (brake.awaits_outcome) return text + "; one is being tried";
        if (brake.rests_for.count() <= 0) return text + "; another pod is tried first";
        return text + "; the next is tried in " + duration_text(brake.rests_for);
    }

    Time now_;
    Milliseconds pending_for_;
    Groups groups_;
    std::vector<Resources> rooms_;
    std::set<std::string> tried_;
};

std::vector<PendingPod> by_name(std::vector<PendingPod> pods) {
    std::sort(pods.begin(), pods.end(),
              [](const PendingPod& a, const PendingPod& b) { return a.name < b.name; });
    return pods;
}

std::string request_text(const Resources& requests) {
    return std::to_string(requests.cpu.value) + "m CPU and " +
           std::to_string(requests.memory.value) + " MiB";
}

}  // namespace

Shortage pod_shortage(const Membership& members, const Snapshot& snapshot, const Policy& policy) {
    Shortage shortage;
    auto hopeful = pods_of_interrupted(members, snapshot);
    const auto pending =
        snapshot.signals.pending.known() ? snapshot.signals.pending.value() : Pending{};
    if (hopeful.empty() && pending.pods.empty() && pending.unnamed() == 0) return shortage;
    Sieve sieve(members, snapshot, policy);
    for (const auto& pod : by_name(pending.pods)) sieve.take(pod, shortage, hopeful);
    auto bins = bins_on_their_way(members, snapshot, policy);
    sieve.take_unnamed(pending.unnamed(), !bins.empty(), shortage);
    shortage.pods = place(std::move(hopeful), bins);
    sieve.hold_back(shortage);
    for (auto& bin : bins) {
        if (!bin.pods.empty()) shortage.placed[bin.id] = std::move(bin.pods);
    }
    return shortage;
}

std::string shortage_text(const std::vector<PendingPod>& pods) {
    if (pods.empty()) return "their sizes are not known";
    std::map<Resources, int> sizes;
    for (const auto& pod : pods) ++sizes[pod.requests];
    constexpr std::size_t shown = 2;
    std::string text;
    std::size_t index = 0;
    for (auto size = sizes.rbegin(); size != sizes.rend() && index < shown; ++size, ++index) {
        if (index > 0) text += ", ";
        if (size->second > 1) text += std::to_string(size->second) + " × ";
        text += request_text(size->first);
    }
    return sizes.size() > shown ? text + " and others" : text;
}

}  // namespace nodenap
