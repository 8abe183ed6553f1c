#include "base/harmless.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace nodenap {

namespace {

/// One character of a text; `point` is `no_character` for a byte that is not valid UTF-8.
struct Character {
    char32_t point = 0;
    std::string_view bytes;
};
constexpr char32_t no_character = 0xFFFFFFFF;

/// The length in bytes of a character, by its first byte; 0 if no character begins with it.
std::size_t length_of(unsigned char first) {
    if (first < 0x80) return 1;
    if (first < 0xC2) return 0;
    if (first < 0xE0) return 2;
    if (first < 0xF0) return 3;
    return first < 0xF5 ? 4 : 0;
}

Character first_of(std::string_view text) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const std::size_t length = length_of(byte(0));
    const Character broken{no_character, text.substr(0, 1)};
    if (length == 0 || length > text.size()) return broken;
    if (length == 1) return {byte(0), text.substr(0, 1)};
    char32_t point = byte(0) & (0x7FU >> length);
    for (std::size_t at = 1; at < length; ++at) {
        if ((byte(at) & 0xC0U) != 0x80) return broken;
        point = (point << 6) | (byte(at) & 0x3FU);
    }
    constexpr std::array<char32_t, 5> least = {0, 0, 0x80, 0x800, 0x10000};
    const bool is_surrogate = point >= 0xD800 && point < 0xE000;
    if (point < least.at(length) || point > 0x10FFFF || is_surrogate) return broken;
    return {point, text.substr(0, length)};
}

struct Range {
    char32_t first;
    char32_t last;
};
constexpr std::array<Range, 7> harmful = {{
    {0x00, 0x1F},      // C0, ESC among them
    {0x7F, 0x9F},      // DEL and C1
    {0x061C, 0x061C},  // Arabic letter mark
    {0x200E, 0x200F},  // left-to-right and right-to-left mark
    {0x2028, 0x202E},  // line and paragraph separator; embeddings and overrides of direction
    {0x2066, 0x2069},  // isolates
    {no_character, no_character},
}};

bool is_harmful(char32_t point) {
    return std::ranges::any_of(
        harmful, [&](const Range& range) { return point >= range.first && point <= range.last; });
}

template <class Replace>
std::string replaced(std::string_view text, Replace replacement_of) {
    std::string clean;
    clean.reserve(text.size());
    while (!text.empty()) {
        const Character next = first_of(text);
        if (is_harmful(next.point)) {
            clean += replacement_of(next);
        } else {
            clean += next.bytes;
        }
        text.remove_prefix(next.bytes.size());
    }
    return clean;
}

std::string escaped(const Character& character) {
    if (character.bytes == "\n") return "\n";  // between values: within strings it is escaped
    char text[8];
    const auto point = character.point == no_character ? 0xFFFDU : character.point;
    std::snprintf(text, sizeof text, "\\u%04x", static_cast<unsigned>(point) & 0xFFFFU);
    return text;
}

}  // namespace

std::string harmless(std::string_view text) {
    return replaced(text, [](const Character&) { return " "; });
}

std::string harmless_lines(std::string_view text) {
    return replaced(text, [](const Character& character) {
        const bool stays = character.point == '\n' || character.point == '\t';
        return stays ? character.bytes : std::string_view(" ");
    });
}

std::string harmless_json(std::string_view json) { return replaced(json, escaped); }

}  // namespace nodenap
