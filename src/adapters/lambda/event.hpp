#pragma once

#include "controller/trigger.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace nodenap {

/// An unknown event: it gets a response and is never a function error. `code` is "unknown_event".
struct Refusal {
    std::string code;
    std::string text;
};

/// Parses the event of an invocation. Recognised, in this order, by `action` ("status", "tick"), by
/// `Records[].Sns` (an alert of Alertmanager or CloudWatch, or any other text, which is an alert
/// without a name), and by `source` with `detail-type` (EventBridge and EventBridge Scheduler).
/// Invalid input of any size and depth is a Refusal.
std::variant<Trigger, Refusal> read_event(std::string_view body);

}  // namespace nodenap
