#pragma once

#include "decide/joining.hpp"
#include "decide/membership.hpp"

#include <vector>

namespace nodenap {

/// B, C and U of rule 3: busy, seen, and ours that serve but are not in the answer. Cores, or MiB.
struct Load {
    double busy = 0;
    double seen = 0;
    double booting = 0;
};

/// Some of `members`, that go together.
using MemberSet = std::vector<const Member*>;

/// The use of one resource, joined with the members once: O((members + hosts) log hosts). Both must
/// live as long. Where the use is a percentage only, every node that is Ready counts as seen.
class Loads {
public:
    static Loads of_cpu(const Membership& members, const Use& use);
    static Loads of_memory(const Membership& members, const Use& use);

    const Load& all() const { return all_; }
    /// Once these are gone: their pods, and so what is busy, stay.
    Load without(const MemberSet& gone) const;
    /// The member's own line in the answer; null if absent.
    const HostUse* use_of(const Member& member) const;

private:
    struct Unit;
    Loads(const Membership& members, const Use& use, const Unit& unit);
    void join(const Use& use, const Unit& unit);
    std::size_t index_of(const Member& member) const;

    const Membership& members_;
    std::vector<const HostUse*> uses_;  // by member
    std::vector<double> seen_;          // by member: the part of C that it is
    Load all_;
};

/// What is missing for `busy` to be at the line: max(0, B / line − C − U).
double missing_at(const Load& load, double line_percent);

}  // namespace nodenap
