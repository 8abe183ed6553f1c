#include "engine/load.hpp"

#include <algorithm>
#include <cmath>

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

/// The part of C that this member is.
double seen_of(const Use& use, const Member& member, const Unit& unit) {
    if (use.hosts.empty()) return member.stage == Stage::ready ? unit.of_member(member) : 0;
    const auto* host = use_of(use, member);
    return host == nullptr ? 0 : host->size;
}

Load load_of(const Membership& members, const Use& use, const Unit& unit) {
    Load load;
    for (const auto& member : members.members) {
        const bool serves = member.stage == Stage::booting || member.stage == Stage::ready;
        const double seen = seen_of(use, member, unit);
        if (serves && seen <= 0) load.on_the_way += unit.of_member(member);
        if (use.hosts.empty()) load.seen += seen;
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

Load load_without(const Membership& members, const Use& use, const Member& gone,
                  const Unit& unit) {
    auto load = load_of(members, use, unit);
    load.seen -= seen_of(use, gone, unit);
    return load;
}

}  // namespace

Load cpu_load(const Membership& members, const Use& use) { return load_of(members, use, cores); }

Load memory_load(const Membership& members, const Use& use) {
    return load_of(members, use, mebibytes);
}

Load cpu_load_without(const Membership& members, const Use& use, const Member& gone) {
    return load_without(members, use, gone, cores);
}

Load memory_load_without(const Membership& members, const Use& use, const Member& gone) {
    return load_without(members, use, gone, mebibytes);
}

double missing_at(const Load& load, double line_percent) {
    constexpr double rounding = 1e-6;  // the sum of many hosts is not exact
    const double missing = load.busy / (line_percent / 100) - load.seen - load.on_the_way;
    return missing > rounding ? missing : 0;
}

}  // namespace nodenap
