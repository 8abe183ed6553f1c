#include "decide/fit.hpp"

#include "decide/joining.hpp"
#include "decide/membership.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <string_view>
#include <utility>

namespace nodenap {
namespace {

constexpr Milliseconds allocatable_remembered_for = std::chrono::hours(24);

struct NodeWithOffering {
    const Node* node = nullptr;
    const Offering* offering = nullptr;
};

/// The Nodes of running instances, matched by name, provider id or address. Disputed ones are left
/// out.
std::vector<NodeWithOffering> nodes_of_the_fleet(const Snapshot& snapshot) {
    std::vector<NodeWithOffering> found;
    if (!snapshot.fleet.known()) return found;
    const NodeFinder nodes(snapshot.signals.nodes);
    for (const auto& instance : snapshot.fleet.value()) {
        const auto* node =
            runs(instance) ? nodes.claim_of(instance, remembered(snapshot.memory, instance.id)).node
                           : nullptr;
        if (node != nullptr) found.push_back({node, &instance.offering});
    }
    return found;
}

/// Whether this part of a name is generated: a number (a CronJob's Jobs end with their minute), or
/// the suffix of Kubernetes' generateName.
bool is_generated(std::string_view part) {
    constexpr std::string_view random_letters = "bcdfghjklmnpqrstvwxz";
    constexpr std::size_t shortest_suffix = 5;
    if (part.find_first_of("0123456789") != part.npos) return true;
    return part.size() >= shortest_suffix && part.find_first_not_of(random_letters) == part.npos;
}

/// "report" of "report-29000020-x7k2p".
std::string_view without_generated_parts(std::string_view name) {
    for (auto dash = name.rfind('-'); dash != name.npos && dash > 0; dash = name.rfind('-')) {
        if (!is_generated(name.substr(dash + 1))) break;
        name = name.substr(0, dash);
    }
    return name;
}

/// These keep their name while their pods are the same: a new ReplicaSet has a new pod template,
/// which may be the one that fits. All others (Jobs, workflows, bare pods) are created for each
/// run.
bool is_lasting(std::string_view owner) {
    constexpr std::array lasting{"ReplicaSet/",  "ReplicationController/",
                                 "StatefulSet/", "DaemonSet/",
                                 "CronJob/",     "Deployment/"};
    return std::any_of(lasting.begin(), lasting.end(),
                       [&](const char* kind) { return owner.starts_with(kind); });
}

/// A kubelet reports its own Node's resources: one that reports almost nothing must not make all
/// other nodes of its kind look too small. The lower bound is half of the type's resources, and a
/// quarter of its pods, since a kubelet may be configured to run few.
Resources with_a_floor(const Resources& seen, const Resources& expected) {
    return {{std::max(seen.cpu.value, expected.cpu.value / 2)},
            {std::max(seen.memory.value, expected.memory.value / 2)},
            std::max(seen.pods, expected.pods / 4)};
}

/// A Node younger than this may not run all pods of its DaemonSets yet.
constexpr Milliseconds daemonsets_start_within = std::chrono::minutes(1);

/// The amount that more than half of these request at least, for each resource separately.
Resources what_most_ask(std::vector<Resources> all) {
    const auto in_the_middle = [&](auto resource) {
        std::ranges::sort(all, std::ranges::greater{}, resource);
        return all[all.size() / 2].*resource;
    };
    if (all.empty()) return {};
    return {in_the_middle(&Resources::cpu), in_the_middle(&Resources::memory),
            in_the_middle(&Resources::pods)};
}

}  // namespace

std::string group_of(const PendingPod& pod) {
    const auto slash = std::min(pod.name.find('/'), pod.name.size());
    const auto space = pod.name.substr(0, slash);
    const auto name = pod.name.substr(std::min(slash + 1, pod.name.size()));
    const auto owner = pod.owner.empty() ? name : pod.owner;
    const auto runs = is_lasting(owner) ? owner : std::string(without_generated_parts(owner));
    return space + '/' + runs + '/' + std::to_string(pod.requests.cpu.value) + "m/" +
           std::to_string(pod.requests.memory.value) + "Mi";
}

Resources daemonset_overhead(const Snapshot& snapshot, const Pool& pool) {
    if (!snapshot.signals.nodes.known() || !snapshot.fleet.known()) return {};
    std::vector<Resources> of_pool;
    std::vector<Resources> of_young;
    std::vector<Resources> of_any;
    for (const auto& node : snapshot.signals.nodes.value()) {
        if (node.ready) of_any.push_back(node.daemonset_requested);
    }
    for (const auto& [node, offering] : nodes_of_the_fleet(snapshot)) {
        if (offering->pool != pool.name || !node->ready) continue;
        const bool young = snapshot.now - node->created_at < daemonsets_start_within;
        (young ? of_young : of_pool).push_back(node->daemonset_requested);
    }
    if (!of_pool.empty()) return what_most_ask(std::move(of_pool));
    return what_most_ask(std::move(of_young.empty() ? of_any : of_young));
}

Resources room_beside_daemonsets(const Resources& allocatable, const Resources& daemonsets) {
    const auto rest = [](auto has, auto taken) { return taken < has ? has - taken : has; };
    return {rest(allocatable.cpu, daemonsets.cpu), rest(allocatable.memory, daemonsets.memory),
            rest(allocatable.pods, daemonsets.pods)};
}

std::string kind_name(const std::string& pool, const std::string& instance_type) {
    return pool + '/' + instance_type;
}

std::map<std::string, Resources> allocatable_seen(const Snapshot& snapshot) {
    std::map<std::string, Resources> seen;
    for (const auto& [node, offering] : nodes_of_the_fleet(snapshot)) {
        const auto& has = node->allocatable;
        const bool says_all = has.cpu.value > 0 && has.memory.value > 0 && has.pods > 0;
        if (!node->ready || !says_all) continue;
        const auto name = kind_name(offering->pool, offering->instance_type);
        auto& least = seen.try_emplace(name, has).first->second;
        least = {std::min(least.cpu, has.cpu), std::min(least.memory, has.memory),
                 std::min(least.pods, has.pods)};
    }
    return seen;
}

void note_allocatable(Memory& memory, const Snapshot& snapshot) {
    for (const auto& [kind, has] : allocatable_seen(snapshot)) {
        memory.allocatable[kind] = {has, snapshot.now};
    }
    std::erase_if(memory.allocatable, [&](const auto& seen) {
        return snapshot.now - seen.second.at >= allocatable_remembered_for;
    });
}

std::vector<NodeKind> kinds_of_new_nodes(const Snapshot& snapshot, const Policy& policy) {
    std::vector<NodeKind> kinds;
    Memory memory;
    memory.allocatable = snapshot.memory.allocatable;
    note_allocatable(memory, snapshot);
    const auto& seen = memory.allocatable;
    for (const auto& pool : policy.pools) {
        const auto daemonsets = daemonset_overhead(snapshot, pool);
        for (const auto& type_name : pool.instance_types) {
            const auto* type = find_type(policy, type_name);
            if (type == nullptr) continue;
            NodeKind kind{kind_name(pool.name, type_name), &pool, type, {}, {}};
            const auto known = seen.find(kind.name);
            const auto expected = template_allocatable(policy, pool, *type);
            kind.allocatable =
                known != seen.end() ? with_a_floor(known->second.has, expected) : expected;
            kind.room = room_beside_daemonsets(kind.allocatable, daemonsets);
            kinds.push_back(std::move(kind));
        }
    }
    return kinds;
}

const NodeKind* find_kind(const std::vector<NodeKind>& kinds, const std::string& pool,
                          const std::string& instance_type) {
    const auto found = std::find_if(kinds.begin(), kinds.end(), [&](const NodeKind& kind) {
        return kind.pool->name == pool && kind.type->name == instance_type;
    });
    return found == kinds.end() ? nullptr : &*found;
}

bool fits_in_any(const PendingPod& pod, const std::vector<NodeKind>& kinds) {
    return std::any_of(kinds.begin(), kinds.end(),
                       [&](const NodeKind& kind) { return fits_within(pod.requests, kind.room); });
}

bool has_accelerators(std::string_view instance_type) {
    constexpr std::array families{"dl", "f", "g", "gr", "inf", "p", "trn", "vt"};
    const auto family = instance_type.substr(0, instance_type.find_first_of("0123456789"));
    return std::ranges::find(families, family) != families.end();
}

bool is_larger(const NodeKind& kind, const Resources& refused) {
    const auto& has = kind.allocatable;
    return has.cpu >= refused.cpu && has.memory >= refused.memory &&
           (has.cpu > refused.cpu || has.memory > refused.memory);
}

}  // namespace nodenap
