#include "base/time_text.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace nodenap {

namespace {

namespace chrono = std::chrono;

constexpr Time earliest = chrono::sys_days(chrono::year(1) / 1 / 1);
constexpr Time latest = chrono::sys_days(chrono::year(10000) / 1 / 1) - Milliseconds{1};

/// Takes exactly `digits` decimal digits off the front.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
    if (text.size() < digits) return std::nullopt;
    int number = 0;
    const auto part = text.substr(0, digits);
    for (const char c : part) {
        if (c < '0' || c > '9') return std::nullopt;
        number = number * 10 + (c - '0');
    }
    text.remove_prefix(digits);
    return number;
}

bool take(std::string_view& text, char wanted) {
    if (text.empty() || text.front() != wanted) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<chrono::sys_days> take_date(std::string_view& text) {
    const auto year = take_number(text, 4);
    if (!year || !take(text, '-')) return std::nullopt;
    const auto month = take_number(text, 2);
    if (!month || !take(text, '-')) return std::nullopt;
    const auto day = take_number(text, 2);
    if (!day) return std::nullopt;
    const auto date = chrono::year(*year) / *month / *day;
    if (!date.ok()) return std::nullopt;
    return chrono::sys_days(date);
}

std::optional<Milliseconds> take_clock(std::string_view& text) {
    const auto hours = take_number(text, 2);
    if (!hours || !take(text, ':')) return std::nullopt;
    const auto minutes = take_number(text, 2);
    if (!minutes || !take(text, ':')) return std::nullopt;
    const auto seconds = take_number(text, 2);
    if (!seconds || *hours > 23 || *minutes > 59 || *seconds > 59) return std::nullopt;
    return chrono::hours(*hours) + chrono::minutes(*minutes) + chrono::seconds(*seconds);
}

std::optional<Milliseconds> take_fraction(std::string_view& text) {
    if (!take(text, '.')) return Milliseconds{0};
    std::size_t digits = 0;
    int milliseconds = 0;
    for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits)
        if (digits < 3) milliseconds = milliseconds * 10 + (text[digits] - '0');
    if (digits == 0 || digits > 9) return std::nullopt;
    for (auto missing = digits; missing < 3; ++missing) milliseconds *= 10;
    text.remove_prefix(digits);
    return Milliseconds{milliseconds};
}

/// The first three letters of a month, from 1 on.
std::optional<unsigned> take_month(std::string_view& text) {
    constexpr std::string_view names = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const auto name = text.substr(0, 3);
    const auto at = names.find(name);
    if (name.size() != 3 || at == names.npos || at % 3 != 0) return std::nullopt;
    text.remove_prefix(3);
    return static_cast<unsigned>(at / 3 + 1);
}

/// The time zone at the end, which is required.
std::optional<Milliseconds> take_offset(std::string_view& text) {
    if (take(text, 'Z') || take(text, 'z')) return Milliseconds{0};
    const int sign = text.empty() || text.front() != '-' ? 1 : -1;
    if (!take(text, '+') && !take(text, '-')) return std::nullopt;
    const auto hours = take_number(text, 2);
    if (!hours || !take(text, ':')) return std::nullopt;
    const auto minutes = take_number(text, 2);
    if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
    return sign * (chrono::hours(*hours) + chrono::minutes(*minutes));
}

}  // namespace

std::string time_text(Time time) {
    const auto shown = std::clamp(time, earliest, latest);
    const auto day = chrono::floor<chrono::days>(shown);
    const chrono::year_month_day date(day);
    const chrono::hh_mm_ss clock(chrono::floor<chrono::seconds>(shown - day));
    char text[32];
    const int length = std::snprintf(
        text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
        static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
        static_cast<int>(clock.seconds().count()));
    return {text, static_cast<std::size_t>(length)};
}

std::optional<Time> time_from_text(std::string_view text) {
    const auto date = take_date(text);
    if (!date || !(take(text, 'T') || take(text, 't'))) return std::nullopt;
    const auto clock = take_clock(text);
    if (!clock) return std::nullopt;
    const auto fraction = take_fraction(text);
    if (!fraction) return std::nullopt;
    const auto offset = take_offset(text);
    if (!offset || !text.empty()) return std::nullopt;
    return Time(*date) + *clock + *fraction - *offset;
}

std::optional<Time> time_from_http(std::string_view text) {
    const auto comma = text.find(", ");
    if (comma == text.npos) return std::nullopt;
    text.remove_prefix(comma + 2);
    const auto day = take_number(text, 2);
    if (!day || !take(text, ' ')) return std::nullopt;
    const auto month = take_month(text);
    if (!month || !take(text, ' ')) return std::nullopt;
    const auto year = take_number(text, 4);
    if (!year || !take(text, ' ')) return std::nullopt;
    const auto clock = take_clock(text);
    const auto date =
        chrono::year(*year) / chrono::month(*month) / chrono::day(static_cast<unsigned>(*day));
    if (!clock || text != " GMT" || !date.ok()) return std::nullopt;
    return Time(chrono::sys_days(date)) + *clock;
}

}  // namespace nodenap
