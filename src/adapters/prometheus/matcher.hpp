#pragma once

#include <string>
#include <string_view>

namespace nodenap {

/// The error in [metrics] matcher, or "". It must be a list of PromQL label matchers, such as
/// cluster="prod",env!~"dev.*", with values in double or single quotes.
std::string matcher_fault(std::string_view matcher);

/// The query with the matcher added to each selector. Only for built-in queries, since metric
/// families are recognized by their prefix. An empty matcher leaves the query unchanged.
std::string with_matcher(std::string_view query, std::string_view matcher);

}  // namespace nodenap
