#pragma once

#include "controller/trigger.hpp"

#include <string_view>

namespace nodenap {

/// Adds the contents of one SNS message to `alert`: names, and firing if any alert fires.
/// Understands Alertmanager's JSON and its default text, CloudWatch's alarm JSON, and
/// Alertmanager's subject ("[FIRING:1] …"). Any other message adds no name and counts as firing, so
/// it starts a pass too.
void read_message(std::string_view message, std::string_view subject, Alert& alert);

}  // namespace nodenap
