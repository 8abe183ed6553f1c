#pragma once

#include <string>
#include <string_view>

namespace nodenap {

/// What is wrong with [metrics] matcher, or "": it is a list of PromQL label matchers, such as
/// cluster="prod",env!~"dev.*", with values in double or single quotes.
std::string matcher_fault(std::string_view matcher);

/// The query with the matcher in each selector. Only for queries of ours: a family is known by the
/// beginning of its name. Empty: the query as it is.
std::string with_matcher(std::string_view query, std::string_view matcher);

}  // namespace nodenap
