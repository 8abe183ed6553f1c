#include "app/config_document.hpp"

// Version 3.3 asserts that the name of a table begins as one does, where its next lines would say
// that it does not: then a slip in a file ended the program.
#define TOML_ASSERT(expression) static_cast<void>(0)
#include <toml++/toml.h>

#include <algorithm>
#include <charconv>

namespace nodenap {
namespace {

ConfigNode node_from(const toml::node& from);

ConfigTable table_from(const toml::table& from) {
    ConfigTable table;
    for (const auto& [key, value] : from) table.emplace(std::string(key.str()), node_from(value));
    return table;
}

ConfigList list_from(const toml::array& from) {
    ConfigList list;
    for (const toml::node& value : from) list.push_back(node_from(value));
    return list;
}

ConfigNode node_from(const toml::node& from) {
    ConfigNode node;
    node.line = static_cast<int>(from.source().begin.line);
    if (const auto* table = from.as_table()) node.value = table_from(*table);
    if (const auto* list = from.as_array()) node.value = list_from(*list);
    if (const auto* text = from.as_string()) node.value = text->get();
    if (const auto* whole = from.as_integer()) node.value = whole->get();
    if (const auto* number = from.as_floating_point()) node.value = number->get();
    if (const auto* flag = from.as_boolean()) node.value = flag->get();
    return node;
}

/// Longer than any name of ours; a table within a table without end would overflow the stack.
constexpr int most_steps = 32;

/// The first line in which names are joined by more dots than that, or 0.
int line_too_deep(std::string_view text) {
    int line = 1;
    int steps = 0;
    char before = '\n';
    for (const char c : text) {
        constexpr std::string_view of_a_name = " \t_-\"'";
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                               (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
        const bool goes_on = is_letter || of_a_name.find(c) != of_a_name.npos;
        if (c == '.' && before != '.' && ++steps > most_steps) return line;
        if (!goes_on && (c != '.' || before == '.')) steps = 0;
        line += c == '\n' ? 1 : 0;
        before = c;
    }
    return 0;
}

/// The first line in which a letter of another script stands before any quote or comment, or 0.
/// Version 3.3 asks of some of them whether they are a space, and has no answer.
int line_of_foreign_name(std::string_view text) {
    if (text.find("\"\"\"") != text.npos || text.find("'''") != text.npos) return 0;
    int line = 1;
    bool in_words = false;
    for (const char c : text) {
        if (c == '\n') {
            ++line;
            in_words = false;
        }
        in_words = in_words || c == '"' || c == '\'' || c == '#';
        if (!in_words && static_cast<unsigned char>(c) >= 0x80) return line;
    }
    return 0;
}

/// Takes "name" or "[3]" off the front of `path`.
std::string_view next_step(std::string_view& path) {
    if (path.starts_with('.')) path.remove_prefix(1);
    const std::size_t end = path.starts_with('[') ? path.find(']') + 1 : path.find_first_of(".[");
    const std::string_view step = path.substr(0, end);
    path.remove_prefix(step.size());
    return step;
}

const ConfigNode* child(const ConfigTable& table, std::string_view name) {
    const auto found = table.find(name);
    return found == table.end() ? nullptr : &found->second;
}

const ConfigNode* child(const ConfigNode& parent, std::string_view step) {
    if (const auto* table = std::get_if<ConfigTable>(&parent.value)) return child(*table, step);
    const auto* list = std::get_if<ConfigList>(&parent.value);
    if (list == nullptr || !step.starts_with('[')) return nullptr;
    std::size_t index = list->size();
    std::from_chars(step.data() + 1, step.data() + step.size() - 1, index);
    return index < list->size() ? &(*list)[index] : nullptr;
}

}  // namespace

ConfigDocument parse_config_document(std::string_view text) {
    ConfigDocument document;
    document.error_line = line_too_deep(text);
    if (document.error_line > 0) {
        document.error = "a name has too many parts";
        return document;
    }
    document.error_line = line_of_foreign_name(text);
    if (document.error_line > 0) {
        document.error = "a name has a letter that is not of a-z";
        return document;
    }
    const toml::parse_result parsed = toml::parse(text);
    if (parsed) {
        document.root = table_from(parsed.table());
    } else {
        document.error_line = static_cast<int>(parsed.error().source().begin.line);
        document.error = parsed.error().description();
    }
    return document;
}

std::string_view kind_of(const ConfigNode& node) {
    static constexpr std::string_view kinds[] = {
        "a date or time", "true or false", "a whole number", "a number",
        "a string",       "a list",        "a table"};
    return kinds[node.value.index()];
}

int line_of(const ConfigTable& root, std::string_view path) {
    int line = 1;
    const ConfigNode* node = child(root, next_step(path));
    while (node != nullptr) {
        line = node->line;
        node = path.empty() ? nullptr : child(*node, next_step(path));
    }
    return line;
}

}  // namespace nodenap
