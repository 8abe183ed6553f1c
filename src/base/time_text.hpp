#pragma once

#include "base/units.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace nodenap {

/// ISO 8601 in UTC with whole seconds, truncated: "2026-11-23T20:00:00Z". Times outside the years 1
/// to 9999 are clamped. Independent of locale and time zone.
std::string time_text(Time time);

/// Parses the same format; also accepts a fraction of up to nine digits (milliseconds are kept) and
/// an offset such as "+01:00". nullopt for anything else, including impossible dates and leap
/// seconds.
std::optional<Time> time_from_text(std::string_view text);

/// Parses an HTTP date, "Mon, 23 Nov 2026 20:00:00 GMT"; nullopt for anything else.
std::optional<Time> time_from_http(std::string_view text);

}  // namespace nodenap
