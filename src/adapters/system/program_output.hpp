#pragma once

#include "base/result.hpp"
#include "controller/ports.hpp"

#include <string>
#include <vector>

namespace nodenap {

inline constexpr const char* program_missing = "ProgramMissing";

/// Runs a program from the PATH and returns its standard output; it inherits standard error and
/// input, so that it can prompt the user. denied: it failed, took longer than two minutes or wrote
/// more than 64 KiB; code `program_missing` if it does not exist.
Result<std::string> program_output(const std::vector<std::string>& words, Clock& clock);

}  // namespace nodenap
