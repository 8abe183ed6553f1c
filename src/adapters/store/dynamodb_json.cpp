#include "adapters/store/dynamodb_json.hpp"

#include <simdjson.h>

#include <charconv>
#include <optional>
#include <string_view>

namespace nodenap {

namespace {

using nlohmann::ordered_json;
using Element = simdjson::dom::element;

struct Writer {
    ordered_json operator()(bool value) const { return {{"BOOL", value}}; }
    ordered_json operator()(std::int64_t value) const { return {{"N", std::to_string(value)}}; }
    ordered_json operator()(const std::string& value) const { return {{"S", value}}; }
    ordered_json operator()(const AttributeMap& value) const {
        return {{"M", dynamodb_json(value)}};
    }
};

bool read_map(const Element& element, AttributeMap& map);

// False if it cannot be read. Read but empty: a type that Nodenap never writes.
bool read_attribute(const simdjson::dom::object& typed, std::optional<Attribute>& into) {
    for (const auto& [type, element] : typed) {
        bool flag = false;
        std::string_view text;
        if (type == "BOOL" && element.get(flag) == simdjson::SUCCESS) {
            into = Attribute{flag};
        } else if (type == "S" && element.get(text) == simdjson::SUCCESS) {
            into = Attribute{std::string(text)};
        } else if (type == "N" && element.get(text) == simdjson::SUCCESS) {
            std::int64_t number = 0;
            const char* end = text.data() + text.size();
            const auto read = std::from_chars(text.data(), end, number);
            if (read.ec != std::errc() || read.ptr != end) return false;
            into = Attribute{number};
        } else if (type == "M") {
            AttributeMap map;
            if (!read_map(element, map)) return false;
            into = Attribute{std::move(map)};
        }
    }
    return true;
}

bool read_map(const Element& element, AttributeMap& map) {
    simdjson::dom::object object;
    if (element.get(object) != simdjson::SUCCESS) return false;
    for (const auto& [name, value] : object) {
        simdjson::dom::object typed;
        std::optional<Attribute> attribute;
        if (value.get(typed) != simdjson::SUCCESS || !read_attribute(typed, attribute)) {
            return false;
        }
        if (attribute) map.emplace(name, std::move(*attribute));
    }
    return true;
}

// An absent name is an empty map.
bool read_optional_map(const Element& root, const char* name, AttributeMap& map) {
    Element element;
    return root[name].get(element) != simdjson::SUCCESS || read_map(element, map);
}

bool read_items(const Element& root, std::vector<AttributeMap>& items) {
    simdjson::dom::array array;
    if (root["Items"].get(array) != simdjson::SUCCESS) return true;
    for (const Element& element : array) {
        if (!read_map(element, items.emplace_back())) return false;
    }
    return true;
}

}  // namespace

ordered_json dynamodb_json(const AttributeMap& attributes) {
    ordered_json object = ordered_json::object();
    for (const auto& [name, attribute] : attributes) {
        object[name] = std::visit(Writer{}, attribute.value);
    }
    return object;
}

Result<DynamoDbAnswer> read_dynamodb_answer(const std::string& body) {
    simdjson::dom::parser parser;
    Element root;
    DynamoDbAnswer answer;
    if (parser.parse(body).get(root) != simdjson::SUCCESS || !root.is_object() ||
        !read_optional_map(root, "Attributes", answer.item) ||
        !read_optional_map(root, "Item", answer.item) ||
        !read_optional_map(root, "LastEvaluatedKey", answer.last_key) ||
        !read_items(root, answer.items)) {
        return Error{ErrorKind::unavailable, "dynamodb: unreadable response"};
    }
    return answer;
}

}  // namespace nodenap
