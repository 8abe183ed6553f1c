#include "engine/lifecycle.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <tuple>
#include <utility>

namespace nodenap {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds first_rest = 3min;
constexpr Milliseconds longest_rest = 30min;
constexpr Milliseconds rest_if_not_sold = 24h;
constexpr Milliseconds longest_cooldown = 1h;
constexpr Milliseconds launches_remembered_for = 1h;
constexpr Milliseconds regret_within = 10min;

bool runs(const Instance& instance) {
    return instance.state == InstanceState::pending || instance.state == InstanceState::running;
}

const Node* node_of(const Snapshot& snapshot, const std::string& instance_id) {
    if (!snapshot.signals.nodes.known()) return nullptr;
    const auto& nodes = snapshot.signals.nodes.value();
    const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const Node& node) {
        return node.instance_id == instance_id;
    });
    return found == nodes.end() ? nullptr : &*found;
}

const RememberedInstance* remembered(const Memory& memory, const std::string& id) {
    const auto found = memory.instances.find(id);
    return found == memory.instances.end() ? nullptr : &found->second;
}

/// Ready now or once before. Where the memory was lost, a Node older than the join timeout must
/// have been Ready: we would have reaped its instance else.
bool has_joined(const Snapshot& snapshot, const Policy& policy, const Member& member) {
    if (member.node != nullptr && member.node->ready) return true;
    const auto* known = remembered(snapshot.memory, member.instance->id);
    if (known != nullptr) return known->joined_at.has_value();
    return member.node != nullptr &&
           snapshot.now - member.node->created_at > policy.scale_up.join_timeout;
}

Stage stage_of(const Snapshot& snapshot, const Policy& policy, const Member& member) {
    if (!runs(*member.instance)) return Stage::gone;
    if (member.instance->leaving) return Stage::leaving;
    if (!has_joined(snapshot, policy, member)) return Stage::booting;
    const bool seen_not_ready = snapshot.signals.nodes.known() &&
                                (member.node == nullptr || !member.node->ready);
    return seen_not_ready ? Stage::notready : Stage::ready;
}

bool is_alive(Stage stage) {
    return stage == Stage::booting || stage == Stage::ready || stage == Stage::notready;
}

bool is_ours(const Membership& members, const Node& node) {
    return std::any_of(members.members.begin(), members.members.end(),
                       [&](const Member& member) { return member.node == &node; });
}

void observe_member(Memory& memory, const Member& member, const Snapshot& snapshot) {
    auto& entry = memory.instances[member.instance->id];
    if (!snapshot.signals.nodes.known()) return;
    if (member.stage == Stage::ready && !entry.joined_at) {
        entry.joined_at = snapshot.now;
        memory.last_ready_at = snapshot.now;
    }
    if (member.stage == Stage::notready) {
        if (!entry.joined_at) entry.joined_at = member.node ? member.node->created_at : snapshot.now;
        if (!entry.notready_since) entry.notready_since = snapshot.now;
    } else {
        entry.notready_since.reset();
    }
}

void observe_instances(Memory& memory, const Snapshot& snapshot, const Policy& policy) {
    const auto members = membership(snapshot, policy);
    for (const auto& member : members.members) {
        if (is_alive(member.stage)) observe_member(memory, member, snapshot);
    }
    std::erase_if(memory.instances, [&](const auto& entry) {
        return std::none_of(members.members.begin(), members.members.end(), [&](const Member& m) {
            return m.instance->id == entry.first && m.stage != Stage::gone;
        });
    });
}

void observe_load(Memory& memory, const Snapshot& snapshot, const Policy& policy) {
    const auto& cpu = snapshot.signals.cpu;
    const bool low = cpu.known() && cpu.value().percent < policy.scale_down.cpu_below_percent;
    if (!low) {
        memory.low_since.reset();
    } else if (!memory.low_since) {
        memory.low_since = snapshot.now;
    }
}

}  // namespace

int Membership::count(Stage stage) const {
    return static_cast<int>(std::count_if(members.begin(), members.end(), [&](const Member& m) {
        return m.stage == stage;
    }));
}

int Membership::alive() const {
    return count(Stage::booting) + count(Stage::ready) + count(Stage::notready);
}

