#pragma once

#include <string>
#include <string_view>

namespace nodenap {

/// Escapes text for the content of an HTML or XML element.
std::string markup_text(std::string_view text);

}  // namespace nodenap
