#pragma once

#include "controller/ports.hpp"

#include <string>

namespace nodenap {

/// Bodies of DynamoDB's low-level API (2012-08-10). Every name and value stands behind a
/// placeholder, so that no reserved word and no character of a cluster's name can matter.
std::string update_item_body(const std::string& table, const Key& key, const Change& change,
                             const Condition& condition);
std::string get_item_body(const std::string& table, const Key& key);
/// `start` is the former page's last key, empty for the first page.
std::string query_body(const std::string& table, const Query& query, int limit,
                       const AttributeMap& start);

}  // namespace nodenap
