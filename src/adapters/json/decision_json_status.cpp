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

/// The newest record is written whenever the decision or its reason changes, so it is the last
/// decision; without one the state's own memory of it has to do.
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

OrderedJson intents_document(const std::vector<Intent>& intents) {
    auto out = OrderedJson::array();
    for (const auto& intent : intents) {
        OrderedJson one;
        one["id"] = intent.id;
        one["kind"] = intent.kind == IntentKind::launch ? "launch" : "remove";
        one["pool"] = intent.offer.pool;
        one["instance_type"] = intent.offer.instance_type;
        one["zone"] = intent.offer.zone;
        one["since"] = time_or_null(intent.since);
        out.push_back(std::move(one));
    }
    return out;
}

OrderedJson resting_document(const std::vector<RestingOffer>& offers, Time now) {
    auto out = OrderedJson::array();
    for (const auto& resting : offers) {
        if (resting.until <= now) continue;
        OrderedJson one;
        one["pool"] = resting.offer.pool;
        one["instance_type"] = resting.offer.instance_type;
        one["zone"] = resting.offer.zone;
        one["capacity"] = word(resting.offer.capacity);
        one["until"] = time_or_null(resting.until);
        one["cause"] = resting.cause;
        out.push_back(std::move(one));
    }
    return out;
}

/// What the last record named; without one, the groups that are not counted for now.
OrderedJson unplaceable_now(const Memory& memory, Time now, const Record* last) {
    if (last) return unplaceable_document(last->plan.unplaceable);
    std::vector<UnplaceablePod> pods;
    for (const auto& group : memory.groups) {
        if (!group.unplaceable_until || *group.unplaceable_until <= now) continue;
        pods.push_back({group.group, "still waiting after nodes were added for it"});
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
    out["paused_until"] = time_or_null(if_later(state.paused_until, now));
    out["lease"] = lease_document(state, now);
    out["last_pass_at"] = time_or_null(state.last_pass_at);
    out["last_action_at"] = time_or_null(state.last_action_at);
    out["last_decision"] = last_decision_document(state.memory, last);
    out["open_intents"] = intents_document(state.open_intents);
    out["resting_offers"] = resting_document(state.memory.resting, now);
    out["unplaceable"] = unplaceable_now(state.memory, now, last);
    return dumped(out, 2);
}

}  // namespace nodenap
