#include "adapters/lambda/event.hpp"

#include <simdjson.h>

#include <algorithm>
#include <optional>

namespace nodenap {

namespace {

namespace dom = simdjson::dom;
using Event = std::variant<Trigger, Refusal>;

/// Lambda's own limit.
constexpr std::size_t most_bytes = std::size_t{6} << 20;
constexpr std::size_t deepest = 64;
constexpr std::size_t longest_quote = 60;

Refusal refuse(const std::string& text) { return {"unknown_event", text}; }

/// Text from the event for use in a message: short and printable.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text.substr(0, longest_quote))
        out += c >= ' ' && c <= '~' && c != '"' ? c : '?';
    return out + (text.size() > longest_quote ? "…\"" : "\"");
}

std::string_view text_at(const dom::object& object, std::string_view key) {
    std::string_view text;
    if (object.at_key(key).get_string().get(text)) return {};
    return text;
}

// --- the text of an SNS message ----------------------------------------------------------------

constexpr std::size_t most_names = 100;
constexpr std::size_t longest_name = 200;

void add_name(Alert& alert, std::string_view name) {
    const std::string kept(name.substr(0, longest_name));
    const bool known = std::ranges::find(alert.names, kept) != alert.names.end();
    if (!kept.empty() && !known && alert.names.size() < most_names) alert.names.push_back(kept);
}

/// {"status":"firing","alerts":[{"status":"firing","labels":{"alertname":"…"}}]}
bool read_alertmanager(const dom::object& message, Alert& alert) {
    dom::array alerts;
    if (message.at_key("alerts").get_array().get(alerts)) return false;
    bool firing = text_at(message, "status") == "firing";
    for (const auto& element : alerts) {
        dom::object one;
        dom::object labels;
        if (element.get_object().get(one)) continue;
        firing = firing || text_at(one, "status") == "firing";
        if (!one.at_key("labels").get_object().get(labels))
            add_name(alert, text_at(labels, "alertname"));
    }
    alert.firing = alert.firing || firing;
    return true;
}

/// {"AlarmName":"…","NewStateValue":"ALARM"}
bool read_cloudwatch(const dom::object& message, Alert& alert) {
    const auto name = text_at(message, "AlarmName");
    if (name.empty()) return false;
    add_name(alert, name);
    alert.firing = alert.firing || text_at(message, "NewStateValue") == "ALARM";
    return true;
}

bool read_json(std::string_view message, Alert& alert) {
    dom::parser parser;
    dom::object object;
    if (message.empty())
        return false;  // it may have a null data pointer, which the parser must not get
    if (parser.parse(message.data(), message.size()).get(object)) return false;
    return read_alertmanager(object, alert) || read_cloudwatch(object, alert);
}

/// Lines of Alertmanager's default template: "Alerts Firing:", " - alertname = PodsPending".
bool read_text(std::string_view message, Alert& alert) {
    constexpr std::string_view label = " - alertname = ";
    bool understood = false;
    bool firing = false;
    for (std::size_t at = 0; at < message.size();) {
        const auto end = std::min(message.find('\n', at), message.size());
        auto line = message.substr(at, end - at);
        at = end + 1;
        if (line.ends_with('\r')) line.remove_suffix(1);
        firing = firing || line == "Alerts Firing:";
        if (!line.starts_with(label)) continue;
        understood = true;
        add_name(alert, line.substr(label.size()));
    }
    if (understood) alert.firing = alert.firing || firing;
    return understood;
}

/// Adds the contents of one SNS message to `alert`: names, and firing if any alert fires.
/// Understands Alertmanager's JSON and its default text, CloudWatch's alarm JSON, and
/// Alertmanager's subject ("[FIRING:1] …"). Any other message adds no name and counts as firing, so
/// it starts a pass too.
void read_message(std::string_view message, std::string_view subject, Alert& alert) {
    if (read_json(message, alert) || read_text(message, alert)) return;
    alert.firing = alert.firing || !subject.starts_with("[RESOLVED");
}

// --- the event itself ----------------------------------------------------------------------------

bool is_instance_id(std::string_view text) {
    constexpr std::size_t most_digits = 17;
    if (!text.starts_with("i-")) return false;
    const auto digits = text.substr(2);
    return !digits.empty() && digits.size() <= most_digits &&
           digits.find_first_not_of("0123456789abcdef") == digits.npos;
}

Event read_action(const dom::element& value) {
    std::string_view action;
    if (value.get_string().get(action)) return refuse("\"action\" is not a string");
    if (action == "status") return Trigger(Action::status);
    if (action == "tick") return Trigger(Action::tick);
    return refuse("unknown action " + quoted(action) + "; there are \"status\" and \"tick\"");
}

Event read_ec2(const dom::object& event, std::string_view detail_type) {
    dom::object detail;
    if (event.at_key("detail").get_object().get(detail))
        return refuse(quoted(detail_type) + " without detail");
    const auto id = text_at(detail, "instance-id");
    if (!is_instance_id(id)) return refuse(quoted(detail_type) + " without detail.instance-id");
    const std::string instance_id(id);
    if (detail_type == "EC2 Spot Instance Interruption Warning")
        return Trigger(SpotWarning{instance_id, std::string(text_at(event, "time"))});
    if (detail_type == "EC2 Instance Rebalance Recommendation")
        return Trigger(Rebalance{instance_id});
    if (detail_type != "EC2 Instance State-change Notification")
        return refuse("unknown EC2 event " + quoted(detail_type));
    const auto state = text_at(detail, "state");
    if (state.empty()) return refuse(quoted(detail_type) + " without detail.state");
    return Trigger(StateChange{instance_id, std::string(state)});
}

Event read_bridge(const dom::object& event) {
    const auto source = text_at(event, "source");
    const auto detail_type = text_at(event, "detail-type");
    const bool clock = source == "aws.events" || source == "aws.scheduler";
    if (clock && detail_type == "Scheduled Event") return Trigger(Scheduled{});
    if (source == "aws.ec2") return read_ec2(event, detail_type);
    if (source.empty())
        return refuse("the event has neither action, nor Records, nor source and detail-type");
    return refuse("unknown event: source " + quoted(source) + " and detail-type " +
                  quoted(detail_type));
}

/// The EventBridge event in an SNS message, if a rule has the topic as its target.
std::optional<Event> read_forwarded(std::string_view message) {
    dom::parser parser;
    dom::object event;
    if (message.empty())
        return {};  // it may have a null data pointer, which the parser must not get
    if (parser.allocate(message.size(), deepest)) return {};
    if (parser.parse(message.data(), message.size()).get(event)) return {};
    if (text_at(event, "source").empty() || text_at(event, "detail-type").empty()) return {};
    return read_bridge(event);
}

/// SNS sends one record at a time. Of several, the first that contains an event is the trigger;
/// alerts, which only start a pass, are merged.
Event read_records(const dom::array& records) {
    Alert alert;
    alert.firing = false;
    std::size_t understood = 0;
    for (const auto& record : records) {
        dom::object outer;
        dom::object sns;
        if (record.get_object().get(outer)) continue;
        if (outer.at_key("Sns").get_object().get(sns)) continue;
        ++understood;
        const auto message = text_at(sns, "Message");
        if (auto event = read_forwarded(message)) return std::move(*event);
        read_message(message, text_at(sns, "Subject"), alert);
    }
    if (understood == 0) return refuse("none of the Records is an SNS message");
    return Trigger(std::move(alert));
}

}  // namespace

std::variant<Trigger, Refusal> read_event(std::string_view body) {
    if (body.size() > most_bytes) return refuse("the event is larger than 6 MB");
    dom::parser parser;
    if (parser.allocate(body.size(), deepest)) return refuse("the event is too large to read");
    dom::element document;
    dom::object event;
    const auto failed = parser.parse(body.data(), body.size()).get(document);
    if (failed)
        return refuse(std::string("the event is not JSON: ") + simdjson::error_message(failed));
    if (document.get_object().get(event)) return refuse("the event is not a JSON object");
    dom::element action;
    if (!event.at_key("action").get(action)) return read_action(action);
    dom::array records;
    if (!event.at_key("Records").get_array().get(records)) return read_records(records);
    return read_bridge(event);
}

}  // namespace nodenap
