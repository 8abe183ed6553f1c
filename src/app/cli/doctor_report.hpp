#pragma once

#include "app/cli/terminal.hpp"
#include "doctor/checks.hpp"

#include <string>
#include <vector>

namespace nodenap {

/// What was checked, and below it what to do about each that is not well.
std::string doctor_text(const std::vector<Check>& checks, const Style& style);
/// {"version": 1, "checks": [{"check", "result", "seen", "advice"}]}; advice is null where none
/// is needed.
std::string doctor_json(const std::vector<Check>& checks);

}  // namespace nodenap
