#pragma once

#include "controller/trigger.hpp"

#include <string_view>

namespace nodenap {

/// Adds what one SNS message says to `alert`: names, and firing if anything fires. Understands
/// Alertmanager's JSON and its default text, CloudWatch's alarm JSON, and Alertmanager's subject
/// ("[FIRING:1] …"). Anything else leaves no name and counts as firing: it wakes us all the same.
void read_message(std::string_view message, std::string_view subject, Alert& alert);

}  // namespace nodenap
