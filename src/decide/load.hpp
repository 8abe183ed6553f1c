#pragma once

#include "decide/joining.hpp"
#include "decide/membership.hpp"

#include <vector>

namespace nodenap {

/// B, C and U of rule 3: busy, observed, and of serving workers missing in the response. In cores
/// or MiB.
struct Load {
    double busy = 0;
    double seen = 0;
    double booting = 0;
};

/// Some of `members`, to be removed together.
using MemberSet = std::vector<const Member*>;

/// The usage of one resource, joined with the members once: O((members + hosts) log hosts). Both
/// must outlive it. If the usage is only a percentage, every Ready node counts as observed.
class Loads {
public:
    static Loads of_cpu(const Membership& members, const Use& use);
    static Loads of_memory(const Membership& members, const Use& use);

    const Load& all() const { return all_; }
    /// Without these nodes: their pods, and so the busy part, remain.
    Load without(const MemberSet& gone) const;
    /// The member's entry in the response; null if absent.
    const HostUse* use_of(const Member& member) const;

private:
    struct Unit;
    Loads(const Membership& members, const Use& use, const Unit& unit);
    void join(const Use& use, const Unit& unit);
    std::size_t index_of(const Member& member) const;

    const Membership& members_;
    std::vector<const HostUse*> uses_;  // by member
    std::vector<double> seen_;          // by member: its part of C
    Load all_;
};

/// The capacity missing to bring `busy` down to the threshold: max(0, B / line − C − U).
double missing_at(const Load& load, double line_percent);

}  // namespace nodenap
