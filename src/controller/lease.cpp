#include "controller/lease.hpp"

#include <chrono>
#include <utility>

namespace nodenap {
namespace {

Attribute ms_attribute(Time at) { return {at.time_since_epoch().count()}; }

Change taking(const Claim& claim) {
    Change change;
    change.set = {{{"scaling_in_progress"}, {true}},
                  {{"lease_owner"}, {claim.owner}},
                  {{"lease_until"}, ms_attribute(claim.now + claim.length)},
                  {{"step"}, {std::int64_t{0}}}};
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

/// The epoch is still this lease's, and the item's step is one that this lease may have written.
Condition follows(const Lease& lease) {
    Condition condition;
    for (auto step = lease.step; step <= lease.step_at_most; ++step) {
        condition.any_of.push_back(
            {{"epoch", Test::equals, {lease.epoch}}, {"step", Test::equals, {step}}});
    }
    return condition;
}

/// Whether a refused write has in fact succeeded: at its first try, whose response was lost.
bool has_landed(const AttributeMap& item, std::int64_t epoch, std::int64_t step) {
    const auto is = [&](const char* name, std::int64_t wanted) {
        const auto found = item.find(name);
        return found != item.end() && found->second == Attribute{wanted};
    };
    return is("epoch", epoch) && is("step", step);
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

Result<bool> write_fenced(StateStore& store, Lease& lease, Change change) {
    const auto next = lease.step_at_most + 1;
    change.set.push_back({{"step"}, {next}});
    const auto updated = update_surely(store, state_key(lease.cluster), change, follows(lease));
    if (!updated) {
        if (updated.error().kind == ErrorKind::unknown_outcome) lease.step_at_most = next;
        return updated.error();
    }
    if (updated->refused && !has_landed(updated->item, lease.epoch, next)) return false;
    lease.step = lease.step_at_most = next;
    return true;
}

Result<bool> release(StateStore& store, Lease& lease, Change change) {
    clear_lease(change);
    return write_fenced(store, lease, std::move(change));
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

Status set_paused(StateStore& store, const std::string& cluster, std::optional<Time> until,
                  const std::string& reason) {
    Change change;
    if (until) change.set.push_back({{"paused_until"}, ms_attribute(*until)});
    if (!until) change.remove.push_back({"paused_until"});
    if (until && !reason.empty()) change.set.push_back({{"pause_reason"}, {reason}});
    if (!until || reason.empty()) change.remove.push_back({"pause_reason"});
    const auto updated = update_surely(store, state_key(cluster), change, {});
    if (!updated) return updated.error();
    return Done{};
}

}  // namespace nodenap
