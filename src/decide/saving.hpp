#pragma once

#include "decide/remaining.hpp"

#include <string>

namespace nodenap {

/// The price of a worker per hour, which its removal saves; 0 if its type has no price.
double price_per_hour_usd(const Policy& policy, const Member& member);

/// "; cheaper types of their pools could replace 2 of them: 0.692 → 0.054 USD an hour", or empty:
/// whether the remaining workers are larger than their pods need. Only reported: no worker is
/// replaced for its price.
std::string cheaper_text(const RemovalContext& c);

}  // namespace nodenap
