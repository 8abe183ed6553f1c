#pragma once

#include <string>
#include <string_view>

namespace nodenap {

// What others write may hold what a terminal obeys: escape sequences, control characters, and
// characters that change the direction of the text around them. None of these reaches a person's
// screen. Bytes that are no UTF-8 count as control characters.

/// One line for a cell or a message: each of them becomes a space, as does a line break or a tab.
std::string harmless(std::string_view text);
/// Text of several lines: line breaks and tabs stay.
std::string harmless_lines(std::string_view text);
/// JSON that means the same: what stands within its strings is escaped ("\u001b"), nothing lost.
std::string harmless_json(std::string_view json);

}  // namespace nodenap
