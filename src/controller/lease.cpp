#include "controller/lease.hpp"

#include <chrono>

namespace nodenap {
namespace {

Attribute ms_attribute(Time at) { return {at.time_since_epoch().count()}; }

Change taking(const Claim& claim) {
    Change change;
    change.set = {{{"scaling_in_progress"}, {true}},
                  {{"lease_owner"}, {claim.owner}},
                  {{"lease_until"}, ms_attribute(claim.now + claim.length)}};
    change.set_if_absent = {{"generation", {claim.fresh_generation}},
                            {"format", {std::int64_t{state_format}}},
                            {"open_intents", {AttributeMap{}}},
                            {"launched", {AttributeMap{}}},
                            {"notices", {AttributeMap{}}}};
    change.add = {{"epoch", 1}};
    return change;
}

Condition free_or_over(Time now) {
    return {{{{"lease_owner", Test::absent}}, {{"lease_until", Test::less, ms_attribute(now)}}}};
}

void clear_lease(Change& change) {
    change.set.push_back({{"scaling_in_progress"}, {false}});
    change.remove.push_back({"lease_owner"});
    change.remove.push_back({"lease_until"});
}

}  // namespace

Result<Acquired> acquire(StateStore& store, const Codec& codec, const std::string& cluster,
                         const Claim& claim) {
    const auto updated =
        update_surely(store, state_key(cluster), taking(claim), free_or_over(claim.now));
    if (!updated) return updated.error();
    Acquired acquired;
    acquired.state = state_from(updated->item, codec);
    acquired.held_by_another = updated->refused && acquired.state.lease_owner != claim.owner;
    acquired.lease = {cluster, claim.owner, acquired.state.epoch, claim.monotonic, claim.length};
    return acquired;
}

bool may_act(const Lease& lease, Milliseconds monotonic_now) {
    const auto last = lease.length - lease_margin - longest_release - longest_call;
    return monotonic_now - lease.began < last;
}

Result<bool> write_fenced(StateStore& store, const Lease& lease, const Change& change) {
    const Condition still_ours{{{{"epoch", Test::equals, {lease.epoch}}}}};
    const auto updated = update_surely(store, state_key(lease.cluster), change, still_ours);
    if (!updated) return updated.error();
    return !updated->refused;
}

Result<bool> release(StateStore& store, const Lease& lease, Change change) {
    clear_lease(change);
    return write_fenced(store, lease, change);
}

Status unlock(StateStore& store, const std::string& cluster) {
    Change change;
    clear_lease(change);
    change.add = {{"epoch", 1}};
    const Condition exists{{{{"epoch", Test::present}}}};
    const auto updated = update_surely(store, state_key(cluster), change, exists);
    if (!updated) return updated.error();
    return Done{};
}

Status set_paused(StateStore& store, const std::string& cluster, std::optional<Time> until) {
    Change change;
    if (until) change.set.push_back({{"paused_until"}, ms_attribute(*until)});
    if (!until) change.remove.push_back({"paused_until"});
    const auto updated = update_surely(store, state_key(cluster), change, {});
    if (!updated) return updated.error();
    return Done{};
}

}  // namespace nodenap
