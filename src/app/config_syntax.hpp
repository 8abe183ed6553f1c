#pragma once

#include <string>
#include <string_view>

namespace nodenap {

/// What the TOML library says of a line that it cannot read, as what is missing there:
/// "expected a value after \"id =\"; strings need quotes". `line` is the text of that line.
std::string syntax_fault(std::string_view description, std::string_view line);

}  // namespace nodenap
