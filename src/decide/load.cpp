#include "decide/load.hpp"

#include <algorithm>
#include <cmath>

namespace nodenap {

/// Cores, or MiB, of a worker and of another Node.
struct Loads::Unit {
    double (*of_member)(const Member&);
    double (*of_node)(const Node&);
};

namespace {

/// How many hosts match neither a worker nor another Node.
std::ptrdiff_t count_unmatched(const Membership& members, const Use& use,
                               const std::vector<const HostUse*>& uses, const HostFinder& hosts) {
    std::vector<bool> is_known(use.hosts.size());
    for (const auto* own : uses) {
        if (own != nullptr) is_known[static_cast<std::size_t>(own - use.hosts.data())] = true;
    }
    for (const auto* node : members.other_nodes) {
        for (const auto place : hosts.all_of(nullptr, node)) is_known[place] = true;
    }
    return std::ranges::count(is_known, false);
}

}  // namespace

Loads Loads::of_cpu(const Membership& members, const Use& use) {
    const auto cores = [](const Node& node) {
        return std::ceil(double(node.allocatable.cpu.value) / 1000);
    };
    return {members, use, {cores_of, cores}};
}

Loads Loads::of_memory(const Membership& members, const Use& use) {
    const auto mebibytes = [](const Node& node) { return double(node.allocatable.memory.value); };
    return {members, use, {mebibytes_of, mebibytes}};
}

Loads::Loads(const Membership& members, const Use& use, const Unit& unit) : members_(members) {
    join(use, unit);
    for (std::size_t i = 0; i < seen_.size(); ++i) {
        const auto& member = members.members[i];
        const bool serves = member.stage == Stage::booting || member.stage == Stage::ready;
        if (serves && seen_[i] <= 0) all_.booting += unit.of_member(member);
        if (use.hosts.empty()) all_.seen += seen_[i];
    }
    for (const auto& host : use.hosts) {
        all_.busy += host.busy;
        all_.seen += host.size;
    }
    if (!use.hosts.empty()) return;
    for (const auto* node : members.other_nodes) all_.seen += unit.of_node(*node);
    all_.busy = all_.seen * use.percent / 100;
}

/// A host whose name matches no node is counted for a ready worker without a matching host, oldest
/// first: the youngest may have registered since.
void Loads::join(const Use& use, const Unit& unit) {
    const HostFinder hosts(use);
    for (const auto& member : members_.members) {
        uses_.push_back(hosts.use_of(member.instance, member.node));
    }
    auto strangers = count_unmatched(members_, use, uses_, hosts);
    for (std::size_t i = 0; i < uses_.size(); ++i) {
        const auto& member = members_.members[i];
        const auto* own = uses_[i];
        const bool assumed = own == nullptr && member.stage == Stage::ready &&
                             (use.hosts.empty() || strangers-- > 0);
        const double size = own == nullptr ? 0 : own->size;
        seen_.push_back(assumed ? unit.of_member(member) : size);
    }
}

std::size_t Loads::index_of(const Member& member) const {
    return static_cast<std::size_t>(&member - members_.members.data());
}

Load Loads::without(const MemberSet& gone) const {
    auto load = all_;
    for (const auto* member : gone) load.seen -= seen_[index_of(*member)];
    return load;
}

const HostUse* Loads::use_of(const Member& member) const { return uses_[index_of(member)]; }

double missing_at(const Load& load, double line_percent) {
    constexpr double rounding = 1e-6;  // sums of many hosts are not exact
    const double missing = load.busy / (line_percent / 100) - load.seen - load.booting;
    return missing > rounding ? missing : 0;
}

}  // namespace nodenap
