#include "decide/shortage.hpp"

#include "decide/explain.hpp"
#include "decide/fit.hpp"
#include "decide/groups.hpp"
#include "decide/interrupted.hpp"
#include "decide/other_resources.hpp"
#include "scheduling/pack.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace nodenap {
namespace {

using namespace std::chrono_literals;

/// How long to wait for a claim whose volumeBindingMode is unknown.
constexpr Milliseconds claims_bind_within = 60s;

/// Why a claim keeps its pod off every new node; empty if it does not.
std::string why_no_new_node_has(const HinderingClaim& claim) {
    const auto needs = "needs PersistentVolumeClaim " + claim.name;
    switch (claim.state) {
        case ClaimState::lost:
            return needs + ", which is Lost: its volume is gone";
        case ClaimState::missing:
            return needs + ", which does not exist";
        case ClaimState::on_a_node:
            return needs + ", whose volume is on the disk of one node: no new node has it";
        case ClaimState::unbound:
            return {};
    }
    return {};
}

Resources at_least_zero(Resources room) {
    return {std::max(room.cpu, Millicores{}), std::max(room.memory, Mebibytes{}),
            std::max(room.pods, std::int64_t{0})};
}

/// The resources for pods of a booting or just registered node: from its kind until its Node
/// reports them.
Resources booting_room(const Member& member, const NodeKind& kind) {
    if (member.stage == Stage::booting) return kind.room;
    const auto& node = *member.node;
    const auto& said = node.allocatable;
    const bool says_all = said.cpu.value > 0 && said.memory.value > 0 && said.pods > 0;
    const auto daemonsets = kind.allocatable - kind.room;
    return (says_all ? said : kind.allocatable) - node.requested -
           at_least_zero(daemonsets - node.daemonset_requested);
}

/// The resources of pods that are about to end on a Ready node count like booting capacity.
void add_freed(std::vector<Bin>& bins, const Node& node, Bin bin, const Pending& pending) {
    const auto freed = pending.freed.find(node.name);
    if (freed == pending.freed.end() || !node.ready || !node.schedulable) return;
    const auto counted = std::ranges::find(bins, bin.id, &Bin::id);
    if (counted != bins.end()) {
        counted->room = counted->room + freed->second;
        return;
    }
    bin.room = node.allocatable - node.requested + freed->second;
    bins.push_back(std::move(bin));
}

void add_nodes_being_freed(std::vector<Bin>& bins, const Membership& members,
                           const Pending& pending) {
    if (pending.freed.empty()) return;
    for (const auto& member : members.members) {
        if (member.stage != Stage::ready || member.node == nullptr) continue;
        const auto& [id, offering] = std::pair(member.instance->id, member.instance->offering);
        add_freed(bins, *member.node, {id, offering.pool, offering.instance_type, {}, {}, 0},
                  pending);
    }
    for (const auto* node : members.other_nodes) {
        add_freed(bins, *node, {node->name, {}, {}, {}, {}, 0}, pending);
    }
}

std::vector<Bin> booting_bins(const Membership& members, const Snapshot& snapshot,
                              const std::vector<NodeKind>& kinds) {
    std::vector<Bin> bins;
    for (const auto& member : members.members) {
        const bool is_new = member.node != nullptr && is_settling(member, snapshot);
        if (member.stage != Stage::booting && !is_new) continue;
        if (member.pool == nullptr || member.type == nullptr) continue;
        const auto* kind = find_kind(kinds, member.pool->name, member.type->name);
        if (kind == nullptr) continue;
        const auto room = booting_room(member, *kind);
        bins.push_back({member.instance->id, member.pool->name, member.type->name, room, {}, 0});
    }
    return bins;
}

std::string namespace_of(const std::string& name) { return name.substr(0, name.find('/')); }

/// Visits the pending pods in a fixed order, and separates those that no new node helps and those
/// that have not been pending for long enough.
class Sieve {
public:
    Sieve(const Membership& members, const Snapshot& snapshot, const Policy& policy)
        : now_(snapshot.now),
          pending_for_(policy.scale_up.pending_for),
          groups_(groups_of(members, snapshot)),
          kinds_(kinds_of_new_nodes(snapshot, policy)),
          others_(members, snapshot, policy.scale_up.join_timeout) {
        for (const auto& [group, memory] : groups_.remembered) {
            if (memory->failures > 0) ++refusals_[namespace_of(group)];
        }
    }

