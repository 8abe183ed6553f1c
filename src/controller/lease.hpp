#pragma once

#include "controller/memory.hpp"
#include "controller/ports.hpp"

#include <string>

namespace nodenap {

/// Who acquires the lease. `owner` is new for each try of each pass; `fresh_generation` is 128
/// random bits in hexadecimal, used only if the cluster has no generation yet.
struct Claim {
    std::string owner;
    std::string fresh_generation;
    Time now{};
    Milliseconds monotonic{};
    Milliseconds length{};  // until the deadline, plus lease_margin
};

/// The right to act for a limited time. `epoch` fences all writes under the lease. Each write has a
/// number, so that a delayed one that arrives after its own repetition overwrites nothing.
struct Lease {
    std::string cluster;
    std::string owner;
    std::int64_t epoch = 0;
    Milliseconds began{};  // monotonic, read before the acquiring call
    Milliseconds length{};
    std::int64_t step = 0;          // the number of the last write known to have succeeded
    std::int64_t step_at_most = 0;  // and of the last that may have succeeded
};

struct Acquired {
    bool held_by_another = false;
    Lease lease;
    State state;  // as read (and as acquired, if no one else holds it)
};

/// One conditional write. If it is refused and the holder is `claim.owner`, the lease is acquired:
/// the first try succeeded and its response was lost.
Result<Acquired> acquire(StateStore& store, const Codec& codec, const std::string& cluster,
                         const Claim& claim);

/// Whether an outside call may still start: it and the release fit before the deadline.
bool may_act(const Lease& lease, Milliseconds monotonic_now);

/// The next write under the lease. `false`: a newer epoch has taken over, and nothing was written.
/// A write with an unknown outcome is repeated once with the same number.
Result<bool> write_fenced(StateStore& store, Lease& lease, Change change);

/// Clears the lease and saves `change` in the same write. `false` as above.
Result<bool> release(StateStore& store, Lease& lease, Change change);

/// Releases the lease by the user's command; a pass that still held it can no longer write.
Status unlock(StateStore& store, const std::string& cluster);
/// `reason` is kept with the pause, for people; older versions ignore it.
Status set_paused(StateStore& store, const std::string& cluster, std::optional<Time> until,
                  const std::string& reason = {});

}  // namespace nodenap
