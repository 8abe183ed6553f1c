#include "app/config_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>

namespace nodenap {
namespace {

const ConfigTable no_table;

const ConfigTable& table_of(const ConfigNode& node) {
    const auto* table = std::get_if<ConfigTable>(&node.value);
    return table == nullptr ? no_table : *table;
}

/// How many letters must be changed, left out or put in to make `a` into `b`.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row.back();
}

std::optional<Milliseconds> unit_of(std::string_view name) {
    if (name == "ms") return Milliseconds(1);
    if (name == "s") return std::chrono::seconds(1);
    if (name == "m") return std::chrono::minutes(1);
    if (name == "h") return std::chrono::hours(1);
    if (name == "d") return std::chrono::hours(24);
    return std::nullopt;
}

constexpr Milliseconds longest_duration = std::chrono::hours(24 * 366);

/// Takes "90" and "s" off the front; nullopt if it does not begin so.
std::optional<std::pair<std::int64_t, Milliseconds>> take_part(std::string_view& text) {
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{} || count < 0 || text.front() == '-') return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const std::size_t length = std::min(text.find_first_not_of("dhms"), text.size());
    const std::optional<Milliseconds> unit = unit_of(text.substr(0, length));
    if (!unit || count > longest_duration / *unit) return std::nullopt;
    text.remove_prefix(length);
    return std::pair{count, *unit};
}

/// A number as it stands there, since "not a number" would say too much; else the kind.
std::string shown(const ConfigNode& node) {
    const auto* number = std::get_if<double>(&node.value);
    return number == nullptr ? std::string(kind_of(node)) : fmt::format("{}", *number);
}

std::string hint(std::string_view word, const std::vector<std::string>& words) {
    const std::string nearest = nearest_word(word, words);
    return nearest.empty() ? "" : fmt::format("; did you mean \"{}\"?", nearest);
}

/// "pool[0].name" is within "pool[0].name", "pool[0]" and "pool".
bool is_within(std::string_view inner, std::string_view outer) {
    if (outer.empty() || !inner.starts_with(outer)) return false;
    const std::string_view rest = inner.substr(outer.size());
    return rest.empty() || rest.starts_with('.') || rest.starts_with('[');
}

}  // namespace

std::optional<Milliseconds> parse_duration(std::string_view text) {
    if (text.empty()) return std::nullopt;
    Milliseconds sum{0};
    std::optional<Milliseconds> smallest;
    while (!text.empty()) {
        const auto part = take_part(text);
        if (!part || (smallest && part->second >= *smallest)) return std::nullopt;
        smallest = part->second;
        sum += part->first * part->second;
    }
    return sum;
}

std::string nearest_word(std::string_view word, const std::vector<std::string>& words) {
    std::string nearest;
    std::size_t best = word.size() <= 3 ? 2 : word.size() / 3 + 2;  // "foo" is no slip of "pool"
    for (const std::string& candidate : words) {
        const std::size_t away = distance(word, candidate);
        if (away >= best || away >= candidate.size()) continue;
        best = away;
        nearest = candidate;
    }
    return nearest;
}

void ConfigFaults::add(int line, const std::string& path, const std::string& text) {
    spoken_.insert(path);
    faults_.push_back({line, path, text});
}

void ConfigFaults::add_unspoken(int line, const std::string& path, const std::string& text) {
    if (!has_spoken_of(path)) faults_.push_back({line, path, text});
}

bool ConfigFaults::has_spoken_of(std::string_view path) const {
    return std::any_of(spoken_.begin(), spoken_.end(), [path](std::string_view spoken) {
        return is_within(path, spoken) || is_within(spoken, path);
    });
}

std::vector<Diagnostic> ConfigFaults::diagnostics() const {
    auto sorted = faults_;
    std::ranges::stable_sort(sorted, {}, &Diagnostic::line);
    return sorted;
}

std::vector<std::string> ConfigFaults::lines(std::string_view file) const {
    std::vector<std::string> lines;
    for (const auto& [line, key, message] : diagnostics()) {
        lines.push_back(
            fmt::format("{}:{}: {}{}{}", file, line, key, key.empty() ? "" : ": ", message));
    }
    return lines;
}

ConfigReader::ConfigReader(const ConfigNode& table, std::string path, ConfigFaults& faults)
    : table_(table_of(table)), line_(table.line), path_(std::move(path)), faults_(faults) {
    if (!std::holds_alternative<ConfigTable>(table.value)) {
        faults_.add(line_, path_, fmt::format("must be a table, not {}", kind_of(table)));
    }
}

