#pragma once

#include "decide/remaining.hpp"

#include <string>

namespace nodenap {

/// What a worker costs an hour, and so what its removal saves; 0 where its type has no price.
double price_per_hour_usd(const Policy& policy, const Member& member);

/// "; cheaper types of their pools could replace 2 of them: 0.692 → 0.054 USD an hour", or empty:
/// whether the workers that stay are larger than what they hold needs. Only said: no worker is
/// replaced for its price.
std::string cheaper_text(const RemovalContext& c);

}  // namespace nodenap
