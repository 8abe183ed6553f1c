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

std::string padded(std::string text, std::size_t width) {
    const std::size_t columns = columns_of(text);
    return columns < width ? text.append(width - columns, ' ') : text;
}

std::string line_of_cells(const std::vector<std::string>& cells,
                          const std::vector<std::size_t>& widths, const Style& style) {
    std::string line;
    std::size_t column = 0;
    for (std::size_t at = 0; at < cells.size(); ++at) {
        const std::string cell = harmless(cells[at]);
        if (at + 1 < cells.size()) {
            line += padded(cell, widths[at] + gap);
            column += widths[at] + gap;
            continue;
        }
        const bool fits = style.width == 0 || column + least_wrapped_width > style.width;
        line += wrapped(cell, fits ? 0 : style.width - column, column);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
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

std::vector<std::size_t> Table::widths() const {
    std::vector<std::size_t> widths(headers_.size());
    for (std::size_t at = 0; at < headers_.size(); ++at) widths[at] = columns_of(headers_[at]);
    for (const auto& row : rows_) {
        for (std::size_t at = 0; at < row.size(); ++at) {
            widths[at] = std::max(widths[at], columns_of(harmless(row[at])));
        }
    }
    return widths;
}

std::string Table::text(const Style& style) const {
    if (rows_.empty()) return "";
    const auto columns = widths();
    std::string heading = line_of_cells(headers_, columns, {});
    heading.pop_back();
    std::string text = tinted(heading, Tint::strong, style) + "\n";
    for (const auto& row : rows_) text += line_of_cells(row, columns, style);
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
