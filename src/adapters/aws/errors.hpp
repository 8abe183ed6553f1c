#pragma once

#include "base/result.hpp"

#include <span>
#include <string>
#include <string_view>

namespace nodenap {

/// Whether the same request may be retried. `if_safe`: the first one may have taken effect.
/// `answer`: it is not a failure, and the caller reads the whole response.
enum class TryAgain { never, once, always, if_safe, answer };

/// Maps one AWS error to a kind. An empty service matches any; a code ending in '*' is a prefix;
/// `text` must be part of the message.
struct AwsErrorRule {
    std::string_view service;
    std::string_view code;
    ErrorKind kind = ErrorKind::invalid;
    TryAgain again = TryAgain::never;
    std::string_view text = {};
    std::string_view advice = {};
};

/// The whole table; the first matching row counts.
std::span<const AwsErrorRule> aws_error_rules();

/// The contents of an error response; code and text are empty if absent.
struct AwsFault {
    int status = 0;
    std::string code;
    std::string text;
};

/// Reads EC2's XML and the JSON of the other services, which also send XML (for an invalid
/// signature); anything else, such as an HTML page, leaves code and text empty. Source: AWS's API
/// references.
AwsFault read_aws_fault(int status, const std::string& body);

/// The rule for an error; without a matching row its status decides (4xx: user action, 5xx:
/// unknown).
AwsErrorRule judge(std::string_view service, const AwsFault& fault);

}  // namespace nodenap
