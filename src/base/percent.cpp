#include "base/percent.hpp"

namespace nodenap {

namespace {

void append_encoded(std::string& out, char c) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15U];
}

}  // namespace

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view plain =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
    std::string out;
    out.reserve(text.size() * 2);
    for (const char c : text) {
        if (plain.find(c) != plain.npos) {
            out += c;
        } else {
            append_encoded(out, c);
        }
    }
    return out;
}

std::string form_encoded(std::string_view text) {
    constexpr std::string_view reserved = "%&+;";
    std::string out;
    out.reserve(text.size() + text.size() / 8);
    for (const char c : text) {
        const bool printable = c > ' ' && c < '\x7f';
        if (c == ' ') {
            out += '+';
        } else if (printable && reserved.find(c) == reserved.npos) {
            out += c;
        } else {
            append_encoded(out, c);
        }
    }
    return out;
}

}  // namespace nodenap
