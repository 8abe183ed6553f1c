#include "sim/wire/dynamodb_server.hpp"

#include "sim/wire/delivery.hpp"
#include "sim/wire/dynamodb_expressions.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>
#include <utility>

namespace nodenap::servers {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* namespace_of_errors = "com.amazonaws.dynamodb.v20120810#";
/// DynamoDB's pages end after 1 MB; here much earlier, so that there is more than one.
constexpr int most_on_a_page = 5;

Json wire_value(const Attribute& attribute) {
    if (const auto* flag = std::get_if<bool>(&attribute.value)) return {{"BOOL", *flag}};
    if (const auto* number = std::get_if<std::int64_t>(&attribute.value)) {
        return {{"N", std::to_string(*number)}};
    }
    if (const auto* text = std::get_if<std::string>(&attribute.value)) return {{"S", *text}};
    return {{"M", wire_item(*std::get_if<AttributeMap>(&attribute.value))}};
}

std::optional<Attribute> number_of(const std::string& text) {
    std::int64_t number = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
    return Attribute{number};
}

std::optional<Attribute> value_of(const Json& wire) {
    if (!wire.is_object() || wire.size() != 1) return std::nullopt;
    const auto only = wire.begin();
    const std::string& type = only.key();
    const Json& value = only.value();
    if (type == "BOOL" && value.is_boolean()) return Attribute{value.get<bool>()};
    if (type == "S" && value.is_string()) return Attribute{value.get<std::string>()};
    if (type == "N" && value.is_string()) return number_of(value.get<std::string>());
    if (type != "M") return std::nullopt;
    auto map = item_of(value);
    if (!map) return std::nullopt;
    return Attribute{*std::move(map)};
}

std::string text_at(const Json& body, const char* name) {
    const auto found = body.find(name);
    return found != body.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool has_only(const Json& body, const std::set<std::string>& names) {
    const auto& object = body.get_ref<const Json::object_t&>();
    return std::all_of(object.begin(), object.end(),
                       [&](const auto& entry) { return names.contains(entry.first); });
}

std::optional<Key> key_of(const Json& wire) {
    const auto item = item_of(wire);
    if (!item || item->size() != 2) return std::nullopt;
    Key key;
    for (auto& [name, into] : {std::pair<const char*, std::string&>{"cluster_id", key.cluster_id},
                               {"record", key.record}}) {
        const auto found = item->find(name);
        const auto* text =
            found == item->end() ? nullptr : std::get_if<std::string>(&found->second.value);
        if (text == nullptr || text->empty()) return std::nullopt;
        into = *text;
    }
    return key;
}

std::optional<Placeholders> placeholders_of(const Json& body) {
    Placeholders placeholders;
    const auto names = body.value("ExpressionAttributeNames", Json::object());
    for (const auto& [placeholder, name] : names.items()) {
        if (!name.is_string()) return std::nullopt;
        placeholders.names[placeholder] = name.get<std::string>();
    }
    auto values = item_of(body.value("ExpressionAttributeValues", Json::object()));
    if (!values) return std::nullopt;
    placeholders.values = *std::move(values);
    return placeholders;
}

/// The value of a header.
std::string header_of(const HttpRequest& request, const std::string& name) {
    for (const auto& line : request.headers) {
        if (line.starts_with(name + ": ")) return line.substr(name.size() + 2);
    }
    return {};
}

HttpResponse error(const char* type, const std::string& message) {
    return dynamodb_error(400, namespace_of_errors + std::string(type), message);
}

}  // namespace

Json wire_item(const AttributeMap& item) {
    Json wire = Json::object();
    for (const auto& [name, attribute] : item) wire[name] = wire_value(attribute);
    return wire;
}

std::optional<AttributeMap> item_of(const Json& wire) {
    if (!wire.is_object()) return std::nullopt;
    AttributeMap item;
    for (const auto& [name, value] : wire.items()) {
        auto attribute = value_of(value);
        if (!attribute) return std::nullopt;
        item.emplace(name, *std::move(attribute));
    }
    return item;
}

Delivery DynamoDbServer::plan(const HttpRequest& request, sim::NetworkLink& link) {
    return to_dynamodb(world_, link.random, request);
}

HttpResponse DynamoDbServer::refuse(const std::string& why) {
    world_.checker.breach("wire", "DynamoDB cannot read the adapter's request: " + why);
    return error("ValidationException", why);
}

Reply DynamoDbServer::answer(const Arrival& arrival) {
    if (arrival.link.is_signature_refused()) {
        return {dynamodb_error(400, "com.amazon.coral.service#InvalidSignatureException",
                               "Signature expired: the request's time differs from the server's")};
    }
    const auto body = Json::parse(arrival.request.body, nullptr, false);
    if (!body.is_object()) return {refuse("the body is not a JSON object")};
    if (text_at(body, "TableName") != table_) {
        return {error("ResourceNotFoundException", "Requested resource not found")};
    }
    const auto target = header_of(arrival.request, "X-Amz-Target");
    if (target == "DynamoDB_20120810.UpdateItem") return {update_item(arrival, body)};
    if (target == "DynamoDB_20120810.GetItem") return {get_item(body)};
    if (target == "DynamoDB_20120810.Query") return {query(body)};
    return {refuse("unknown operation " + target)};
}

HttpResponse DynamoDbServer::update_item(const Arrival& arrival, const Json& body) {
    const auto key = key_of(body.value("Key", Json()));
    const auto placeholders = placeholders_of(body);
    const bool known =
        has_only(body, {"TableName", "Key", "UpdateExpression", "ConditionExpression",
                        "ExpressionAttributeNames", "ExpressionAttributeValues", "ReturnValues",
                        "ReturnValuesOnConditionCheckFailure"}) &&
        text_at(body, "ReturnValues") == "ALL_NEW" &&
        text_at(body, "ReturnValuesOnConditionCheckFailure") == "ALL_OLD";
    if (!key || !placeholders || !known) return refuse("unexpected form of UpdateItem");
    const auto update = text_at(body, "UpdateExpression");
    const auto tests = text_at(body, "ConditionExpression");
    const auto used = check_all_used(update + " " + tests, *placeholders);
    if (!used) return refuse(used.error().text);
    const auto change = read_update_expression(update, *placeholders);
    if (!change) return refuse(change.error().text);
    auto condition = tests.empty() ? Result<Condition>(Condition{})
                                   : read_condition_expression(tests, *placeholders);
    if (!condition) return refuse(condition.error().text);
    const auto updated = world_.write(arrival.sender, {*key, *change, *condition});
    if (!updated) return refuse(updated.error().text);
    arrival.link.learn_epoch(*change, *updated);
    const auto item = wire_item(updated->item);
    if (!updated->refused) return dynamodb_response(200, Json{{"Attributes", item}}.dump());
    Json refused = {
        {"__type", namespace_of_errors + std::string("ConditionalCheckFailedException")},
        {"message", "The conditional request failed"}};
    if (!item.empty()) refused["Item"] = item;
    return dynamodb_response(400, refused.dump());
}

HttpResponse DynamoDbServer::get_item(const Json& body) {
    const auto key = key_of(body.value("Key", Json()));
    const bool known = has_only(body, {"TableName", "Key", "ConsistentRead"}) &&
                       body.value("ConsistentRead", false);
    if (!key || !known) return refuse("unexpected form of GetItem");
    const auto item = world_.table.get(*key);
    if (item.empty()) return dynamodb_response(200, "{}");
    return dynamodb_response(200, Json{{"Item", wire_item(item)}}.dump());
}

HttpResponse DynamoDbServer::query(const Json& body) {
    const auto placeholders = placeholders_of(body);
    const bool known = has_only(
        body, {"TableName", "KeyConditionExpression", "ScanIndexForward", "ConsistentRead", "Limit",
               "ExpressionAttributeNames", "ExpressionAttributeValues", "ExclusiveStartKey"});
    if (!placeholders || !known) return refuse("unexpected form of Query");
    auto asked = read_key_condition(text_at(body, "KeyConditionExpression"), *placeholders);
    if (!asked) return refuse(asked.error().text);
    asked->newest_first = !body.value("ScanIndexForward", true);
    asked->limit = std::numeric_limits<int>::max();
    auto found = world_.table.query(*asked);
    const auto record = [](const AttributeMap& item) {
        return *std::get_if<std::string>(&item.at("record").value);
    };
    if (const auto start = key_of(body.value("ExclusiveStartKey", Json()))) {
        std::erase_if(found, [&](const AttributeMap& item) {
            return asked->newest_first ? record(item) >= start->record
                                       : record(item) <= start->record;
        });
    }
    const auto most = static_cast<std::size_t>(std::min(body.value("Limit", 1), most_on_a_page));
    Json answer = {{"Items", Json::array()}};
    for (std::size_t i = 0; i < std::min(most, found.size()); ++i) {
        answer["Items"].push_back(wire_item(found[i]));
    }
    answer["Count"] = answer["Items"].size();
    answer["ScannedCount"] = answer["Items"].size();
    if (found.size() >= most) {
        answer["LastEvaluatedKey"] =
            wire_item({{"cluster_id", {asked->cluster_id}}, {"record", {record(found[most - 1])}}});
    }
    return dynamodb_response(200, answer.dump());
}

}  // namespace nodenap::servers
