#include "adapters/store/dynamodb_requests.hpp"

#include "adapters/store/dynamodb_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace nodenap {

namespace {

using nlohmann::ordered_json;

// Gives each name and each value its placeholder: #0, #1, … and :0, :1, …
class Placeholders {
public:
    std::string name(const std::string& plain) {
        const auto found = std::ranges::find(names_, plain);
        const auto index = found - names_.begin();
        if (found == names_.end()) names_.push_back(plain);
        return "#" + std::to_string(index);
    }
    std::string path(const Path& path) {
        const std::string attribute = name(path.attribute);
        return path.entry.empty() ? attribute : attribute + "." + name(path.entry);
    }
    std::string value(const Attribute& value) {
        std::string placeholder = ":" + std::to_string(values_.size());
        values_.emplace(placeholder, value);
        return placeholder;
    }
    void write(ordered_json& body) const {
        for (std::size_t i = 0; i < names_.size(); ++i) {
            body["ExpressionAttributeNames"]["#" + std::to_string(i)] = names_[i];
        }
        if (!values_.empty()) body["ExpressionAttributeValues"] = dynamodb_json(values_);
    }

private:
    std::vector<std::string> names_;
    AttributeMap values_;
};

// "SET a, b": one clause of an update expression, or nothing.
void add_clause(std::string& expression, std::string_view word,
                const std::vector<std::string>& parts) {
    if (parts.empty()) return;
    if (!expression.empty()) expression += ' ';
    expression += word;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        expression += i == 0 ? " " : ", ";
        expression += parts[i];
    }
}

std::string update_expression(const Change& change, Placeholders& placeholders) {
    std::vector<std::string> set;
    for (const auto& [path, value] : change.set) {
        set.push_back(placeholders.path(path) + " = " + placeholders.value(value));
    }
    for (const auto& [attribute, value] : change.set_if_absent) {
        const std::string name = placeholders.name(attribute);
        std::string part = name;
        part.append(" = if_not_exists(").append(name).append(", ");
        part.append(placeholders.value(value)).append(")");
        set.push_back(std::move(part));
    }
    std::vector<std::string> remove;
    for (const Path& path : change.remove) remove.push_back(placeholders.path(path));
    std::vector<std::string> add;
    for (const auto& [attribute, amount] : change.add) {
        add.push_back(placeholders.name(attribute) + " " + placeholders.value({amount}));
    }
    std::string expression;
    add_clause(expression, "SET", set);
    add_clause(expression, "REMOVE", remove);
    add_clause(expression, "ADD", add);
    return expression;
}

std::string test_of(const Clause& clause, Placeholders& placeholders) {
    const std::string name = placeholders.name(clause.attribute);
    switch (clause.test) {
        case Test::absent:
            return "attribute_not_exists(" + name + ")";
        case Test::present:
            return "attribute_exists(" + name + ")";
        case Test::equals:
            return name + " = " + placeholders.value(clause.than);
        case Test::less:
            return name + " < " + placeholders.value(clause.than);
    }
    return {};
}

// Empty if the condition is always true: no list at all, or one without a clause.
std::string condition_expression(const Condition& condition, Placeholders& placeholders) {
    const auto is_empty = [](const std::vector<Clause>& all) { return all.empty(); };
    if (std::ranges::any_of(condition.any_of, is_empty)) return {};
    std::string expression;
    for (const std::vector<Clause>& all : condition.any_of) {
        if (!expression.empty()) expression += " OR ";
        std::string_view before = "(";
        for (const Clause& clause : all) {
            expression.append(before).append(test_of(clause, placeholders));
            before = " AND ";
        }
        expression += ")";
    }
    return expression;
}

ordered_json key_json(const Key& key) {
    return dynamodb_json({{"cluster_id", {key.cluster_id}}, {"record", {key.record}}});
}

std::string text_of(const ordered_json& body) {
    return body.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace

std::string update_item_body(const std::string& table, const Key& key, const Change& change,
                             const Condition& condition) {
    Placeholders placeholders;
    ordered_json body = {{"TableName", table}, {"Key", key_json(key)}};
    const std::string update = update_expression(change, placeholders);
    if (!update.empty()) body["UpdateExpression"] = update;
    const std::string tests = condition_expression(condition, placeholders);
    if (!tests.empty()) body["ConditionExpression"] = tests;
    placeholders.write(body);
    body["ReturnValues"] = "ALL_NEW";
    body["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD";
    return text_of(body);
}

std::string get_item_body(const std::string& table, const Key& key) {
    return text_of({{"TableName", table}, {"Key", key_json(key)}, {"ConsistentRead", true}});
}

std::string query_body(const std::string& table, const Query& query, int limit,
                       const AttributeMap& start) {
    Placeholders placeholders;
    std::string condition = placeholders.name("cluster_id");
    condition += " = " + placeholders.value({query.cluster_id});
    condition += " AND " + placeholders.name("record");
    condition += " BETWEEN " + placeholders.value({query.from});
    condition += " AND " + placeholders.value({query.to});
    ordered_json body = {{"TableName", table},
                         {"KeyConditionExpression", condition},
                         {"ScanIndexForward", !query.newest_first},
                         {"ConsistentRead", true},
                         {"Limit", limit}};
    placeholders.write(body);
    if (!start.empty()) body["ExclusiveStartKey"] = dynamodb_json(start);
    return text_of(body);
}

}  // namespace nodenap
