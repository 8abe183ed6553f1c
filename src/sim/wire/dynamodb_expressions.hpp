#pragma once

#include "controller/ports.hpp"

#include <map>
#include <string>

namespace nodenap::servers {

/// The values of a request's placeholders: "#0" and ":0".
struct Placeholders {
    std::map<std::string, std::string> names;
    AttributeMap values;
};

// Each parses only the expressions that adapters/store/dynamodb_requests.cpp writes; anything else
// is an Error, invalid. adapters/store/item.hpp evaluates them.

Result<Change> read_update_expression(const std::string& text, const Placeholders& placeholders);
Result<Condition> read_condition_expression(const std::string& text,
                                            const Placeholders& placeholders);
/// "#0 = :0 AND #1 BETWEEN :1 AND :2".
Result<Query> read_key_condition(const std::string& text, const Placeholders& placeholders);

/// DynamoDB refuses a placeholder that is used in no expression.
Status check_all_used(const std::string& expressions, const Placeholders& placeholders);

}  // namespace nodenap::servers
