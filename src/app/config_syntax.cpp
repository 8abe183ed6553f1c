#include "app/config_syntax.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace nodenap {
namespace {

/// The library's words, and what they mean where they stand; the first that fit are taken.
/// "{}" is the line's key.
struct Translation {
    std::string_view place;  // "key-value pair"
    std::string_view words;
    std::string_view text;
};

constexpr std::string_view no_value = "expected a value after \"{} =\"; strings need quotes";
constexpr std::string_view no_quote = "missing closing quote";
constexpr std::string_view no_number =
    "\"{}\" is not a valid number; strings and durations need quotes (\"5m\")";

constexpr Translation translations[] = {
    {"", "invalid utf-8", "the text is not UTF-8"},
    {"string", "control characters", no_quote},
    {"string", "end-of-file", no_quote},
    {"value", "could not determine", no_value},
    {"boolean", "", no_value},
    {"key-value pair", "expected value", no_value},
    {"key-value pair", "end-of-file", no_value},
    {"key-value pair", "expected '='", "expected \"=\" after the key"},
    {"key-value pair", "cannot redefine", "\"{}\" is already set above"},
    {"key-value pair", "expected a comment", "unexpected text after the value of \"{}\""},
    {"table header", "cannot redefine", "this table is already defined above"},
    {"table header", "expected ']'", "missing closing bracket of the table's name"},
    {"table header", "blank", "the table has no name"},
    {"table header", "expected a comment", "unexpected text after the table's name"},
    {"array", "expected comma", "missing comma or closing bracket in the list"},
    {"array", "expected value", "missing value in the list"},
    {"array", "end-of-file", "missing closing bracket of the list"},
    {"inline table", "", "missing key, comma or closing brace in the inline table"},
    {"root table", "expected keys", "expected a key or a [table]"},
    {"integer", "", no_number},
    {"floating-point", "", no_number},
    {"date", "", "\"{}\" is not a valid date; strings need quotes"},
};

std::string_view trimmed(std::string_view text) {
    const auto begin = std::min(text.find_first_not_of(" \t\r"), text.size());
    return text.substr(begin, text.find_last_not_of(" \t\r") + 1 - begin);
}

constexpr std::size_t longest_key = 60;

}  // namespace

std::string syntax_fault(std::string_view description, std::string_view line) {
    constexpr std::string_view prefix = "Error while parsing ";
    const auto colon = description.find(": ");
    const bool has_place = description.starts_with(prefix) && colon != std::string_view::npos;
    const auto place =
        has_place ? description.substr(prefix.size(), colon - prefix.size()) : std::string_view();
    const auto words = has_place ? description.substr(colon + 2) : description;
    const auto key = trimmed(line.substr(0, line.find('='))).substr(0, longest_key);
    for (const auto& [wanted, part, text] : translations) {
        if (!place.ends_with(wanted) || words.find(part) == std::string_view::npos) continue;
        return fmt::format(fmt::runtime(text), key);
    }
    return has_place ? fmt::format("in a {}: {}", place, words) : std::string(words);
}

}  // namespace nodenap