std::string ConfigReader::path_of(std::string_view key) const {
    return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

void ConfigReader::fault(std::string_view key, const std::string& text) {
    const auto found = table_.find(key);
    faults_.add(found == table_.end() ? line_ : found->second.line, path_of(key), text);
}

const ConfigNode* ConfigReader::find(std::string_view key) {
    known_.emplace_back(key);
    const auto found = table_.find(key);
    return found == table_.end() ? nullptr : &found->second;
}

template <class T>
const T* ConfigReader::find_as(std::string_view key, std::string_view wanted) {
    const ConfigNode* node = find(key);
    if (node == nullptr) return nullptr;
    const T* value = std::get_if<T>(&node->value);
    if (value == nullptr) fault(key, fmt::format("must be {}, not {}", wanted, shown(*node)));
    return value;
}

void ConfigReader::read(std::string_view key, std::string& into) {
    const auto* text = find_as<std::string>(key, "a string");
    if (text == nullptr) return;
    if (text->empty()) fault(key, "must not be empty");
    into = *text;
}

void ConfigReader::read(std::string_view key, std::optional<std::string>& into) {
    if (!has(key)) return ignore(key);
    read(key, into.emplace());
}

void ConfigReader::read(std::string_view key, bool& into) {
    if (const auto* flag = find_as<bool>(key, "true or false")) into = *flag;
}

void ConfigReader::read(std::string_view key, std::int64_t& into) {
    const auto* whole = find_as<std::int64_t>(key, "a whole number");
    if (whole == nullptr) return;
    constexpr std::int64_t most = 1'000'000'000;
    if (*whole < -most || *whole > most) return fault(key, fmt::format("must be at most {}", most));
    into = *whole;
}

void ConfigReader::read(std::string_view key, int& into) {
    std::int64_t wide = into;
    read(key, wide);
    into = static_cast<int>(wide);
}

void ConfigReader::read(std::string_view key, double& into) {
    const ConfigNode* node = find(key);
    if (node == nullptr) return;
    if (const auto* whole = std::get_if<std::int64_t>(&node->value)) {
        into = static_cast<double>(*whole);
    } else if (const auto* number = std::get_if<double>(&node->value)) {
        if (!std::isfinite(*number)) return fault(key, "must be a finite number");
        into = *number;
    } else {
        fault(key, fmt::format("must be a number, not {}", kind_of(*node)));
    }
}

void ConfigReader::read(std::string_view key, std::optional<double>& into) {
    if (!has(key)) return ignore(key);
    read(key, into.emplace());
}

void ConfigReader::read(std::string_view key, Milliseconds& into) {
    const auto* text = find_as<std::string>(key, "a duration in quotes such as \"90s\" or \"5m\"");
    if (text == nullptr) return;
    const std::optional<Milliseconds> span = parse_duration(*text);
    if (!span) {
        return fault(
            key,
            fmt::format("\"{}\" is not a valid duration; use \"90s\", \"5m\", \"2h\" or \"1h30m\"",
                        *text));
    }
    into = *span;
}

void ConfigReader::read(std::string_view key, std::vector<std::string>& into) {
    const auto* list = find_as<ConfigList>(key, "a list of strings");
    if (list == nullptr) return;
    into.clear();
    for (const ConfigNode& node : *list) {
        const auto* text = std::get_if<std::string>(&node.value);
        if (text == nullptr || text->empty()) {
            const std::string path = fmt::format("{}[{}]", path_of(key), &node - list->data());
            faults_.add(node.line, path,
                        text == nullptr ? fmt::format("must be a string, not {}", kind_of(node))
                                        : "must not be empty");
        }
        into.push_back(text == nullptr ? "" : *text);
    }
}

void ConfigReader::read(std::string_view key, std::map<std::string, std::string>& into) {
    const auto* table = find_as<ConfigTable>(key, "a table of strings");
    if (table == nullptr) return;
    into.clear();
    for (const auto& [name, node] : *table) {
        const auto* text = std::get_if<std::string>(&node.value);
        if (text == nullptr) {
            faults_.add(node.line, fmt::format("{}.{}", path_of(key), name),
                        fmt::format("must be a string, not {}", kind_of(node)));
        }
        into[name] = text == nullptr ? "" : *text;
    }
}

std::optional<std::size_t> ConfigReader::read_word(std::string_view key,
                                                   const std::vector<std::string>& words) {
    const std::string allowed = fmt::format("\"{}\"", fmt::join(words, "\", \""));
    const auto* text = find_as<std::string>(key, "one of " + allowed);
    if (text == nullptr) return std::nullopt;
    const auto found = std::find(words.begin(), words.end(), *text);
    if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
    fault(key, fmt::format("\"{}\" is not one of {}{}", *text, allowed, hint(*text, words)));
    return std::nullopt;
}

void ConfigReader::require(std::string_view key) {
    if (!has(key)) fault(key, "is missing; it has no default");
}

void ConfigReader::finish() {
    for (const auto& [key, node] : table_) {
        if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
        faults_.add(node.line, path_of(key), "is not a known key" + hint(key, known_));
    }
}

}  // namespace nodenap
