#pragma once

#include "base/result.hpp"
#include "controller/ports.hpp"

#include <string>
#include <vector>

namespace nodenap {

inline constexpr const char* program_missing = "ProgramMissing";

/// Runs a program, found on the PATH, to its end and gives back what it wrote to standard output;
/// its standard error and input are ours, so that it can ask a person. denied: it failed, took
/// longer than two minutes or wrote more than 64 KiB; code `program_missing` where there is none.
Result<std::string> program_output(const std::vector<std::string>& words, Clock& clock);

}  // namespace nodenap
