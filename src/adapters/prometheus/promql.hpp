#pragma once

#include <string>
#include <string_view>

namespace nodenap {

/// Puts `text` in place of each "$name".
std::string with(std::string query, std::string_view name, std::string_view text);

/// The query with what several of them share in place of "$pending", "$bound", "$requests" …
std::string filled(std::string_view query);

}  // namespace nodenap
