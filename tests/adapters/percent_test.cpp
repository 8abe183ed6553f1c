#include "adapters/percent.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace nodenap {
namespace {

TEST(Percent, KeepsWhatNeedsNoEncodingAndEncodesTheRest) {
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

RC_GTEST_PROP(Percent, ComesBack, (const std::string& text)) {
    const auto encoded = percent_encoded(text);
    RC_ASSERT(encoded.find_first_of(" &=+#?/\"\n") == encoded.npos);
    RC_ASSERT(decoded(encoded) == text);
}

}  // namespace
}  // namespace nodenap
