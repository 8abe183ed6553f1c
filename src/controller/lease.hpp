#pragma once

#include "controller/memory.hpp"
#include "controller/ports.hpp"

#include <string>

namespace nodenap {

/// Who asks for the lease. `owner` is new for each try of each pass; `fresh_generation` is 128
/// random bits as hex, used only if the cluster has no generation yet.
struct Claim {
    std::string owner;
    std::string fresh_generation;
    Time now{};
    Milliseconds monotonic{};
    Milliseconds length{};  // until the deadline, plus lease_margin
};

/// The right to act, for a while. `epoch` fences every write that is made under it, and each of
/// them has a number: one that lands late, after its own repetition, writes nothing over.
struct Lease {
    std::string cluster;
    std::string owner;
    std::int64_t epoch = 0;
    Milliseconds began{};  // monotonic, read before the acquiring call
    Milliseconds length{};
    std::int64_t step = 0;          // the number of the last write that surely landed
    std::int64_t step_at_most = 0;  // and of the last that may have
};

struct Acquired {
    bool held_by_another = false;
    Lease lease;
    State state;  // as found (and as taken, if not held by another)
};

/// One conditional write. A refused one whose holder is `claim.owner` is ours: our first try
/// landed and its reply was lost.
Result<Acquired> acquire(StateStore& store, const Codec& codec, const std::string& cluster,
                         const Claim& claim);

/// Whether an outside call may still begin: it and the release fit before the deadline.
bool may_act(const Lease& lease, Milliseconds monotonic_now);

/// The next write under the lease. `false`: a newer epoch has taken over and nothing was written.
/// An unknown outcome is repeated once, under the same number.
Result<bool> write_fenced(StateStore& store, Lease& lease, Change change);

/// Clears the lease and saves `change` in the same write. `false` as above.
Result<bool> release(StateStore& store, Lease& lease, Change change);

/// A person's order: nobody holds the lease, and whoever thought so is fenced off.
Status unlock(StateStore& store, const std::string& cluster);
/// `reason` is kept with the pause, for people; older versions ignore it.
Status set_paused(StateStore& store, const std::string& cluster, std::optional<Time> until,
                  const std::string& reason = {});

}  // namespace nodenap
