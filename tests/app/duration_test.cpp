#include "app/config_reader.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <utility>

namespace nodenap::test {
namespace {

using namespace std::chrono_literals;

const std::pair<const char*, Milliseconds> units[] = {
    {"d", 24h}, {"h", 1h}, {"m", 1min}, {"s", 1s}, {"ms", 1ms}};

bool maybe() { return *rc::gen::arbitrary<bool>(); }
int any_of(int low, int high) { return *rc::gen::inRange(low, high + 1); }

/// Some of the units, largest first, with a number each.
std::pair<std::string, Milliseconds> any_duration() {
    std::string text;
    Milliseconds sum{0};
    for (const auto& [name, unit] : units) {
        if (!maybe()) continue;
        const int count = any_of(0, 300);
        text += std::to_string(count) + name;
        sum += count * unit;
    }
    return {text, sum};
}

RC_GTEST_PROP(Duration, IsTheSumOfItsParts, ()) {
    const auto [text, sum] = any_duration();
    if (text.empty()) {
        RC_ASSERT(!parse_duration(text));
    } else {
        RC_ASSERT(parse_duration(text) == sum);
    }
}

RC_GTEST_PROP(Duration, OneWrongLetterAnywhereIsRefused, ()) {
    auto text = any_duration().first;
    const auto at = static_cast<std::size_t>(any_of(0, static_cast<int>(text.size())));
    text.insert(at, 1, *rc::gen::element(' ', '-', '+', '.', ',', 'x', 'S', '\0', '\xc3'));
    RC_ASSERT(!parse_duration(text));
}

RC_GTEST_PROP(Duration, TheSmallerUnitFirstIsRefused, ()) {
    const int larger = any_of(0, 3);
    const int smaller = any_of(larger, 4);
    RC_ASSERT(!parse_duration("1" + std::string(units[smaller].first) + "1" + units[larger].first));
}

RC_GTEST_PROP(Duration, MoreThanAYearOfAnyUnitIsRefused, ()) {
    const auto& [name, unit] = units[any_of(0, 4)];
    constexpr Milliseconds year = 24h * 366;
    const auto most = year / unit;
    RC_ASSERT(parse_duration(std::to_string(most) + name) == most * unit);
    RC_ASSERT(!parse_duration(std::to_string(most + 1) + name));
    RC_ASSERT(!parse_duration("9223372036854775807" + std::string(name)));
    RC_ASSERT(!parse_duration("9223372036854775808" + std::string(name)));
}

RC_GTEST_PROP(Duration, AnyTextIsReadOrRefused, (const std::string& text)) {
    const auto span = parse_duration(text);
    if (span) RC_ASSERT(span->count() >= 0);
}

}  // namespace
}  // namespace nodenap::test
