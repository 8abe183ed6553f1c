#pragma once

#include "base/units.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace nodenap {

/// ISO-8601 in UTC with whole seconds, the fraction cut off: "2026-11-23T20:00:00Z". Years 1 to
/// 9999; a time outside is shown as the nearest of them. Knows no locale and no time zone.
std::string time_text(Time time);

/// The inverse; a fraction of up to nine digits and an offset such as "+01:00" are read too
/// (milliseconds are kept). nullopt for anything else, impossible dates and leap seconds included.
std::optional<Time> time_from_text(std::string_view text);

/// HTTP's own date, "Mon, 23 Nov 2026 20:00:00 GMT"; nullopt for anything else.
std::optional<Time> time_from_http(std::string_view text);

}  // namespace nodenap
