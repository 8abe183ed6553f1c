#pragma once

#include "app/cli/terminal.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace nodenap {

enum class Tint { plain, strong, dim, good, warn, bad };

/// `text` in that tint where the style has colour.
std::string tinted(std::string_view text, Tint tint, const Style& style);

/// How long the tint's sequence is that `text` begins with; 0 where it begins with none of ours.
std::size_t tint_at_front(std::string_view text);

/// A number for money: "$0.0208".
std::string dollars(double amount);

/// "$0.09": a sum, in cents; "< $0.01" where it is less than one and more than nothing.
std::string cents(double amount);

/// Columns as wide as their widest cell, two spaces between them; the last column is wrapped to
/// the style's width, and those before it too where they leave it no room. Nothing at all where
/// there is no row.
class Table {
public:
    explicit Table(std::vector<std::string> headers) : headers_(std::move(headers)) {}
    /// `tints` are those of the cells, plain where there are fewer.
    void add(std::vector<std::string> cells, std::vector<Tint> tints = {}) {
        rows_.push_back({std::move(cells), std::move(tints)});
    }
    bool empty() const { return rows_.empty(); }
    std::string text(const Style& style) const;

private:
    struct Row {
        std::vector<std::string> cells;
        std::vector<Tint> tints;
    };
    std::vector<std::size_t> widths(std::size_t width) const;
    std::string line(const Row& row, const std::vector<std::size_t>& widths,
                     const Style& style) const;

    std::vector<std::string> headers_;
    std::vector<Row> rows_;
};

/// "TITLE", the table indented below it and an empty line; nothing where the table is empty.
std::string section(std::string_view title, const Table& table, const Style& style);

/// Words of `text` in lines of at most `width` columns (0: one line), each after the first
/// indented by `indent` spaces.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent);

}  // namespace nodenap
