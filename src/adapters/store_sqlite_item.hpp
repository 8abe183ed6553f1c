#pragma once

#include "controller/ports.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Items of store_sqlite as text, and what an update does to one; included by no other.
namespace nodenap {

/// DynamoDB's own JSON: {"epoch":{"N":"7"},"lease_owner":{"S":"…"},"notices":{"M":{…}}}.
std::string item_text(const AttributeMap& item);
/// Error invalid: not such JSON, or a type that we do not use.
Result<AttributeMap> item_from_text(std::string_view text);

/// As DynamoDB judges a ConditionExpression: a comparison with what is absent, or of another
/// type, is false.
bool holds(const Condition& condition, const AttributeMap& item);

/// The item after the change; everything on the right-hand side is read from `before`. Error
/// invalid, as DynamoDB's ValidationException: overlapping paths, an entry of no map, a number
/// added to something else, a change of the key.
Result<AttributeMap> changed(const AttributeMap& before, const Change& change);

}  // namespace nodenap
