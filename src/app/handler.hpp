#pragma once

#include "controller/ports.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace nodenap {

/// An event as it came in.
struct Event {
    std::string_view body;
    Milliseconds time_left{};             // until the function is ended
    std::function<std::string()> random;  // 32 hex digits, new at each call
};

/// Answers one event with one JSON text: a record, the status, or {"error":…}. Never a function
/// error, which Lambda would try again: what went wrong is in the answer and in the event log.
std::string handle(const Ports& ports, const Settings& settings, const Event& event);

}  // namespace nodenap
