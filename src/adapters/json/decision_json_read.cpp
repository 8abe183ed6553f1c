#include "adapters/json/decision_json.hpp"
#include "adapters/json/decision_json_fields.hpp"
#include "base/time_text.hpp"
#include "decide/explain.hpp"

namespace nodenap {

namespace {

constexpr std::int64_t version = 1;

std::vector<Reason> read_reasons(const Fields& in) {
    std::vector<Reason> out;
    for (const auto& one : in.objects("reasons")) {
        const auto code = one.text("code");
        const auto known = reason_code(code);
        if (!known) one.refuse("code", "is not a reason code: " + code);
        out.push_back({known.value_or(ReasonCode::nothing_to_do), one.text("text")});
    }
    return out;
}

SignalSummary read_signals(const Fields& in) {
    SignalSummary out;
    out.cpu_percent = in.number_or_none("cpu_percent");
    out.memory_percent = in.number_or_none("memory_percent");
    out.cores = in.number_or_none("cores");
    out.pending_pods = in.whole_or_none("pending_pods");
    out.nodes_ready = in.count("nodes_ready");
    out.nodes_other = in.count("nodes_other");
    out.nodes_booting = in.count("nodes_booting");
    out.nodes_notready = in.count("nodes_notready");
    for (const auto& one : in.objects("unknown"))
        out.unknown.push_back({one.text("signal"), one.text("cause")});
    return out;
}

std::vector<LaunchGroup> read_launch(const Fields& in) {
    std::vector<LaunchGroup> out;
    for (const auto& one : in.objects("launch")) {
        LaunchGroup group;
        const auto bought = one.text("capacity");
        const auto known = capacity(bought);
        if (!known) one.refuse("capacity", "is not a purchase option: " + bought);
        group.offering = {one.text("pool"), one.text("instance_type"), one.text("zone"),
                          known.value_or(Capacity::on_demand)};
        group.count = one.count("count");
        group.price_per_hour_usd = one.number("price_per_hour_usd");
        for (const auto& node : one.list("pods")) {
            auto& pods = group.pods.emplace_back();
            for (const auto& pod : one.list_of(node, "pods"))
                pods.push_back(one.text_of(pod, "pods"));
        }
        out.push_back(std::move(group));
    }
    return out;
}

std::map<std::string, std::vector<std::string>> read_placed(const Fields& in) {
    std::map<std::string, std::vector<std::string>> out;
    for (const auto& [node, pods] : in.object("placed").members())
        for (const auto& pod : in.list_of(pods, "placed"))
            out[node].push_back(in.text_of(pod, "placed"));
    return out;
}

std::vector<Removal> read_removals(const Fields& in, const std::string& key) {
    std::vector<Removal> out;
    for (const auto& one : in.objects(key))
        out.push_back(
            {one.text("node"), one.text("instance_id"), removal_cause(one.text("reason"))});
    return out;
}

Totals read_totals(const Fields& in) {
    return {in.count("new_nodes"), in.whole("pods_placed"), in.number("price_per_hour_usd")};
}

Plan read_plan(const Fields& in) {
    Plan out;
    if (in.whole("version") != version) in.refuse("version", "is not 1");
    const auto now = time_from_text(in.text("now"));
    if (!now) in.refuse("now", "is not a time");
    out.now = now.value_or(Time{});
    out.cluster = in.text("cluster");
    const auto decision = in.text("decision");
    const auto known = decision_kind(decision);
    if (!known) in.refuse("decision", "is not a decision: " + decision);
    out.decision = known.value_or(DecisionKind::hold);
    out.reasons = read_reasons(in);
    out.signals = read_signals(in.object("signals"));
    out.launch = read_launch(in);
    out.placed = read_placed(in);
    out.remove = read_removals(in, "remove");
    out.could_remove = read_removals(in, "could_remove");
    for (const auto& one : in.objects("unplaceable"))
        out.unplaceable.push_back({one.text("pod"), one.text("reason")});
    for (const auto& one : in.objects("kept"))
        out.kept.push_back({one.text("node"), one.text("reason")});
    out.totals = read_totals(in.object("totals"));
    return out;
}

Record read_record(const Fields& in) {
    Record out;
    out.plan = read_plan(in);
    out.epoch = in.whole("epoch");
    out.trigger = in.text("trigger");
    for (const auto& one : in.objects("done"))
        out.done.push_back({one.text("kind"), one.text("id"), one.text("result"),
                            one.text_or_none("error"), one.text("instance_type")});
    return out;
}

}  // namespace

Result<Plan> plan_from_json(std::string_view text) {
    return read_document<Plan>(text, "the plan", read_plan);
}

Result<Record> record_from_json(std::string_view text) {
    return read_document<Record>(text, "the record", read_record);
}

}  // namespace nodenap
