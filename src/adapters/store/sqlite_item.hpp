#pragma once

#include "controller/ports.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Items of the SQLite store as text; not included elsewhere.
namespace nodenap {

/// DynamoDB's own JSON: {"epoch":{"N":"7"},"lease_owner":{"S":"…"},"notices":{"M":{…}}}.
std::string item_text(const AttributeMap& item);
/// Error invalid: not such JSON, or a type that Nodenap does not use.
Result<AttributeMap> item_from_text(std::string_view text);

}  // namespace nodenap
