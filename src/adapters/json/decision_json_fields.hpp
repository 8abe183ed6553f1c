#pragma once

#include "base/result.hpp"

#include <simdjson.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Shared by the files of decision_json that read; not included elsewhere.
namespace nodenap {

/// The members of a JSON object, read by name. A member that is absent or of another type reads as
/// empty or 0; the first type error is kept and returned at the end.
class Fields {
public:
    using Element = simdjson::dom::element;

    Fields(simdjson::dom::object object, std::string* fault) : object_(object), fault_(fault) {}
    explicit Fields(std::string* fault) : fault_(fault) {}

    void refuse(std::string_view key, const std::string& what) const;

    std::string text(std::string_view key) const;
    std::optional<std::string> text_or_none(std::string_view key) const;
    std::int64_t whole(std::string_view key) const;
    std::optional<std::int64_t> whole_or_none(std::string_view key) const;
    int count(std::string_view key) const;
    double number(std::string_view key) const;
    std::optional<double> number_or_none(std::string_view key) const;
    bool flag(std::string_view key) const;
    Fields object(std::string_view key) const;
    std::vector<Element> list(std::string_view key) const;
    std::vector<Fields> objects(std::string_view key) const;
    std::vector<std::pair<std::string, Element>> members() const;

    /// One element of a list; `key` names the list in an error.
    std::string text_of(const Element& element, std::string_view key) const;
    std::int64_t whole_of(const Element& element, std::string_view key) const;
    int count_of(const Element& element, std::string_view key) const;
    std::vector<Element> list_of(const Element& element, std::string_view key) const;

private:
    std::optional<Element> member(std::string_view key) const;

    std::optional<simdjson::dom::object> object_;
    std::string* fault_;
};

/// Parses `text` and passes its members to `read`; the first error is returned, prefixed with
/// `name`.
template <class T>
Result<T> read_document(std::string_view text, const std::string& name, T (*read)(const Fields&)) {
    simdjson::dom::parser parser;
    simdjson::dom::object object;
    const auto failed = parser.parse(text.data(), text.size()).get(object);
    if (failed)
        return Error{ErrorKind::invalid,
                     name + " is not a JSON object: " + simdjson::error_message(failed)};
    std::string fault;
    T value = read(Fields(object, &fault));
    if (!fault.empty()) return Error{ErrorKind::invalid, name + ": " + fault};
    return value;
}

}  // namespace nodenap
