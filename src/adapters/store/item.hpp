#pragma once

#include "controller/ports.hpp"

namespace nodenap {

/// What an update means, for every store that is not DynamoDB itself.
///
/// As DynamoDB judges a ConditionExpression: a comparison with what is absent, or of another
/// type, is false.
bool holds(const Condition& condition, const AttributeMap& item);

/// Error invalid, as DynamoDB's ValidationException: overlapping paths, an entry of no map, a
/// number added to something else, a change of the key. The item is then as it was.
Status apply_change(AttributeMap& item, const Change& change);

/// UpdateItem, whole: what is written carries its key; what is refused, or an error, leaves the
/// item as it was.
Result<Updated> update_item(AttributeMap& item, const Key& key, const Change& change,
                            const Condition& condition);

}  // namespace nodenap
