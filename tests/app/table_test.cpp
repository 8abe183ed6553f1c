#include "app/cli/table.hpp"

#include <gtest/gtest.h>

namespace nodenap {
namespace {

TEST(Table, IsAsWideAsItsWidestCellsAndHasNoSpacesAtItsEnds) {
    Table table({"A", "LONG", "LAST"});
    table.add({"×××", "1", "x"});
    table.add({"y", "2", ""});
    EXPECT_EQ(table.text({}),
              "A    LONG  LAST\n"
              "×××  1     x\n"
              "y    2\n");
}

TEST(Table, WithoutRowsIsNothing) {
    EXPECT_EQ(Table({"A"}).text({}), "");
    EXPECT_EQ(section("Title", Table({"A"}), {}), "");
}

TEST(Table, WrapsItsLastColumn) {
    Table table({"A", "WHY"});
    table.add({"x", "one two three four five six seven"});
    EXPECT_EQ(table.text({.color = false, .width = 30}),
              "A  WHY\n"
              "x  one two three four five six\n"
              "   seven\n");
}

TEST(Table, IsNotWrappedWhereTooLittleIsLeft) {
    Table table({"A", "WHY"});
    table.add({"xxxxxxxxxxxxxxxxxxxx", "one two three four five six seven"});
    EXPECT_EQ(table.text({.color = false, .width = 30}),
              "A                     WHY\n"
              "xxxxxxxxxxxxxxxxxxxx  one two three four five six seven\n");
}

TEST(Table, WrapsColumnsThatLeaveTheLastNoRoom) {
    Table table({"TIME", "DID", "WHY"});
    table.add({"20:00", "launched i-1, i-2, i-3, i-4, i-5", "two pods wait for nodes"});
    EXPECT_EQ(table.text({.color = false, .width = 50}),
              "TIME   DID                WHY\n"
              "20:00  launched i-1,      two pods wait for nodes\n"
              "       i-2, i-3, i-4,\n"
              "       i-5\n");
}

TEST(Table, TintsItsCells) {
    Table table({"A", "B"});
    table.add({"x", "y"}, {Tint::plain, Tint::good});
    EXPECT_EQ(table.text({.color = true}), "\033[1mA  B\033[0m\nx  \033[32my\033[0m\n");
}

TEST(Wrapped, KeepsAWordThatIsTooLongWhole) {
    EXPECT_EQ(wrapped("a bbbbbbbbbb c", 5, 2), "a\n  bbbbbbbbbb\n  c");
}

TEST(Cents, AreOfSums) {
    EXPECT_EQ(cents(0.348), "$0.35");
    EXPECT_EQ(cents(0.001), "< $0.01");
    EXPECT_EQ(cents(0), "$0.00");
}

TEST(Dollars, HaveFourDecimals) {
    EXPECT_EQ(dollars(0.0208), "$0.0208");
    EXPECT_EQ(dollars(12), "$12.0000");
}

}  // namespace
}  // namespace nodenap
