#pragma once

#include "controller/ports.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace nodenap {

/// DynamoDB's JSON of attributes, {"name": {"S": "text"}}, and back.
nlohmann::ordered_json dynamodb_json(const AttributeMap& attributes);

/// What an answer held. Attributes of types that we never write are left out; a number that is no
/// whole one makes the answer unreadable.
struct DynamoDbAnswer {
    AttributeMap item;                // "Attributes" or "Item"; empty if there is none
    std::vector<AttributeMap> items;  // "Items"
    AttributeMap last_key;            // "LastEvaluatedKey"; empty on the last page
};
Result<DynamoDbAnswer> read_dynamodb_answer(const std::string& body);

}  // namespace nodenap
