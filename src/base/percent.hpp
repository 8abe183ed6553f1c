#pragma once

#include <string>
#include <string_view>

namespace nodenap {

/// Percent-encoding of RFC 3986: everything but letters, digits and "-_.~" is encoded.
std::string percent_encoded(std::string_view text);

/// Encodes a form field (application/x-www-form-urlencoded) in as few bytes as every parser
/// accepts: only characters that end or escape a field are encoded, a space becomes "+". This
/// halves the length of a Prometheus query, and traffic between availability zones is charged by
/// the byte.
std::string form_encoded(std::string_view text);

}  // namespace nodenap
