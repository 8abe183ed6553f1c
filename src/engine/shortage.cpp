#include "engine/shortage.hpp"

#include "engine/explain.hpp"
#include "engine/fit.hpp"
#include "engine/pack.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>
#include <utility>

namespace nodenap {
namespace {

using namespace std::chrono_literals;

/// A node that was Ready for less than this may still be given pods by the scheduler.
constexpr Milliseconds settling = 60s;

/// When the Node was first seen Ready: remembered, or just now.
Time joined_at(const Member& member, const Snapshot& snapshot) {
    const auto found = snapshot.memory.instances.find(member.instance->id);
    const bool known = found != snapshot.memory.instances.end() && found->second.joined_at;
    return known ? *found->second.joined_at : snapshot.now;
}

bool is_settling(const Member& member, const Snapshot& snapshot) {
    return member.stage == Stage::ready && snapshot.now - joined_at(member, snapshot) < settling;
}

std::vector<Bin> bins_on_their_way(const Membership& members, const Snapshot& snapshot,
                                   const Policy& policy) {
    const auto daemonsets = daemonset_overhead(snapshot);
    std::vector<Bin> bins;
    for (const auto& member : members.members) {
        const auto& offer = member.instance->offer;
        if (member.stage == Stage::booting && member.pool != nullptr && member.type != nullptr) {
            const auto room = template_allocatable(policy, *member.pool, *member.type);
            bins.push_back({member.instance->id, offer.pool, offer.instance_type,
                            room - daemonsets, {}, 0});
        } else if (member.node != nullptr && is_settling(member, snapshot)) {
            bins.push_back({member.instance->id, offer.pool, offer.instance_type,
                            member.node->allocatable - member.node->requested, {}, 0});
        }
    }
    return bins;
}

const PodGroupMemory* remembered_group(const Memory& memory, const std::string& group) {
    const auto found = std::find_if(memory.groups.begin(), memory.groups.end(),
                                    [&](const PodGroupMemory& each) { return each.group == group; });
    return found == memory.groups.end() ? nullptr : &*found;
}

std::vector<const Member*> launched_in(const Membership& members, std::int64_t epoch) {
    std::vector<const Member*> nodes;
    for (const auto& member : members.members) {
        const bool counts = member.stage == Stage::booting || member.stage == Stage::ready;
        if (counts && member.instance->epoch == epoch) nodes.push_back(&member);
    }
    return nodes;
}

bool can_be_judged(const std::vector<const Member*>& nodes, const Snapshot& snapshot) {
    return !nodes.empty() && std::all_of(nodes.begin(), nodes.end(), [&](const Member* member) {
        return member->stage == Stage::ready && member->node != nullptr &&
               !is_settling(*member, snapshot);
    });
}

bool stands_unused(const Node& node, const PendingPod& pod) {
    return node.only_daemonset_pods || fits_within(pod.requests, node.allocatable - node.requested);
}

/// Why no new node helps this pod, or empty.
std::string hopeless(const PendingPod& pod, const PodGroupMemory* group, const Snapshot& snapshot,
                     const Policy& policy) {
    if (!fits_some_type(pod, policy, daemonset_overhead(snapshot))) {
        return "asks " + shortage_text({pod}) + ", more than any type of any pool has";
    }
    if (group != nullptr && group->unplaceable_until && *group->unplaceable_until > snapshot.now) {
        return "got a node launched for it that the scheduler does not use; tried again in " +
               duration_text(*group->unplaceable_until - snapshot.now);
    }
    return {};
}

/// After a group was refused once, only one of its pods may ask for a node: one launch, one try.
class OneTryGroups {
public:
    bool waits(const std::string& group, const PodGroupMemory* memory) {
        return memory != nullptr && memory->failures > 0 && !tried_.insert(group).second;
    }

private:
    std::set<std::string> tried_;
};

bool contains(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// Sorts out the pods that no node would help or that have not waited long enough.
std::vector<PendingPod> hopeful_pods(Shortage& shortage, const Membership& members,
                                     const Snapshot& snapshot, const Policy& policy) {
    const auto refused = refused_groups(members, snapshot);
    OneTryGroups tries;
    std::vector<PendingPod> pods;
    for (const auto& pod : snapshot.signals.pending.value().pods) {
        const auto group = group_of(pod);
        const auto* memory = remembered_group(snapshot.memory, group);
        auto why = hopeless(pod, memory, snapshot, policy);
        if (why.empty() && contains(refused, group)) {
            why = "is not put by the scheduler on the node launched for it, which stands ready";
        }
        if (why.empty() && tries.waits(group, memory)) {
            why = "waits for the outcome of the one node tried for its group";
        }
        const auto waited = pod.unschedulable_since ? snapshot.now - *pod.unschedulable_since
                                                    : policy.scale_up.pending_for;
        if (!why.empty()) {
            shortage.unplaceable.push_back({pod.name, std::move(why)});
        } else if (waited < policy.scale_up.pending_for) {
            ++shortage.too_young;
        } else {
            pods.push_back(pod);
        }
    }
    return pods;
}

std::string request_text(const Resources& requests) {
    return std::to_string(requests.cpu.value) + "m CPU and " +
           std::to_string(requests.memory.value) + " MiB";
}

bool is_in_answer(const Use& use, const Member& member) {
    if (use.hosts.empty()) return member.stage == Stage::ready;
    return use_of(use, member) != nullptr;
}

/// `size_of` a member and of a Node that is not ours, in the unit of the use.
template <class SizeOfMember, class SizeOfNode>
Load load_of(const Membership& members, const Use& use, SizeOfMember size_of,
             SizeOfNode size_of_node) {
    Load load;
    for (const auto& host : use.hosts) {
        load.busy += host.busy;
        load.seen += host.size;
    }
    for (const auto& member : members.members) {
        const bool serves = member.stage == Stage::booting || member.stage == Stage::ready;
        if (serves && !is_in_answer(use, member)) load.on_the_way += size_of(member);
        if (use.hosts.empty() && member.stage == Stage::ready) load.seen += size_of(member);
    }
    if (use.hosts.empty()) {
        for (const auto* node : members.other_nodes) load.seen += size_of_node(*node);
        load.busy = load.seen * use.percent / 100;
    }
    return load;
}

}  // namespace

std::vector<std::string> judged_groups(const Membership& members, const Snapshot& snapshot) {
    std::vector<std::string> groups;
    for (const auto& group : snapshot.memory.groups) {
        if (group.launched_epoch == 0) continue;
        if (can_be_judged(launched_in(members, group.launched_epoch), snapshot)) {
            groups.push_back(group.group);
        }
    }
    return groups;
}

std::vector<std::string> refused_groups(const Membership& members, const Snapshot& snapshot) {
    std::vector<std::string> refused;
    if (!snapshot.signals.pending.known()) return refused;
    const auto judged = judged_groups(members, snapshot);
    for (const auto& pod : snapshot.signals.pending.value().pods) {
        const auto group = group_of(pod);
        if (!contains(judged, group) || contains(refused, group)) continue;
        const auto* memory = remembered_group(snapshot.memory, group);
        const auto nodes = launched_in(members, memory->launched_epoch);
        if (std::any_of(nodes.begin(), nodes.end(), [&](const Member* member) {
                return stands_unused(*member->node, pod);
            })) {
            refused.push_back(group);
        }
    }
    return refused;
}

Shortage pod_shortage(const Membership& members, const Snapshot& snapshot, const Policy& policy) {
    Shortage shortage;
    if (!snapshot.signals.pending.known()) return shortage;
    auto pods = hopeful_pods(shortage, members, snapshot, policy);
    auto bins = bins_on_their_way(members, snapshot, policy);
    shortage.pods = place(std::move(pods), bins);
    for (auto& bin : bins) {
        if (!bin.pods.empty()) shortage.placed[bin.id] = std::move(bin.pods);
    }
    const auto& pending = snapshot.signals.pending.value();
    const auto unnamed = pending.count - static_cast<std::int64_t>(pending.pods.size());
    if (unnamed > 0 && bins.empty()) shortage.unnamed = unnamed;
    if (unnamed > 0 && !bins.empty()) shortage.too_young += unnamed;
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

Load cpu_load(const Membership& members, const Use& use) {
    return load_of(members, use, cores_of, [](const Node& node) {
        return std::ceil(double(node.allocatable.cpu.value) / 1000);
    });
}

Load memory_load(const Membership& members, const Use& use) {
    return load_of(members, use, mebibytes_of,
                   [](const Node& node) { return double(node.allocatable.memory.value); });
}

}  // namespace nodenap
