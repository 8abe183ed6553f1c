#pragma once

#include "controller/ports.hpp"

#include <string>

namespace nodenap {

/// Request bodies of DynamoDB's low-level API (2012-08-10). Every name and value is replaced by a
/// placeholder, so that reserved words and special characters do not matter.
std::string update_item_body(const std::string& table, const Key& key, const Change& change,
                             const Condition& condition);
std::string get_item_body(const std::string& table, const Key& key);
/// `start` is the last key of the previous page, empty for the first page.
std::string query_body(const std::string& table, const Query& query, int limit,
                       const AttributeMap& start);

}  // namespace nodenap
