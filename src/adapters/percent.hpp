#pragma once

#include <string>
#include <string_view>

namespace nodenap {

/// Percent-encoded as RFC 3986 has it: all but letters, digits and "-_.~".
std::string percent_encoded(std::string_view text);

}  // namespace nodenap
