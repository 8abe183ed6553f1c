#include "adapters/lambda/event_message.hpp"

#include <simdjson.h>

#include <algorithm>
#include <optional>

namespace nodenap {

namespace {

namespace dom = simdjson::dom;

constexpr std::size_t most_names = 100;
constexpr std::size_t longest_name = 200;

std::string_view text_at(const dom::object& object, std::string_view key) {
    std::string_view text;
    if (object.at_key(key).get_string().get(text)) return {};
    return text;
}

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

}  // namespace

void read_message(std::string_view message, std::string_view subject, Alert& alert) {
    if (read_json(message, alert) || read_text(message, alert)) return;
    alert.firing = alert.firing || !subject.starts_with("[RESOLVED");
}

}  // namespace nodenap
