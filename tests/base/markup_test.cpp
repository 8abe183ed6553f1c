#include "base/markup.hpp"

#include <gtest/gtest.h>

namespace nodenap {
namespace {

TEST(Markup, EscapesMarkupCharactersOnly) {
    EXPECT_EQ(markup_text("a < b && b > \"ü\""), "a &lt; b &amp;&amp; b &gt; \"ü\"");
    EXPECT_EQ(markup_text(""), "");
}

}  // namespace
}  // namespace nodenap
