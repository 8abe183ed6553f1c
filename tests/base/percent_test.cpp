#include "base/percent.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace nodenap {
namespace {

TEST(Percent, EncodesAllButUnreservedCharacters) {
    const std::string plain = "ABCXYZabcxyz0189-_.~";
    EXPECT_EQ(percent_encoded(plain), plain);
    EXPECT_EQ(percent_encoded("a b+c&d=e/f:%"), "a%20b%2Bc%26d%3De%2Ff%3A%25");
    EXPECT_EQ(percent_encoded("é\n"), "%C3%A9%0A");
    EXPECT_EQ(percent_encoded(std::string_view("\0\xff", 2)), "%00%FF");
    EXPECT_EQ(percent_encoded(""), "");
}

std::string decoded(const std::string& text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool encoded = text[at] == '%';
        out +=
            encoded ? static_cast<char>(std::stoi(text.substr(at + 1, 2), nullptr, 16)) : text[at];
        if (encoded) at += 2;
    }
    return out;
}

RC_GTEST_PROP(Percent, RoundTrips, (const std::string& text)) {
    const auto encoded = percent_encoded(text);
    RC_ASSERT(encoded.find_first_of(" &=+#?/\"\n") == encoded.npos);
    RC_ASSERT(decoded(encoded) == text);
}

TEST(Form, EncodesOnlyCharactersThatEndOrEscapeAField) {
    EXPECT_EQ(form_encoded("max by(a)(b{c=~\"d|e\"}) > 1\n"), "max+by(a)(b{c=~\"d|e\"})+>+1%0A");
    EXPECT_EQ(form_encoded("a%b&c+d;e"), "a%25b%26c%2Bd%3Be");
    EXPECT_EQ(form_encoded(std::string_view("é\0\x7f", 4)), "%C3%A9%00%7F");
    EXPECT_EQ(form_encoded(""), "");
}

RC_GTEST_PROP(Form, RoundTrips, (const std::string& text)) {
    auto encoded = form_encoded(text);
    RC_ASSERT(encoded.find_first_of(" &;\n") == encoded.npos);
    std::ranges::replace(encoded, '+', ' ');
    RC_ASSERT(decoded(encoded) == text);
}

}  // namespace
}  // namespace nodenap