    const std::vector<NodeKind>& kinds() const { return kinds_; }

    void take(PendingPod pod, Shortage& shortage, std::vector<PendingPod>& hopeful) {
        auto why = why_no_node_helps(pod);
        const auto waited =
            pod.unschedulable_since ? now_ - *pod.unschedulable_since : pending_for_;
        if (!why.empty()) {
            shortage.unplaceable.push_back({pod.name, std::move(why)});
        } else if (std::max(waited, Milliseconds{0}) < pending_for_) {
            ++shortage.too_young;
        } else if (is_behind_another(group_of(pod))) {
            shortage.unplaceable.push_back(
                {pod.name, "waits for the result of the one node tried for its owner"});
        } else {
            choose_kinds(pod);
            hopeful.push_back(std::move(pod));
        }
    }

    /// While the brake is on, only one pod of all unproven groups may request a node: the one whose
    /// group was refused least, then the one whose namespace had the fewest refused groups, then
    /// the one pending longest. Pods of an interrupted worker are exempt: they ran on such a node.
    void hold_back(Shortage& shortage) const {
        const auto brake = brake_of(groups_, now_);
        if (!brake.is_on()) return;
        auto pods = std::exchange(shortage.pods, {});
        const auto held =
            std::stable_partition(pods.begin(), pods.end(), [&](const PendingPod& pod) {
                return pod.owner == interrupted_owner || groups_.served(group_of(pod));
            });
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

    void take_unnamed(std::int64_t count, bool has_booting_nodes, Shortage& shortage) const {
        auto why = why_group_is_refused(unnamed_group);
        if (count == 0) return;
        if (!why.empty()) {
            shortage.unplaceable.push_back({counted(count, "unnamed pod"), std::move(why)});
        } else {
            (has_booting_nodes ? shortage.unnamed_placed : shortage.unnamed) = count;
        }
    }

private:
    std::string why_no_node_helps(const PendingPod& pod) const {
        if (auto why = why_it_waits_for_no_node(pod); !why.empty()) return why;
        if (auto why = others_.why_no_kind_has(pod, kinds_); !why.empty()) return why;
        if (!fits_in_any(pod, kinds_)) {
            return "requests " + shortage_text({pod}) +
                   ", more than any instance type of any pool offers";
        }
        return why_group_is_refused(group_of(pod));
    }

    /// A DaemonSet's pod is bound to its node. A claim with WaitForFirstConsumer is bound once its
    /// pod has a node; any other is bound without one, in seconds, or never.
    std::string why_it_waits_for_no_node(const PendingPod& pod) const {
        if (pod.owner.starts_with("DaemonSet/")) {
            return "belongs to " + pod.owner + " and can run only on its own node";
        }
        const auto waited = pod.unschedulable_since ? now_ - *pod.unschedulable_since : 0ms;
        for (const auto& claim : pod.claims) {
            if (auto why = why_no_new_node_has(claim); !why.empty()) return why;
            const bool may_bind = !claim.binds_at_once && waited < claims_bind_within;
            if (!may_bind && !claim.binds_at_once.value_or(false)) continue;
            return "waits for its PersistentVolumeClaim " + claim.name +
                   ", which is not bound and does not need a node to be bound";
        }
        return {};
    }

    /// Only kinds that have the other resources the pod requests may help it; after a node did not
    /// help, larger kinds are tried first.
    void choose_kinds(PendingPod& pod) const {
        const auto* memory = groups_.find(group_of(pod));
        const bool was_refused =
            memory != nullptr && memory->failures > 0 && memory->refused != Resources{};
        for (const auto& kind : kinds_) {
            const bool may_help = others_.may_have(pod, kind);
            if (!pod.others.empty() && may_help) pod.only_on.push_back(kind.name);
            const bool fits = may_help && fits_within(pod.requests, kind.room);
            if (was_refused && fits && is_larger(kind, memory->refused))
                pod.rather_on.push_back(kind.name);
        }
    }

    std::string why_group_is_refused(const std::string& group) const {
        const auto* memory = groups_.find(group);
        if (memory != nullptr && memory->unplaceable_until && *memory->unplaceable_until > now_) {
            return "a node was launched for it, but the scheduler does not place it there; retry "
                   "in " +
                   duration_text(*memory->unplaceable_until - now_);
        }
        if (groups_.unjudged.contains(group)) {
            return "a node was launched for it, and node data is unavailable, so Nodenap cannot "
                   "tell "
                   "whether that node helps; no second node will be launched";
        }
        if (!groups_.refused.contains(group)) return {};
        return "a node was launched for it and is Ready, but the scheduler does not place it "
               "there; "
               "check nodeSelector, affinity, taints and volumes";
    }

    /// After a group was refused once, only one of its pods may request a node: one launch per try.
    bool is_behind_another(const std::string& group) {
        const auto* memory = groups_.find(group);
        return memory != nullptr && memory->failures > 0 && !tried_.insert(group).second;
    }

    int failures_of(const PendingPod& pod) const {
        const auto* memory = groups_.find(group_of(pod));
        return memory == nullptr ? 0 : memory->failures;
    }

    /// How many groups of its namespace were refused recently: someone who keeps creating owners
    /// with pods that fit nowhere must not delay pods of other namespaces.
    int refusals_in(const PendingPod& pod) const {
        const auto found = refusals_.find(namespace_of(pod.name));
        return found == refusals_.end() ? 0 : found->second;
    }

    using Position = std::vector<PendingPod>::iterator;
    Position first_to_try(Position first, Position last) const {
        return std::min_element(first, last, [&](const PendingPod& a, const PendingPod& b) {
            return std::tuple(failures_of(a), refusals_in(a), a.unschedulable_since) <
                   std::tuple(failures_of(b), refusals_in(b), b.unschedulable_since);
        });
    }

    static std::string why_braked(const Brake& brake) {
        auto text = counted(brake.refused_groups, "group") +
                    " of pods got nodes within an hour that the scheduler does not use, so the "
                    "others share one new node at a time";
        if (brake.awaits_outcome) return text + "; one is being tried";
        if (brake.rests_for.count() <= 0) return text + "; another pod is tried first";
        return text + "; next try in " + duration_text(brake.rests_for);
    }

    Time now_;
    Milliseconds pending_for_;
    Groups groups_;
    std::vector<NodeKind> kinds_;
    OtherResources others_;
    std::set<std::string> tried_;
    std::map<std::string, int> refusals_;  // by namespace
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
    const Pending nothing;
    const auto& known = snapshot.signals.pending;
    const auto& pending = known.known() ? known.value() : nothing;
    const bool is_any_interrupted = std::ranges::any_of(
        members.members, [](const Member& member) { return member.instance->interrupted; });
    if (!is_any_interrupted && pending.pods.empty() && pending.unnamed() == 0) return shortage;
    Sieve sieve(members, snapshot, policy);
    auto hopeful = pods_of_interrupted(members, snapshot, sieve.kinds());
    for (const auto& pod : by_name(pending.pods)) sieve.take(pod, shortage, hopeful);
    auto bins = booting_bins(members, snapshot, sieve.kinds());
    sieve.take_unnamed(pending.unnamed(), !bins.empty(), shortage);
    add_nodes_being_freed(bins, members, pending);
    shortage.pods = place(std::move(hopeful), bins);
    sieve.hold_back(shortage);
    for (auto& bin : bins) {
        if (!bin.pods.empty()) shortage.placed[bin.id] = std::move(bin.pods);
    }
    return shortage;
}

std::string shortage_text(const std::vector<PendingPod>& pods) {
    if (pods.empty()) return "requests unknown";
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
