#pragma once

#include "engine/lifecycle.hpp"

#include <vector>

namespace nodenap {

/// B, C and U of rule 3: busy, seen, and ours that serve but are not in the answer. Cores, or MiB.
struct Load {
    double busy = 0;
    double seen = 0;
    double on_the_way = 0;
};

/// Where the use is a percentage only, every node that is Ready counts as seen.
Load cpu_load(const Membership& members, const Use& use);
Load memory_load(const Membership& members, const Use& use);
/// Some of `members`, that go together.
using MemberSet = std::vector<const Member*>;
/// The same once these are gone: their pods, and so what is busy, stay.
Load cpu_load_without(const Membership& members, const Use& use, const MemberSet& gone);
Load memory_load_without(const Membership& members, const Use& use, const MemberSet& gone);

/// What is missing for `busy` to be at the line: max(0, B / line − C − U).
double missing_at(const Load& load, double line_percent);

}  // namespace nodenap
