#pragma once

#include <string>
#include <string_view>

namespace nodenap {

/// Text as it stands within an element of HTML or XML.
std::string markup_text(std::string_view text);

}  // namespace nodenap
