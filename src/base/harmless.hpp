#pragma once

#include <string>
#include <string_view>

namespace nodenap {

// Text from outside may hold escape sequences, control characters and characters that change the
// direction of the text around them. These functions remove them before text reaches a terminal.
// Bytes that are not valid UTF-8 are treated as control characters.

/// One line for a table cell or a message: each such character, line break and tab becomes a space.
std::string harmless(std::string_view text);
/// Text of several lines: line breaks and tabs are kept.
std::string harmless_lines(std::string_view text);
/// Equivalent JSON: such characters within strings are escaped ("\u001b"), so nothing is lost.
std::string harmless_json(std::string_view json);

}  // namespace nodenap
