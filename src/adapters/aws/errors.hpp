#pragma once

#include "base/result.hpp"

#include <span>
#include <string>
#include <string_view>

namespace nodenap {

/// Whether the same request may go again. `if_safe`: the first one may have been carried out.
/// `answer`: it is no failure, and the caller reads the whole answer.
enum class TryAgain { never, once, always, if_safe, answer };

/// One row of what AWS says and what it means for us. An empty service is any; a code that ends
/// in '*' is a beginning; `text` must be part of the message.
struct AwsErrorRule {
    std::string_view service;
    std::string_view code;
    ErrorKind kind = ErrorKind::invalid;
    TryAgain again = TryAgain::never;
    std::string_view text = {};
    std::string_view advice = {};
};

/// The whole table; the first row that fits counts.
std::span<const AwsErrorRule> aws_error_rules();

/// What an answer that is no success said: code and text are empty where it did not.
struct AwsFault {
    int status = 0;
    std::string code;
    std::string text;
};

/// Reads EC2's XML, the JSON of the others, and XML from them too (a broken signature); anything
/// else, such as an HTML page, leaves code and text empty. Source: AWS's API references.
AwsFault read_aws_fault(int status, const std::string& body);

/// The rule for a fault; without a row its status decides (4xx: a person, 5xx: unknown).
AwsErrorRule judge(std::string_view service, const AwsFault& fault);

}  // namespace nodenap
