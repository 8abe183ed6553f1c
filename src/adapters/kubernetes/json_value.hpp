#pragma once

#include "base/units.hpp"
#include "model/exact_amount.hpp"

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// Shared by the files that read Kubernetes' objects; included by no other.
namespace nodenap {

/// Where a value is within its document. It becomes text only where something is wrong.
struct JsonPlace {
    const JsonPlace* up = nullptr;
    std::string_view key = {};  // empty: an element of a list
    std::int64_t index = 0;

    /// "pods[17].spec.containers[0].resources.requests.cpu"
    std::string text() const;
};

/// The first thing that is wrong in a document, with its place; reading stops there.
struct JsonFault {
    std::string text = {};
    bool found() const { return !text.empty(); }
};

/// A value of a document that is read from its beginning to its end, once: what is not asked for is
/// passed over and never kept. A value of another type than asked for is a fault and reads as
/// empty.
class JsonValue {
public:
    using Raw = simdjson::ondemand::value;

    JsonValue(Raw value, const JsonPlace& place, JsonFault& fault)
        : value_(value), place_(place), fault_(fault) {}
    /// The same value at a place of another name.
    JsonValue(const JsonValue& value, const JsonPlace& place)
        : value_(value.value_), opened_(value.opened_), place_(place), fault_(value.fault_) {}

    /// Calls `each(key, value)` for the members of an object, without those that are null.
    template <class Each>
    void members(Each each);
    /// Calls `each(value)` for the elements of a list.
    template <class Each>
    void elements(Each each);

    /// Text that lives as long as the document's parser.
    std::string_view view();
    std::string text() { return std::string(view()); }
    std::int64_t whole();
    bool flag();
    /// A quantity, as text or as a bare number.
    ExactAmount amount();
    std::optional<Time> time();
    /// The text of a member of an object, looked at before `members` is called; empty if it has
    /// none of that name or none that is a text.
    std::string_view peek(std::string_view key);

    void refuse(std::string_view what) const;

private:
    using Type = simdjson::ondemand::json_type;

    bool is_a(Type wanted, std::string_view name);
    bool open();
    bool broken(simdjson::error_code failed) const;
    template <class Each>
    void member(simdjson::simdjson_result<simdjson::ondemand::field> field, Each& each);

    Raw value_;
    std::optional<simdjson::ondemand::object> opened_ = std::nullopt;
    const JsonPlace& place_;
    JsonFault& fault_;
};

/// What was not understood, shortened and harmless on a screen: "\"1x\"".
std::string in_quotes(std::string_view text);

template <class Each>
void JsonValue::member(simdjson::simdjson_result<simdjson::ondemand::field> field, Each& each) {
    std::string_view key;
    Raw value;
    Type type{};
    if (broken(field.unescaped_key().get(key)) || broken(field.value().get(value))) return;
    const JsonPlace place{&place_, key, 0};
    JsonValue inner(value, place, fault_);
    if (inner.broken(value.type().get(type)) || type == Type::null) return;
    each(key, inner);
}

template <class Each>
void JsonValue::members(Each each) {
    if (!open()) return;
    for (auto field : *opened_) {
        member(std::move(field), each);
        if (fault_.found()) return;
    }
}

template <class Each>
void JsonValue::elements(Each each) {
    simdjson::ondemand::array array;
    if (!is_a(Type::array, "a list") || broken(value_.get_array().get(array))) return;
    std::int64_t index = 0;
    for (auto element : array) {
        const JsonPlace place{&place_, {}, index++};
        Raw value;
        const auto failed = element.get(value);
        JsonValue inner(value, place, fault_);
        if (inner.broken(failed)) return;
        each(inner);
        if (fault_.found()) return;
    }
}

}  // namespace nodenap
