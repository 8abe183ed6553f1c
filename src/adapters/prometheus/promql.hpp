#pragma once

#include <string>
#include <string_view>

namespace nodenap {

/// Replaces each "$name" by `text`.
std::string with(std::string query, std::string_view name, std::string_view text);

/// Expands the shared expressions "$pending", "$bound", "$requests" … in a query.
std::string filled(std::string_view query);

}  // namespace nodenap
