#pragma once

#include <string>
#include <string_view>

namespace nodenap {

/// Percent-encoded as RFC 3986 has it: all but letters, digits and "-_.~".
std::string percent_encoded(std::string_view text);

/// As a form's field (application/x-www-form-urlencoded), in as few bytes as every reader of forms
/// takes: only what ends or escapes a field is encoded, a space is "+". A query of Prometheus is
/// half as long so, and its bytes between two zones are paid for.
std::string form_encoded(std::string_view text);

}  // namespace nodenap
