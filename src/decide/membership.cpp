#include "decide/membership.hpp"

#include "decide/joining.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace nodenap {
namespace {

using namespace std::chrono_literals;

/// The inputs of a stage, in addition to the instance and its Node.
struct Observation {
    const Snapshot& snapshot;
    Milliseconds join_timeout;

    bool nodes_known() const { return snapshot.signals.nodes.known(); }
};

/// For a disputed one: one of the Nodes that claim to be it is Ready.
bool is_ready(const Member& member) {
    if (member.node != nullptr) return member.node->ready;
    return std::ranges::any_of(member.disputed_by, [](const Node* node) { return node->ready; });
}

/// The scheduler only uses Ready Nodes, except for DaemonSets.
bool was_given_pods(const Node& node) {
    return node.requested.pods > node.daemonset_requested.pods;
}

/// A Node with pods has registered, even if no pass observed it Ready. A Node that existed before
/// its instance was first observed, and is older than the join timeout, must have been Ready once:
/// otherwise the instance would have been terminated.
bool has_registered_unobserved(const Observation& observed, const Member& member) {
    if (member.node == nullptr) return false;
    if (was_given_pods(*member.node)) return true;
    const auto now = observed.snapshot.now;
    const auto created_at = member.node->created_at;
    if (created_at == Time{})
        return has_a_past(*member.instance, member.known, now, observed.join_timeout);
    const auto watched_from = memory_of(member).first_seen_at.value_or(now);
    return created_at < watched_from && now - created_at > observed.join_timeout;
}

/// Ready now or before. While node data is unavailable, an instance older than the join timeout
/// counts as registered.
bool has_registered(const Observation& observed, const Member& member) {
    if (is_ready(member)) return true;
    if (memory_of(member).registered_at) return true;
    if (observed.nodes_known()) return has_registered_unobserved(observed, member);
    return observed.snapshot.now - member.instance->launched_at > observed.join_timeout;
}

Stage stage_of(const Observation& observed, const Member& member) {
    if (!runs(*member.instance)) return Stage::terminated;
    if (member.instance->terminating) return Stage::terminating;
    if (!has_registered(observed, member)) {
        if (!observed.nodes_known()) return Stage::booting;
        const bool late =
            is_overdue(observed.snapshot, *member.instance, member.known, observed.join_timeout);
        return late ? Stage::not_registered : Stage::booting;
    }
    return is_ready(member) || !observed.nodes_known() ? Stage::ready : Stage::notready;
}

/// The Nodes that are, or claim to be, a worker.
std::unordered_set<const Node*> nodes_of(const std::vector<Member>& members) {
    std::unordered_set<const Node*> nodes;
    for (const auto& member : members) {
        nodes.insert(member.node);
        nodes.insert(member.disputed_by.begin(), member.disputed_by.end());
    }
    return nodes;
}

void join_volumes(std::vector<Member>& members, const std::vector<LocalVolume>& volumes) {
    std::unordered_map<std::string_view, std::vector<const LocalVolume*>> by_node;
    for (const auto& volume : volumes) by_node[volume.node].push_back(&volume);
    for (auto& member : members) {
        if (member.node == nullptr) continue;
        const auto found = by_node.find(member.node->name);
        if (found != by_node.end()) member.volumes = found->second;
    }
}

/// An instance watched since its launch that never registered is not expected to have a Node.
void count_expected_nodes(Membership& members, const Observation& observed) {
    for (const auto& member : members.members) {
        if (!runs(*member.instance) || !member.disputed_by.empty()) continue;
        const auto now = observed.snapshot.now;
        if (!is_ready(member) &&
            !has_a_past(*member.instance, member.known, now, observed.join_timeout))
            continue;
        ++members.expected_nodes;
        if (member.node == nullptr) ++members.missing_nodes;
    }
}

}  // namespace

const RememberedInstance& memory_of(const Member& member) {
    static const RememberedInstance nothing;
    return member.known == nullptr ? nothing : *member.known;
}

bool is_alive(Stage stage) { return stage != Stage::terminating && stage != Stage::terminated; }

bool runs(const Instance& instance) {
    return instance.state == InstanceState::pending || instance.state == InstanceState::running;
}

int Membership::count(Stage stage) const {
    return static_cast<int>(std::count_if(members.begin(), members.end(),
                                          [&](const Member& m) { return m.stage == stage; }));
}

int Membership::alive() const {
    return static_cast<int>(members.size()) - count(Stage::terminating) - count(Stage::terminated);
}

