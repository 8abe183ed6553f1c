#include "adapters/kubernetes/json_value.hpp"

#include "base/harmless.hpp"
#include "base/time_text.hpp"

namespace nodenap {

namespace {

constexpr std::size_t longest_quote = 80;

std::string_view trimmed(std::string_view token) {
    const auto end = token.find_last_not_of(" \t\r\n");
    return token.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

}  // namespace

std::string JsonPlace::text() const {
    const auto before = up == nullptr ? std::string() : up->text();
    if (key.empty()) return before + "[" + std::to_string(index) + "]";
    return before + (before.empty() ? "" : ".") + harmless(key.substr(0, longest_quote));
}

std::string in_quotes(std::string_view text) {
    const bool is_long = text.size() > longest_quote;
    return "\"" + harmless(text.substr(0, longest_quote)) + (is_long ? "…\"" : "\"");
}

void JsonValue::refuse(std::string_view what) const {
    if (fault_.found()) return;
    fault_.text = place_.text() + ": " + std::string(what);
}

bool JsonValue::broken(simdjson::error_code failed) const {
    if (failed) refuse("broken JSON (" + std::string(simdjson::error_message(failed)) + ")");
    return failed != simdjson::SUCCESS;
}

bool JsonValue::is_a(Type wanted, std::string_view name) {
    Type type{};
    if (broken(value_.type().get(type))) return false;
    if (type == wanted) return true;
    refuse("is not " + std::string(name));
    return false;
}

/// An object that was peeked into is begun again.
bool JsonValue::open() {
    if (opened_) return !broken(opened_->reset().error());
    simdjson::ondemand::object object;
    if (!is_a(Type::object, "an object") || broken(value_.get_object().get(object))) return false;
    opened_ = object;
    return true;
}

std::string_view JsonValue::peek(std::string_view key) {
    Raw found;
    Type type{};
    std::string_view text;
    if (!open()) return {};
    const auto failed = opened_->find_field_unordered(key).get(found);
    if (failed == simdjson::NO_SUCH_FIELD || broken(failed)) return {};
    if (broken(found.type().get(type)) || type != Type::string) return {};
    return broken(found.get_string().get(text)) ? std::string_view() : text;
}

std::string_view JsonValue::view() {
    std::string_view text;
    if (!is_a(Type::string, "a text") || broken(value_.get_string().get(text))) return {};
    return text;
}

std::int64_t JsonValue::whole() {
    std::int64_t number = 0;
    if (!is_a(Type::number, "a whole number")) return 0;
    if (value_.get_int64().get(number)) refuse("is not a whole number");
    return number;
}

bool JsonValue::flag() {
    bool flag = false;
    if (is_a(Type::boolean, "true or false") && broken(value_.get_bool().get(flag))) return false;
    return flag;
}

ExactAmount JsonValue::amount() {
    Type type{};
    if (broken(value_.type().get(type))) return {};
    const bool number = type == Type::number;
    const auto text = number ? trimmed(value_.raw_json_token()) : view();
    const auto amount = exact_amount_from_text(text);
    if (!amount) refuse(in_quotes(text) + " is not a quantity");
    return amount.value_or(ExactAmount());
}

std::optional<Time> JsonValue::time() {
    const auto text = view();
    const auto time = time_from_text(text);
    if (!time) refuse(in_quotes(text) + " is not a time");
    return time;
}

}  // namespace nodenap
