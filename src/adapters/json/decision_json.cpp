#include "adapters/json/decision_json.hpp"

#include "adapters/json/decision_json_parts.hpp"
#include "base/time_text.hpp"
#include "decide/explain.hpp"

namespace nodenap {

namespace {

constexpr int version = 1;
constexpr int percent_decimals = 1;
constexpr int cores_decimals = 3;
constexpr int price_decimals = 6;
/// The largest whole number that a double represents exactly.
constexpr double largest_whole = 9007199254740992.0;

OrderedJson number_or_null(const std::optional<double>& value, int decimals) {
    return value ? number(*value, decimals) : OrderedJson(nullptr);
}

OrderedJson signals_document(const SignalSummary& signals) {
    OrderedJson out;
    out["cpu_percent"] = number_or_null(signals.cpu_percent, percent_decimals);
    out["memory_percent"] = number_or_null(signals.memory_percent, percent_decimals);
    out["cores"] = number_or_null(signals.cores, cores_decimals);
    out["pending_pods"] =
        signals.pending_pods ? OrderedJson(*signals.pending_pods) : OrderedJson(nullptr);
    out["nodes_ready"] = signals.nodes_ready;
    out["nodes_other"] = signals.nodes_other;
    out["nodes_booting"] = signals.nodes_booting;
    out["nodes_notready"] = signals.nodes_notready;
    auto& unknown = out["unknown"] = OrderedJson::array();
    for (const auto& one : signals.unknown)
        unknown.push_back({{"signal", one.signal}, {"cause", one.cause}});
    return out;
}

OrderedJson launch_document(const std::vector<LaunchGroup>& launch) {
    auto out = OrderedJson::array();
    for (const auto& group : launch) {
        OrderedJson one;
        one["pool"] = group.offering.pool;
        one["instance_type"] = group.offering.instance_type;
        one["zone"] = group.offering.zone;
        one["capacity"] = word(group.offering.capacity);
        one["count"] = group.count;
        one["price_per_hour_usd"] = number(group.price_per_hour_usd, price_decimals);
        one["pods"] = group.pods;
        out.push_back(std::move(one));
    }
    return out;
}

OrderedJson placed_document(const std::map<std::string, std::vector<std::string>>& placed) {
    auto out = OrderedJson::object();
    for (const auto& [node, pods] : placed) out[node] = pods;
    return out;
}

OrderedJson removals_document(const std::vector<Removal>& removals) {
    auto out = OrderedJson::array();
    for (const auto& one : removals)
        out.push_back(
            {{"node", one.node}, {"instance_id", one.instance_id}, {"reason", word(one.cause)}});
    return out;
}

OrderedJson kept_document(const std::vector<KeptNode>& kept) {
    auto out = OrderedJson::array();
    for (const auto& one : kept) out.push_back({{"node", one.node}, {"reason", one.reason}});
    return out;
}

OrderedJson totals_document(const Totals& totals) {
    OrderedJson out;
    out["new_nodes"] = totals.new_nodes;
    out["pods_placed"] = totals.pods_placed;
    out["price_per_hour_usd"] = number(totals.price_per_hour_usd, price_decimals);
    return out;
}

OrderedJson done_document(const std::vector<Effect>& done) {
    auto out = OrderedJson::array();
    for (const auto& one : done) {
        out.push_back({{"kind", one.kind},
                       {"id", one.id},
                       {"result", one.result},
                       {"error", one.error ? OrderedJson(*one.error) : OrderedJson(nullptr)}});
        if (!one.instance_type.empty()) out.back()["instance_type"] = one.instance_type;
    }
    return out;
}

bool is_empty_container(const OrderedJson& value) { return value.is_structured() && value.empty(); }

}  // namespace

OrderedJson number(double value, int decimals) {
    if (!std::isfinite(value)) return nullptr;
    const double scale = std::pow(10.0, decimals);
    const double rounded = std::round(value * scale) / scale;
    if (!std::isfinite(rounded)) return value;
    if (rounded == std::trunc(rounded) && std::fabs(rounded) < largest_whole)
        return static_cast<std::int64_t>(rounded);
    return rounded;
}

OrderedJson time_or_null(const std::optional<Time>& time) {
    return time ? OrderedJson(time_text(*time)) : OrderedJson(nullptr);
}

OrderedJson reasons_document(const std::vector<Reason>& reasons) {
    auto out = OrderedJson::array();
    for (const auto& one : reasons) out.push_back({{"code", word(one.code)}, {"text", one.text}});
    return out;
}

OrderedJson unplaceable_document(const std::vector<UnplaceablePod>& pods) {
    auto out = OrderedJson::array();
    for (const auto& one : pods) out.push_back({{"pod", one.pod}, {"reason", one.reason}});
    return out;
}

OrderedJson plan_document(const Plan& plan) {
    OrderedJson out;
    out["version"] = version;
    out["now"] = time_text(plan.now);
    out["cluster"] = plan.cluster;
    out["decision"] = word(plan.decision);
    out["reasons"] = reasons_document(plan.reasons);
    out["signals"] = signals_document(plan.signals);
    out["launch"] = launch_document(plan.launch);
    out["placed"] = placed_document(plan.placed);
    out["remove"] = removals_document(plan.remove);
    out["could_remove"] = removals_document(plan.could_remove);
    out["unplaceable"] = unplaceable_document(plan.unplaceable);
    out["kept"] = kept_document(plan.kept);
    out["totals"] = totals_document(plan.totals);
    return out;
}

OrderedJson record_document(const Record& record) {
    auto out = plan_document(record.plan);
    out["epoch"] = record.epoch;
    out["trigger"] = record.trigger;
    out["done"] = done_document(record.done);
    drop_empty(out);
    return out;
}

void drop_empty(OrderedJson& document) {
    if (document.is_array())
        for (auto& element : document) drop_empty(element);
    if (!document.is_object()) return;
    for (auto member = document.begin(); member != document.end();) {
        drop_empty(*member);
        member = is_empty_container(*member) ? document.erase(member) : std::next(member);
    }
}

std::string dumped(const OrderedJson& document, int indent) {
    return document.dump(indent, ' ', false, OrderedJson::error_handler_t::replace);
}

std::string plan_json(const Plan& plan) { return dumped(plan_document(plan), 2); }

std::string record_json(const Record& record) { return dumped(record_document(record)); }

std::string error_json(std::string_view code, std::string_view text) {
    OrderedJson out;
    out["error"] = {{"code", code}, {"text", text}};
    return dumped(out);
}

}  // namespace nodenap
