#pragma once

#include "controller/ports.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace nodenap {

/// Converts attributes to and from DynamoDB's JSON, {"name": {"S": "text"}}.
nlohmann::ordered_json dynamodb_json(const AttributeMap& attributes);

/// A decoded response. Attributes of types that Nodenap never writes are skipped; a fractional
/// number makes the response unreadable.
struct DynamoDbAnswer {
    AttributeMap item;                // "Attributes" or "Item"; empty if there is none
    std::vector<AttributeMap> items;  // "Items"
    AttributeMap last_key;            // "LastEvaluatedKey"; empty on the last page
};
Result<DynamoDbAnswer> read_dynamodb_answer(const std::string& body);

}  // namespace nodenap
