#include "adapters/json/decision_json_fields.hpp"

namespace nodenap {

void Fields::refuse(std::string_view key, const std::string& what) const {
    if (fault_->empty()) *fault_ = "\"" + std::string(key) + "\" " + what;
}

std::optional<Fields::Element> Fields::member(std::string_view key) const {
    Element element;
    if (!object_ || object_->at_key(key).get(element)) return std::nullopt;
    if (element.is_null()) return std::nullopt;
    return element;
}

std::string Fields::text_of(const Element& element, std::string_view key) const {
    std::string_view text;
    if (element.get_string().get(text)) refuse(key, "is not a string");
    return std::string(text);
}

std::int64_t Fields::whole_of(const Element& element, std::string_view key) const {
    std::int64_t number = 0;
    if (element.get_int64().get(number)) refuse(key, "is not a whole number");
    return number;
}

std::vector<Fields::Element> Fields::list_of(const Element& element, std::string_view key) const {
    simdjson::dom::array array;
    if (element.get_array().get(array)) {
        refuse(key, "is not a list");
        return {};
    }
    return {array.begin(), array.end()};
}

std::string Fields::text(std::string_view key) const {
    return text_or_none(key).value_or(std::string());
}

std::optional<std::string> Fields::text_or_none(std::string_view key) const {
    const auto element = member(key);
    if (!element) return std::nullopt;
    return text_of(*element, key);
}

std::int64_t Fields::whole(std::string_view key) const { return whole_or_none(key).value_or(0); }

std::optional<std::int64_t> Fields::whole_or_none(std::string_view key) const {
    const auto element = member(key);
    if (!element) return std::nullopt;
    return whole_of(*element, key);
}

int Fields::count(std::string_view key) const {
    const auto element = member(key);
    return element ? count_of(*element, key) : 0;
}

int Fields::count_of(const Element& element, std::string_view key) const {
    const auto number = whole_of(element, key);
    if (number >= 0 && number <= std::numeric_limits<int>::max()) return static_cast<int>(number);
    refuse(key, "is out of range");
    return 0;
}

double Fields::number(std::string_view key) const { return number_or_none(key).value_or(0); }

std::optional<double> Fields::number_or_none(std::string_view key) const {
    const auto element = member(key);
    if (!element) return std::nullopt;
    double number = 0;
    if (element->get_double().get(number)) refuse(key, "is not a number");
    return number;
}

bool Fields::flag(std::string_view key) const {
    const auto element = member(key);
    bool flag = false;
    if (element && element->get_bool().get(flag)) refuse(key, "is not true or false");
    return flag;
}

Fields Fields::object(std::string_view key) const {
    const auto element = member(key);
    if (!element) return Fields(fault_);
    simdjson::dom::object object;
    if (!element->get_object().get(object)) return {object, fault_};
    refuse(key, "is not an object");
    return Fields(fault_);
}

std::vector<Fields::Element> Fields::list(std::string_view key) const {
    const auto element = member(key);
    if (!element) return {};
    return list_of(*element, key);
}

std::vector<Fields> Fields::objects(std::string_view key) const {
    std::vector<Fields> out;
    for (const auto& element : list(key)) {
        simdjson::dom::object object;
        if (element.get_object().get(object)) {
            refuse(key, "has an element that is not an object");
            continue;
        }
        out.emplace_back(object, fault_);
    }
    return out;
}

std::vector<std::pair<std::string, Fields::Element>> Fields::members() const {
    std::vector<std::pair<std::string, Element>> out;
    if (!object_) return out;
    for (const auto& field : *object_) out.emplace_back(field.key, field.value);
    return out;
}

}  // namespace nodenap
