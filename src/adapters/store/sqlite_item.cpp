#include "adapters/store/sqlite_item.hpp"

#include <simdjson.h>
#include <nlohmann/json.hpp>

#include <charconv>

namespace nodenap {

namespace {

using Json = nlohmann::ordered_json;
namespace dom = simdjson::dom;

constexpr int deepest = 8;

Json map_document(const AttributeMap& map);

struct AttributeWriter {
    Json operator()(bool flag) const { return {{"BOOL", flag}}; }
    Json operator()(std::int64_t number) const { return {{"N", std::to_string(number)}}; }
    Json operator()(const std::string& text) const { return {{"S", text}}; }
    Json operator()(const AttributeMap& map) const { return {{"M", map_document(map)}}; }
};

Json map_document(const AttributeMap& map) {
    auto out = Json::object();
    for (const auto& [name, attribute] : map)
        out[name] = std::visit(AttributeWriter{}, attribute.value);
    return out;
}

std::optional<AttributeMap> read_map(const dom::object& object, int depth);

std::optional<Attribute> read_number(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return Attribute{number};
}

/// {"S": "…"}: an object with one member, named by the type.
std::optional<Attribute> read_attribute(const dom::element& element, int depth) {
    dom::object object;
    if (element.get_object().get(object) || object.size() != 1) return std::nullopt;
    const auto field = *object.begin();
    bool flag = false;
    std::string_view text;
    dom::object map;
    if (field.key == "BOOL" && !field.value.get_bool().get(flag)) return Attribute{flag};
    if (field.key == "N" && !field.value.get_string().get(text)) return read_number(text);
    if (field.key == "S" && !field.value.get_string().get(text))
        return Attribute{std::string(text)};
    if (field.key != "M" || field.value.get_object().get(map)) return std::nullopt;
    auto entries = read_map(map, depth + 1);
    if (!entries) return std::nullopt;
    return Attribute{*std::move(entries)};
}

std::optional<AttributeMap> read_map(const dom::object& object, int depth) {
    if (depth > deepest) return std::nullopt;
    AttributeMap out;
    for (const auto& field : object) {
        auto attribute = read_attribute(field.value, depth);
        if (!attribute) return std::nullopt;
        out[std::string(field.key)] = *std::move(attribute);
    }
    return out;
}

}  // namespace

std::string item_text(const AttributeMap& item) {
    return map_document(item).dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<AttributeMap> item_from_text(std::string_view text) {
    dom::parser parser;
    dom::object object;
    if (parser.parse(text.data(), text.size()).get(object))
        return Error{ErrorKind::invalid, "an item is not JSON"};
    auto item = read_map(object, 0);
    if (!item) return Error{ErrorKind::invalid, "an item has an attribute of an unknown type"};
    return *std::move(item);
}

}  // namespace nodenap
