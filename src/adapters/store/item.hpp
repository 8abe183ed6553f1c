#pragma once

#include "controller/ports.hpp"

namespace nodenap {

/// The semantics of DynamoDB's UpdateItem, for stores other than DynamoDB.
///
/// Evaluates a condition like DynamoDB: a comparison with an absent value or another type is false.
bool holds(const Condition& condition, const AttributeMap& item);

/// Error invalid, like DynamoDB's ValidationException: overlapping paths, an entry of something
/// that is not a map, ADD to something that is not a number, a change of the key. The item is then
/// unchanged.
Status apply_change(AttributeMap& item, const Change& change);

/// The complete UpdateItem: a written item includes its key; a refused condition or an error leaves
/// the item unchanged.
Result<Updated> update_item(AttributeMap& item, const Key& key, const Change& change,
                            const Condition& condition);

}  // namespace nodenap
