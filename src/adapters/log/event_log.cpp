#include "adapters/log/event_log.hpp"

#include "base/harmless.hpp"
#include "base/time_text.hpp"
#include "decide/explain.hpp"

#include <nlohmann/json.hpp>

#include <unistd.h>
#include <cerrno>
#include <cmath>

namespace nodenap {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t longest_text = std::size_t{2} << 10;
constexpr std::size_t most_effects = 50;
constexpr std::string_view mask = "***";

std::string cut(const std::string& text) {
    if (text.size() <= longest_text) return text;
    return text.substr(0, longest_text) + "…";
}

std::string dumped(const Json& line) {
    return harmless_json(line.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Json head(std::string_view event, const std::string& cluster, Time now) {
    Json out;
    out["time"] = time_text(now);
    out["event"] = event;
    out["cluster"] = cluster;
    return out;
}

Json done_list(const std::vector<Effect>& done) {
    auto out = Json::array();
    for (const auto& effect : done) {
        if (out.size() == most_effects) break;
        Json one = {{"kind", effect.kind}, {"id", effect.id}, {"result", effect.result}};
        if (effect.error) one["error"] = cut(*effect.error);
        out.push_back(std::move(one));
    }
    return out;
}

void add_signals(Json& out, const SignalSummary& signals) {
    if (signals.cpu_percent) out["cpu_percent"] = std::round(*signals.cpu_percent * 10) / 10;
    if (signals.pending_pods) out["pending_pods"] = *signals.pending_pods;
    out["nodes_ready"] = signals.nodes_ready;
    out["nodes_booting"] = signals.nodes_booting;
    for (const auto& unknown : signals.unknown) out["unknown"][unknown.signal] = cut(unknown.cause);
}

/// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
Json metric_directive(Time now) {
    Json metric = {{"Name", "PassSucceeded"}, {"Unit", "Count"}};
    Json directive;
    directive["Namespace"] = "Nodenap";
    directive["Dimensions"] = Json::array({Json::array({"Cluster"})});
    directive["Metrics"] = Json::array({std::move(metric)});
    Json out;
    out["Timestamp"] = now.time_since_epoch().count();
    out["CloudWatchMetrics"] = Json::array({std::move(directive)});
    return out;
}

}  // namespace

JsonEventLog::JsonEventLog(Clock& clock, int descriptor, std::string cluster)
    : clock_(clock), descriptor_(descriptor), cluster_(std::move(cluster)) {}

void JsonEventLog::hide(const Secret& secret) {
    if (secret.empty()) return;
    const auto in_json = dumped(secret.reveal());
    hidden_.push_back(secret);
    hidden_.emplace_back(in_json.substr(1, in_json.size() - 2));
}

void JsonEventLog::write(const LogEvent& event) {
    auto line = head(event.name, cluster_, clock_.now());
    for (const auto& [name, value] : event.fields) {
        const auto* text = std::get_if<std::string>(&value);
        if (text)
            line[name] = cut(*text);
        else
            std::visit([&](const auto& held) { line[name] = held; }, value);
    }
    write_line(dumped(line));
}

void JsonEventLog::pass(const Record& record, bool succeeded) {
    const auto now = clock_.now();
    const auto& plan = record.plan;
    auto line = head("pass", cluster_, now);
    line["decision"] = word(plan.decision);
    if (!plan.reasons.empty()) {
        line["reason"] = word(plan.reasons.front().code);
        line["text"] = cut(plan.reasons.front().text);
    }
    line["trigger"] = record.trigger;
    line["epoch"] = record.epoch;
    add_signals(line, plan.signals);
    if (plan.totals.new_nodes > 0) line["new_nodes"] = plan.totals.new_nodes;
    if (!plan.remove.empty()) line["removals"] = plan.remove.size();
    if (!record.done.empty()) line["done"] = done_list(record.done);
    line["_aws"] = metric_directive(now);
    line["Cluster"] = cluster_;
    line["PassSucceeded"] = succeeded ? 1 : 0;
    write_line(dumped(line));
}

void JsonEventLog::write_line(std::string line) const {
    for (const auto& secret : hidden_) {
        const auto& text = secret.reveal();
        for (auto at = line.find(text); at != line.npos; at = line.find(text, at + mask.size()))
            line.replace(at, text.size(), mask);
    }
    line += '\n';
    // One call for the whole line; if a pipe takes only a part, the rest follows immediately.
    for (std::string_view left = line; !left.empty();) {
        const auto written = ::write(descriptor_, left.data(), left.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;
        left.remove_prefix(static_cast<std::size_t>(written));
    }
}

}  // namespace nodenap
