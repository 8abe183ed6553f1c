#pragma once

#include "controller/ports.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Items of store_sqlite as text; included by no other.
namespace nodenap {

/// DynamoDB's own JSON: {"epoch":{"N":"7"},"lease_owner":{"S":"…"},"notices":{"M":{…}}}.
std::string item_text(const AttributeMap& item);
/// Error invalid: not such JSON, or a type that we do not use.
Result<AttributeMap> item_from_text(std::string_view text);

}  // namespace nodenap
