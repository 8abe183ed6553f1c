#include "adapters/prometheus/matcher.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace nodenap {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_of_name(char c) { return is_letter(c) || is_digit(c) || c == ':'; }

/// The end of the name that begins at `from`.
std::size_t end_of_name(std::string_view text, std::size_t from) {
    while (from < text.size() && is_of_name(text[from])) ++from;
    return from;
}

/// The position after the quoted string that begins at `from`; npos if it does not end.
std::size_t end_of_quotation(std::string_view text, std::size_t from) {
    const char quote = text[from];
    for (auto at = from + 1; at < text.size(); ++at) {
        if (text[at] == '\\') {
            ++at;
        } else if (text[at] == quote) {
            return at + 1;
        }
    }
    return std::string_view::npos;
}

bool is_family(std::string_view name) {
    constexpr std::array<std::string_view, 6> beginnings = {
        "kube_", "container_", "machine_", "node_", "kubernetes_build_info", "up"};
    return std::ranges::any_of(beginnings, [&](std::string_view beginning) {
        return beginning.ends_with('_') ? name.starts_with(beginning) : name == beginning;
    });
}

/// Whether a list of labels follows: "by(node,kube_cluster)" contains no metric family.
bool begins_label_list(std::string_view name) {
    constexpr std::array<std::string_view, 6> words = {"by",       "without",    "on",
                                                       "ignoring", "group_left", "group_right"};
    return std::ranges::find(words, name) != words.end();
}

/// The position after the token that begins at `from`: a quoted string, a name with the
/// parenthesised labels after it, or one character.
std::size_t end_of_piece(std::string_view query, std::size_t from) {
    if (query[from] == '"') return std::min(end_of_quotation(query, from), query.size());
    if (!is_of_name(query[from])) return from + 1;
    const auto end = end_of_name(query, from);
    if (!begins_label_list(query.substr(from, end - from))) return end;
    const auto open = query.find_first_not_of(' ', end);
    if (open == query.npos || query[open] != '(') return end;
    const auto close = query.find(')', open);
    return close == query.npos ? query.size() : close + 1;
}

/// Consumes the given text from the front of the rest; false if the rest does not begin with it.
class Reader {
public:
    explicit Reader(std::string_view left) : left_(left) {}

    bool done() {
        skip_spaces();
        return left_.empty();
    }
    bool take(std::string_view piece) {
        skip_spaces();
        if (!left_.starts_with(piece)) return false;
        left_.remove_prefix(piece.size());
        return true;
    }
    bool take_label() {
        skip_spaces();
        const auto end = end_of_name(left_, 0);
        const auto name = left_.substr(0, end);
        if (name.empty() || !is_letter(name.front()) || name.find(':') != name.npos) return false;
        if (name == "__name__") return false;
        left_.remove_prefix(end);
        return true;
    }
    bool take_value() {
        skip_spaces();
        if (left_.empty() || (left_.front() != '"' && left_.front() != '\'')) return false;
        const auto end = end_of_quotation(left_, 0);
        if (end == left_.npos || left_.substr(0, end).find('\n') != left_.npos) return false;
        left_.remove_prefix(end);
        return true;
    }

private:
    void skip_spaces() {
        while (!left_.empty() && left_.front() == ' ') left_.remove_prefix(1);
    }
    std::string_view left_;
};

}  // namespace

std::string matcher_fault(std::string_view matcher) {
    Reader reader(matcher);
    const std::string form = "; write it as cluster=\"prod\", several with commas between them";
    do {
        if (!reader.take_label()) return "needs a label name" + form;
        const bool has_operator =
            reader.take("=~") || reader.take("!~") || reader.take("!=") || reader.take("=");
        if (!has_operator) return "needs =, !=, =~ or !~ after the label" + form;
        if (!reader.take_value()) return "needs a value in quotes" + form;
    } while (reader.take(","));
    return reader.done() ? "" : "has unexpected text after the last value" + form;
}

std::string with_matcher(std::string_view query, std::string_view matcher) {
    if (matcher.empty()) return std::string(query);
    std::string out;
    for (std::size_t at = 0; at < query.size();) {
        const auto end = end_of_piece(query, at);
        const auto piece = query.substr(at, end - at);
        out += piece;
        at = end;
        if (!is_family(piece)) continue;
        const bool has_selector = at < query.size() && query[at] == '{';
        out.append("{").append(matcher).append(has_selector ? "," : "}");
        if (has_selector) ++at;
    }
    return out;
}

}  // namespace nodenap
