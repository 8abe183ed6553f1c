#pragma once

#include "controller/ports.hpp"

namespace nodenap {

/// What an update means, for every store that is not DynamoDB itself.
///
/// As DynamoDB judges a ConditionExpression: a comparison with what is absent, or of another
/// type, is false.
bool holds(const Condition& condition, const AttributeMap& item);

/// The item after the change; everything on the right-hand side is read from `before`. Error
/// invalid, as DynamoDB's ValidationException: overlapping paths, an entry of no map, a number
/// added to something else, a change of the key.
Result<AttributeMap> changed(const AttributeMap& before, const Change& change);

/// UpdateItem, whole: refused with the item as it was, or the item after the change, which carries
/// its key.
Result<Updated> updated(const AttributeMap& before, const Key& key, const Change& change,
                        const Condition& condition);

}  // namespace nodenap
