#pragma once

#include "controller/trigger.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace nodenap {

/// An event that is none of ours: answered, never a function error. `code` is "unknown_event".
struct Refusal {
    std::string code;
    std::string text;
};

/// What woke us, from the bytes that Lambda hands over. Recognised, in this order, by `action`
/// ("status", "tick"), by `Records[].Sns` (an alert of Alertmanager or CloudWatch, or any other
/// text: it wakes us under no name), and by `source` with `detail-type` (EventBridge's and its
/// Scheduler's). Total: nonsense of any size and depth is a Refusal.
std::variant<Trigger, Refusal> read_event(std::string_view body);

}  // namespace nodenap
