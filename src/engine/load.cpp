#include "engine/load.hpp"

#include "engine/joining.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace nodenap {
namespace {

/// Cores, or MiB, of one of ours and of a Node that is not.
struct Unit {
    double (*of_member)(const Member&);
    double (*of_node)(const Node&);
};

constexpr Unit cores{cores_of, [](const Node& node) {
                         return std::ceil(double(node.allocatable.cpu.value) / 1000);
                     }};
constexpr Unit mebibytes{mebibytes_of,
                         [](const Node& node) { return double(node.allocatable.memory.value); }};

bool fits_some_node(const Membership& members, const Use& use, const HostUse& host) {
    const auto is_its_own = [&](const Member& member) { return use_of(use, member) == &host; };
    const auto is_of = [&](const Node* node) { return is_use_of(host, nullptr, node); };
    return std::any_of(members.members.begin(), members.members.end(), is_its_own) ||
           std::any_of(members.other_nodes.begin(), members.other_nodes.end(), is_of);
}

/// The part of C that each member is. A host whose name fits no node stands for a ready member
/// that has no host of its own, the oldest first: the youngest may have joined since.
std::vector<double> seen_of(const Membership& members, const Use& use, const Unit& unit) {
    auto strangers = std::count_if(use.hosts.begin(), use.hosts.end(), [&](const HostUse& host) {
        return !fits_some_node(members, use, host);
    });
    std::vector<double> seen;
    for (const auto& member : members.members) {
        const auto* host = use_of(use, member);
        const bool assumed = host == nullptr && member.stage == Stage::ready &&
                             (use.hosts.empty() || strangers-- > 0);
        const double size = host == nullptr ? 0 : host->size;
        seen.push_back(assumed ? unit.of_member(member) : size);
    }
    return seen;
}

Load load_of(const Membership& members, const Use& use, const Unit& unit) {
    Load load;
    const auto seen = seen_of(members, use, unit);
    for (std::size_t i = 0; i < seen.size(); ++i) {
        const auto& member = members.members[i];
        const bool serves = member.stage == Stage::booting || member.stage == Stage::ready;
        if (serves && seen[i] <= 0) load.on_the_way += unit.of_member(member);
        if (use.hosts.empty()) load.seen += seen[i];
    }
    for (const auto& host : use.hosts) {
        load.busy += host.busy;
        load.seen += host.size;
    }
    if (!use.hosts.empty()) return load;
    for (const auto* node : members.other_nodes) load.seen += unit.of_node(*node);
    load.busy = load.seen * use.percent / 100;
    return load;
}

Load load_without(const Membership& members, const Use& use, const MemberSet& gone,
                  const Unit& unit) {
    auto load = load_of(members, use, unit);
    const auto seen = seen_of(members, use, unit);
    for (const auto* member : gone) {
        load.seen -= seen[static_cast<std::size_t>(member - members.members.data())];
    }
    return load;
}

}  // namespace

Load cpu_load(const Membership& members, const Use& use) { return load_of(members, use, cores); }

Load memory_load(const Membership& members, const Use& use) {
    return load_of(members, use, mebibytes);
}

Load cpu_load_without(const Membership& members, const Use& use, const MemberSet& gone) {
    return load_without(members, use, gone, cores);
}

Load memory_load_without(const Membership& members, const Use& use, const MemberSet& gone) {
    return load_without(members, use, gone, mebibytes);
}

double missing_at(const Load& load, double line_percent) {
    constexpr double rounding = 1e-6;  // the sum of many hosts is not exact
    const double missing = load.busy / (line_percent / 100) - load.seen - load.on_the_way;
    return missing > rounding ? missing : 0;
}

}  // namespace nodenap
