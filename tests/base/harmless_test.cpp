#include "base/harmless.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace nodenap {
namespace {

struct Row {
    const char* name;
    std::string given;
    std::string line;   // as one line
    std::string lines;  // as text of several
};

TEST(Harmless, RemovesControlAndEscapeCharacters) {
    const Row rows[] = {
        {"plain text", "Zürich → 5 €, ok 👍", "Zürich → 5 €, ok 👍", "Zürich → 5 €, ok 👍"},
        {"ESC and BEL", "a\033]0;t\ab", "a ]0;t b", "a ]0;t b"},
        {"DEL and NUL", std::string("a\x7F\0b", 4), "a  b", "a  b"},
        {"a carriage return", "safe\rrm", "safe rm", "safe rm"},
        {"line break and tab", "a\n\tb", "a  b", "a\n\tb"},
        {"C1 in UTF-8", "a\xC2\x9B\x32Jb", "a 2Jb", "a 2Jb"},
        {"C1 as a byte", "a\x9B\x32Jb", "a 2Jb", "a 2Jb"},
        {"no-break space is none",
         "a\xC2\xA0"
         "b",
         "a\xC2\xA0"
         "b",
         "a\xC2\xA0"
         "b"},
        {"direction overridden", "a\u202Eb\u2066c\u2069", "a b c ", "a b c "},
        {"direction marks", "a\u200E\u200F\u061C", "a   ", "a   "},
        {"their neighbours", "\u200D\u202F\u2065\u206A\u061B", "\u200D\u202F\u2065\u206A\u061B",
         "\u200D\u202F\u2065\u206A\u061B"},
        {"line separators", "a\u2028b\u2029", "a b ", "a b "},
        {"ESC written too long",
         "a\xC0\x9B"
         "b\xE0\x80\x9B"
         "c",
         "a  b   c", "a  b   c"},
        {"a surrogate", "a\xED\xA0\x80", "a   ", "a   "},
        {"cut in a character", "a\xE2\x82", "a  ", "a  "},
        {"beyond Unicode", "a\xF4\x90\x80\x80\xFF", "a     ", "a     "},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(harmless(row.given), row.line) << row.name;
        EXPECT_EQ(harmless_lines(row.given), row.lines) << row.name;
        EXPECT_EQ(harmless(row.line), row.line) << row.name << ": once is enough";
    }
}

TEST(Harmless, JsonStaysEquivalent) {
    for (const std::string text : {"\033[31m", "\x7F", "\xC2\x9B", "a\u202Eb\u2066", "\u2028"}) {
        const nlohmann::json json = {{"text", text}, {"list", {1, text}}};
        const auto clean = harmless_json(json.dump(2));
        EXPECT_EQ(nlohmann::json::parse(clean, nullptr, false), json);
        EXPECT_EQ(harmless_lines(clean), clean) << "nothing is left to obey";
    }
    EXPECT_EQ(harmless_json("{\n  \"a\": \"\x7F\u202E\"\n}"), "{\n  \"a\": \"\\u007f\\u202e\"\n}");
    EXPECT_EQ(harmless_json("\"\xFF\""), "\"\\ufffd\"");
}

}  // namespace
}  // namespace nodenap
