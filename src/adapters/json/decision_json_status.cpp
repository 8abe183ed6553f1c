#include "adapters/json/decision_json.hpp"
#include "adapters/json/decision_json_parts.hpp"
#include "decide/explain.hpp"

namespace nodenap {

namespace {

constexpr int version = 1;

OrderedJson lease_document(const State& state, Time now) {
    const bool has_owner = !state.lease_owner.empty();
    OrderedJson out;
    out["held"] = has_owner && state.lease_until && *state.lease_until >= now;
    out["owner"] = has_owner ? OrderedJson(state.lease_owner) : OrderedJson(nullptr);
    out["until"] = time_or_null(has_owner ? state.lease_until : std::nullopt);
    out["epoch"] = state.epoch;
    return out;
}

/// A record is written whenever the decision or its reason changes, so the newest one has the last
/// decision. Without a record, the memory's copy is used.
OrderedJson last_decision_document(const Memory& memory, const Record* last) {
    OrderedJson out;
    if (last) {
        out["decision"] = word(last->plan.decision);
        out["reasons"] = reasons_document(last->plan.reasons);
        return out;
    }
    if (memory.last_decision.empty()) return nullptr;
    out["decision"] = memory.last_decision;
    out["reasons"] = OrderedJson::array();
    if (!memory.last_reason.empty())
        out["reasons"].push_back({{"code", memory.last_reason}, {"text", ""}});
    return out;
}

OrderedJson operations_document(const std::vector<Operation>& operations) {
    auto out = OrderedJson::array();
    for (const auto& operation : operations) {
        OrderedJson one;
        one["id"] = operation.id;
        one["kind"] = operation.kind == OperationKind::launch ? "launch" : "remove";
        one["pool"] = operation.offering.pool;
        one["instance_type"] = operation.offering.instance_type;
        one["zone"] = operation.offering.zone;
        one["since"] = time_or_null(operation.since);
        out.push_back(std::move(one));
    }
    return out;
}

OrderedJson backoff_document(const std::vector<UnavailableOffering>& offerings, Time now) {
    auto out = OrderedJson::array();
    for (const auto& unavailable : offerings) {
        if (unavailable.until <= now) continue;
        OrderedJson one;
        one["pool"] = unavailable.offering.pool;
        one["instance_type"] = unavailable.offering.instance_type;
        one["zone"] = unavailable.offering.zone;
        one["capacity"] = word(unavailable.offering.capacity);
        one["until"] = time_or_null(unavailable.until);
        one["cause"] = unavailable.cause;
        out.push_back(std::move(one));
    }
    return out;
}

/// The unplaceable pods of the last record; without a record, the groups currently marked
/// unplaceable.
OrderedJson unplaceable_now(const Memory& memory, Time now, const Record* last) {
    if (last) return unplaceable_document(last->plan.unplaceable);
    std::vector<UnplaceablePod> pods;
    for (const auto& group : memory.groups) {
        if (!group.unplaceable_until || *group.unplaceable_until <= now) continue;
        pods.push_back({group.group, "still pending after nodes were added for it"});
    }
    return unplaceable_document(pods);
}

std::optional<Time> if_later(const std::optional<Time>& time, Time now) {
    return time && *time > now ? time : std::nullopt;
}

}  // namespace

std::string status_json(const State& state, const Settings& settings, Time now,
                        const Record* last) {
    OrderedJson out;
    out["version"] = version;
    out["cluster"] = settings.cluster;
    out["now"] = time_or_null(now);
    out["mode"] = word(settings.policy.mode);
    const auto paused_until = if_later(state.paused_until, now);
    const bool has_reason = paused_until && !state.pause_reason.empty();
    out["paused_until"] = time_or_null(paused_until);
    out["pause_reason"] = has_reason ? OrderedJson(state.pause_reason) : OrderedJson(nullptr);
    out["lease"] = lease_document(state, now);
    out["last_pass_at"] = time_or_null(state.last_pass_at);
    out["last_action_at"] = time_or_null(state.last_action_at);
    out["last_decision"] = last_decision_document(state.memory, last);
    out["open_intents"] = operations_document(state.open_operations);
    out["resting_offers"] = backoff_document(state.memory.unavailable_offerings, now);
    out["unplaceable"] = unplaceable_now(state.memory, now, last);
    return dumped(out, 2);
}

}  // namespace nodenap
