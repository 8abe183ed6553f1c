#pragma once

#include "doctor/checks.hpp"

#include <string>
#include <string_view>

namespace nodenap {

/// The "host:port" that a text of a failed call names as out of reach; empty where it was reached.
std::string_view unreachable_address(std::string_view text);

/// "dynamodb GetItem: cannot connect to 10.0.0.1:8000" for what libcurl says in two lines. Other
/// texts stay.
std::string plain_connection(std::string_view text);

/// A connection that several checks need and that fails becomes one check of its own, before the
/// first of them; they are "skipped: depends on the connection". It has failed if one of them had.
std::vector<Check> connections_once(std::vector<Check> checks);

}  // namespace nodenap