int Membership::alive_in_pool(std::string_view pool) const {
    return static_cast<int>(std::count_if(members.begin(), members.end(), [&](const Member& m) {
        return is_alive(m.stage) && m.instance->offering.pool == pool;
    }));
}

int Membership::counted(std::string_view pool) const {
    const auto is_counted = [&](const Instance& instance) {
        return runs(instance) && (pool.empty() || instance.offering.pool == pool);
    };
    const auto workers = std::ranges::count_if(
        members, [&](const Member& member) { return is_counted(*member.instance); });
    const auto tagged_servers = std::ranges::count_if(
        servers, [&](const TaggedServer& server) { return is_counted(*server.instance); });
    const auto strangers = std::ranges::count_if(
        foreign, [&](const Instance* instance) { return is_counted(*instance); });
    return static_cast<int>(workers + tagged_servers + strangers);
}

int Membership::excess(std::string_view pool) const {
    return std::ranges::any_of(members, [&](const Member& member) {
        const auto& instance = *member.instance;
        return member.stage == Stage::terminating && instance.interrupted &&
               (pool.empty() || instance.offering.pool == pool);
    });
}

Membership membership(const Snapshot& snapshot, const Policy& policy) {
    const Observation observed{snapshot, policy.scale_up.join_timeout};
    const NodeFinder nodes(snapshot.signals.nodes);
    Membership result;
    result.members.reserve(snapshot.fleet.value().size());
    const InstanceType* type = nullptr;
    for (const auto& instance : snapshot.fleet.value()) {
        if (instance.foreign) {
            result.foreign.push_back(&instance);
            continue;
        }
        const auto* known = remembered(snapshot.memory, instance.id);
        auto claim = nodes.claim_of(instance, known);
        const auto* node = claim.node;
        if (is_server(known, node)) {
            result.servers.push_back({&instance, node});
            continue;
        }
        const auto& offering = instance.offering;
        const bool as_before = type != nullptr && type->name == offering.instance_type;
        if (!as_before) type = find_type(policy, offering.instance_type);
        Member member{&instance, node, known, find_pool(policy, offering.pool), type};
        member.disputed_by = std::move(claim.disputed_by);
        member.stage = stage_of(observed, member);
        result.members.push_back(std::move(member));
    }
    std::sort(result.members.begin(), result.members.end(), [](const Member& a, const Member& b) {
        return std::tie(a.instance->launched_at, a.instance->id) <
               std::tie(b.instance->launched_at, b.instance->id);
    });
    if (!observed.nodes_known()) return result;
    join_volumes(result.members, snapshot.signals.volumes);
    count_expected_nodes(result, observed);
    const auto ours = nodes_of(result.members);
    for (const auto& node : snapshot.signals.nodes.value()) {
        if (ours.contains(&node)) continue;
        if (node.ready) result.other_nodes.push_back(&node);
        if (!node.server) result.unmatched_nodes.push_back(&node);
    }
    return result;
}

double cores_of(const Member& member) {
    if (member.type != nullptr) return member.type->vcpu;
    const auto* node = member.node;
    return node == nullptr ? 0 : std::ceil(static_cast<double>(node->allocatable.cpu.value) / 1000);
}

double mebibytes_of(const Member& member) {
    if (member.type != nullptr) return static_cast<double>(member.type->memory.value);
    const auto* node = member.node;
    return node == nullptr ? 0 : static_cast<double>(node->allocatable.memory.value);
}

bool is_settling(const Member& member, const Snapshot& snapshot) {
    if (member.stage != Stage::ready) return false;
    const auto& known = memory_of(member);
    const auto registered_at = known.registered_at.value_or(snapshot.now);
    const auto since = std::max(registered_at, known.opens_at.value_or(registered_at));
    return snapshot.now - since < settles_for;
}

bool is_closed(const Member& member) {
    if (member.node == nullptr || member.node->schedulable) return false;
    const auto& taints = member.node->taints;
    if (taints.empty() || member.pool == nullptr) return true;  // cordoned
    return std::any_of(taints.begin(), taints.end(), [&](const std::string& taint) {
        return std::ranges::count(member.pool->taints, taint) == 0;
    });
}

Time notready_since(const Member& member, const Snapshot& snapshot) {
    const auto& seen_at = snapshot.memory.nodes_seen_at;
    const bool gap = !seen_at || snapshot.now - *seen_at > longest_gap;
    return gap ? snapshot.now : memory_of(member).notready_since.value_or(snapshot.now);
}

}  // namespace nodenap