int Membership::alive_in_pool(std::string_view pool) const {
    return static_cast<int>(std::count_if(members.begin(), members.end(), [&](const Member& m) {
        return is_alive(m.stage) && m.instance->offer.pool == pool;
    }));
}

Membership membership(const Snapshot& snapshot, const Policy& policy) {
    Membership result;
    for (const auto& instance : snapshot.fleet.value()) {
        Member member{&instance, node_of(snapshot, instance.id),
                      find_pool(policy, instance.offer.pool),
                      find_type(policy, instance.offer.instance_type)};
        member.stage = stage_of(snapshot, policy, member);
        result.members.push_back(member);
    }
    std::sort(result.members.begin(), result.members.end(), [](const Member& a, const Member& b) {
        return std::tie(a.instance->launched_at, a.instance->id) <
               std::tie(b.instance->launched_at, b.instance->id);
    });
    if (!snapshot.signals.nodes.known()) return result;
    for (const auto& node : snapshot.signals.nodes.value()) {
        if (node.ready && !is_ours(result, node)) result.other_nodes.push_back(&node);
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

const HostUse* use_of(const Use& use, const Member& member) {
    const auto found = std::find_if(use.hosts.begin(), use.hosts.end(), [&](const HostUse& each) {
        const auto& host = each.host;
        if (host == member.instance->id || host == member.instance->private_ip) return true;
        return member.node != nullptr &&
               (host == member.node->name || host == member.node->internal_ip);
    });
    return found == use.hosts.end() ? nullptr : &*found;
}

std::vector<const Member*> never_joined(const Membership& members, const Snapshot& snapshot,
                                        const Policy& policy) {
    std::vector<const Member*> late;
    if (!snapshot.signals.nodes.known()) return late;
    for (const auto& member : members.members) {
        if (member.stage == Stage::booting &&
            snapshot.now - member.instance->launched_at > policy.scale_up.join_timeout) {
            late.push_back(&member);
        }
    }
    return late;
}

Milliseconds cooldown_length(const Memory& memory, const Policy& policy) {
    const auto base = policy.scale_down.cooldown;
    const auto longest = std::max(base, longest_cooldown);
    auto length = base;
    for (int i = 0; i < memory.cooldown_doublings && length < longest; ++i) length *= 2;
    return std::min(length, longest);
}

Memory observe(const Snapshot& snapshot, const Policy& policy) {
    Memory memory = snapshot.memory;
    if (snapshot.fleet.known()) observe_instances(memory, snapshot, policy);
    observe_load(memory, snapshot, policy);
    std::erase_if(memory.launches, [&](Time at) {
        return snapshot.now - at >= launches_remembered_for;
    });
    std::erase_if(memory.resting, [&](const RestingOffer& resting) {
        return snapshot.now - resting.until > longest_rest;
    });
    return memory;
}

void rest_offer(Memory& memory, const Offer& offer, Time now, std::string cause, bool not_sold) {
    auto found = std::find_if(memory.resting.begin(), memory.resting.end(),
                              [&](const RestingOffer& resting) { return resting.offer == offer; });
    if (found == memory.resting.end()) {
        memory.resting.push_back({offer, now, 0, {}});
        found = std::prev(memory.resting.end());
    }
    auto rest = first_rest;
    for (int i = 0; i < found->failures && rest < longest_rest; ++i) rest *= 2;
    found->until = now + (not_sold ? rest_if_not_sold : std::min(rest, longest_rest));
    found->cause = std::move(cause);
    ++found->failures;
}

bool is_resting(const Memory& memory, const Offer& offer, Time now) {
    return std::any_of(memory.resting.begin(), memory.resting.end(), [&](const RestingOffer& each) {
        return each.offer == offer && each.until > now;
    });
}

void note_launch(Memory& memory, Time now) { memory.launches.push_back(now); }

void note_removal(Memory& memory, Time now) {
    if (!memory.removal_regretted) memory.cooldown_doublings = 0;
    memory.removal_regretted = false;
    memory.last_removal_at = now;
}

void note_shortage(Memory& memory, Time now) {
    const bool soon = memory.last_removal_at && now - *memory.last_removal_at <= regret_within;
    if (!soon || memory.removal_regretted) return;
    memory.removal_regretted = true;
    ++memory.cooldown_doublings;
}

}  // namespace nodenap
