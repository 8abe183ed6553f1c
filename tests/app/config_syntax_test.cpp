#include "app/config_syntax.hpp"

#include "app/config_document.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace nodenap {
namespace {

struct SyntaxCase {
    const char* text;
    const char* says;
};

const SyntaxCase cases[] = {
    {"id = \n", "expected a value after \"id =\"; strings need quotes"},
    {"id =", "expected a value after \"id =\"; strings need quotes"},
    {"id = prod\n", "expected a value after \"id =\"; strings need quotes"},
    {"on = True\n", "expected a value after \"on =\"; strings need quotes"},
    {"id = \"prod\nx = 1\n", "missing closing quote"},
    {"id = \"prod", "missing closing quote"},
    {"id = 'prod\n", "missing closing quote"},
    {"id \"prod\"\n", "expected \"=\" after the key"},
    {"id = 1\nid = 2\n", "\"id\" is already set above"},
    {"id = \"a\" b\n", "unexpected text after the value of \"id\""},
    {"[a]\n[a]\n", "this table is already defined above"},
    {"[a\n", "missing closing bracket of the table's name"},
    {"[]\n", "the table has no name"},
    {"[a]]\n", "unexpected text after the table's name"},
    {"a = [1 2]\n", "missing comma or closing bracket in the list"},
    {"a = [1,,2]\n", "missing value in the list"},
    {"a = [[1\n", "missing closing bracket of the list"},
    {"a = {b = 1\n", "missing key, comma or closing brace in the inline table"},
    {"= 3\n", "expected a key or a [table]"},
    {"age = 5m\n", "\"age\" is not a valid number; strings and durations need quotes (\"5m\")"},
    {"x = 1.\n", "\"x\" is not a valid number; strings and durations need quotes (\"5m\")"},
    {"at = 2026-13-01\n", "\"at\" is not a valid date; strings need quotes"},
    {"a = \"\\q\"\n", "in a string: unknown escape sequence '\\q'"},
    {"a = \xff\n", "the text is not UTF-8"},
};

TEST(ConfigSyntax, SaysWhatIsMissing) {
    for (const auto& each : cases) {
        EXPECT_EQ(parse_config_document(each.text).error, each.says) << each.text;
    }
}

TEST(ConfigSyntax, KnowsTheLineOfTheKey) {
    const auto document = parse_config_document("[cluster]\n\n  id = prod\n");
    EXPECT_EQ(document.error_line, 3);
    EXPECT_THAT(document.error, testing::HasSubstr("after \"id =\""));
}

TEST(ConfigSyntax, WordsThatAreNotKnownStay) {
    EXPECT_EQ(syntax_fault("something else", "x"), "something else");
}

}  // namespace
}  // namespace nodenap
