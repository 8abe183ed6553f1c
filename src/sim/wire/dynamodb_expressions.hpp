#pragma once

#include "controller/ports.hpp"

#include <map>
#include <string>

namespace nodenap::servers {

/// What stands behind the placeholders of a request: "#0" and ":0".
struct Placeholders {
    std::map<std::string, std::string> names;
    AttributeMap values;
};

// Each reads the expressions that store_dynamodb_requests writes, and no more of DynamoDB's
// language; anything else is an Error, invalid. What they mean is controller/item's.

Result<Change> read_update_expression(const std::string& text, const Placeholders& placeholders);
Result<Condition> read_condition_expression(const std::string& text,
                                            const Placeholders& placeholders);
/// "#0 = :0 AND #1 BETWEEN :1 AND :2".
Result<Query> read_key_condition(const std::string& text, const Placeholders& placeholders);

/// DynamoDB refuses a placeholder that stands in none of the expressions.
Status check_all_used(const std::string& expressions, const Placeholders& placeholders);

}  // namespace nodenap::servers
