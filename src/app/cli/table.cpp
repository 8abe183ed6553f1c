#include "app/cli/table.hpp"

#include "base/harmless.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace nodenap {
namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t least_wrapped_width = 24;
/// By tint, the plain one first.
constexpr std::array<std::string_view, 6> sequences = {"",         "\033[1m",  "\033[2m",
                                                       "\033[32m", "\033[33m", "\033[31m"};
constexpr std::string_view end_of_tint = "\033[0m";

/// Columns on the screen: code points, which is right for all that we print.
std::size_t columns_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

std::size_t longest_word(std::string_view text) {
    std::size_t longest = 0;
    while (!text.empty()) {
        const auto word = text.substr(0, text.find(' '));
        longest = std::max(longest, columns_of(word));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
    }
    return longest;
}

std::vector<std::string> lines_of(std::string text) {
    std::vector<std::string> lines;
    for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
        lines.push_back(text.substr(0, end));
        text.erase(0, end + 1);
    }
    lines.push_back(std::move(text));
    return lines;
}

void trim_end(std::string& line) { line.erase(line.find_last_not_of(' ') + 1); }

/// The widest column but the last that can still be narrower; `widths.size()` where none can.
std::size_t widest_shrinkable(const std::vector<std::size_t>& widths,
                              const std::vector<std::size_t>& least) {
    std::size_t found = widths.size();
    for (std::size_t at = 0; at + 1 < widths.size(); ++at) {
        const bool can = widths[at] > least[at];
        if (can && (found == widths.size() || widths[at] > widths[found])) found = at;
    }
    return found;
}

std::size_t column_of_last(const std::vector<std::size_t>& widths) {
    std::size_t column = 0;
    for (std::size_t at = 0; at + 1 < widths.size(); ++at) column += widths[at] + gap;
    return column;
}

}  // namespace

std::string tinted(std::string_view text, Tint tint, const Style& style) {
    const std::string_view sequence = sequences.at(static_cast<std::size_t>(tint));
    if (!style.color || sequence.empty()) return std::string(text);
    return fmt::format("{}{}{}", sequence, text, end_of_tint);
}

std::size_t tint_at_front(std::string_view text) {
    if (text.starts_with(end_of_tint)) return end_of_tint.size();
    for (const auto sequence : sequences) {
        if (!sequence.empty() && text.starts_with(sequence)) return sequence.size();
    }
    return 0;
}

std::string dollars(double amount) { return fmt::format("${:.4f}", amount); }

std::string cents(double amount) {
    if (amount > 0 && amount < 0.01) return "< $0.01";
    return fmt::format("${:.2f}", amount);
}

std::vector<std::size_t> Table::widths(std::size_t width) const {
    std::vector<std::size_t> widths(headers_.size());
    std::vector<std::size_t> least(headers_.size());
    const auto take_in = [&](const std::string& cell, std::size_t at) {
        widths[at] = std::max(widths[at], columns_of(cell));
        least[at] = std::max(least[at], longest_word(cell));
    };
    for (std::size_t at = 0; at < headers_.size(); ++at) take_in(headers_[at], at);
    for (const auto& row : rows_) {
        for (std::size_t at = 0; at < row.cells.size(); ++at) take_in(harmless(row.cells[at]), at);
    }
    while (width > 0 && column_of_last(widths) + least_wrapped_width > width) {
        const auto widest = widest_shrinkable(widths, least);
        if (widest == widths.size()) break;
        --widths[widest];
    }
    return widths;
}

std::string Table::line(const Row& row, const std::vector<std::size_t>& widths,
                        const Style& style) const {
    const std::size_t last = column_of_last(widths);
    const bool fits = style.width == 0 || last + least_wrapped_width > style.width;
    std::vector<std::vector<std::string>> cells;
    std::size_t height = 1;
    for (std::size_t at = 0; at < row.cells.size(); ++at) {
        const bool is_last = at + 1 == headers_.size();
        const std::size_t width = is_last ? (fits ? 0 : style.width - last) : widths[at];
        cells.push_back(lines_of(wrapped(harmless(row.cells[at]), width, 0)));
        height = std::max(height, cells.back().size());
    }
    std::string text;
    for (std::size_t part = 0; part < height; ++part) {
        std::string line;
        for (std::size_t at = 0; at < cells.size(); ++at) {
            const std::string piece = part < cells[at].size() ? cells[at][part] : "";
            const Tint tint = at < row.tints.size() ? row.tints[at] : Tint::plain;
            line += piece.empty() ? "" : tinted(piece, tint, style);
            const std::size_t columns = columns_of(piece);
            if (at + 1 == cells.size()) break;
            line.append(std::max(widths[at], columns) + gap - columns, ' ');
        }
        trim_end(line);
        text += line + "\n";
    }
    return text;
}

std::string Table::text(const Style& style) const {
    if (rows_.empty()) return "";
    const auto columns = widths(style.width);
    std::string heading = line({headers_, {}}, columns, {});
    heading.pop_back();
    std::string text = tinted(heading, Tint::strong, style) + "\n";
    for (const auto& row : rows_) text += line(row, columns, style);
    return text;
}

std::string section(std::string_view title, const Table& table, const Style& style) {
    if (table.empty()) return "";
    Style inner = style;
    if (inner.width > 2) inner.width -= 2;
    std::string text = tinted(title, Tint::strong, style) + "\n";
    std::string_view rest;
    const std::string body = table.text({.color = false, .width = inner.width});
    for (rest = body; !rest.empty(); rest.remove_prefix(rest.find('\n') + 1)) {
        text += fmt::format("  {}\n", rest.substr(0, rest.find('\n')));
    }
    return text + "\n";
}

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
    if (width == 0) return std::string(text);
    std::string lines;
    std::size_t column = 0;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
        const std::size_t columns = columns_of(word);
        if (column > 0 && column + 1 + columns > width) {
            lines.append("\n").append(indent, ' ');
            column = 0;
        }
        if (column > 0) lines += ' ';
        column += columns + (column > 0 ? 1 : 0);
        lines += word;
    }
    return lines;
}

}  // namespace nodenap
