#include "sim/world/table.hpp"

#include <gtest/gtest.h>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

const Key state_key_of_it{"sim", "state"};

TEST(Table, ConditionalWriteReturnsTheItem) {
    Table table;
    EXPECT_EQ(table.epoch(), 0);
    Change change;
    change.add = {{"epoch", 1}};
    const Condition first{{{{"epoch", nodenap::Test::absent}}}};
    EXPECT_FALSE(table.update(state_key_of_it, change, first)->refused);
    EXPECT_EQ(table.epoch(), 1);
    const auto refused = table.update(state_key_of_it, change, first);
    EXPECT_TRUE(refused->refused);
    EXPECT_EQ(refused->item.at("epoch"), Attribute{std::int64_t{1}});
    EXPECT_EQ(table.get(state_key_of_it), table.state());
}

TEST(Table, ReturnsTheHistoryNewestFirst) {
    Table table;
    for (const char* record : {"journal#1", "journal#3", "journal#2"}) {
        Change change;
        change.set = {{{"name"}, {std::string(record)}}};
        ASSERT_TRUE(table.update({"sim", record}, change, {}));
    }
    const auto found = table.query({"sim", "journal#1", "journal#3", true, 2});
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].at("name"), Attribute{std::string("journal#3")});
    EXPECT_EQ(found[1].at("name"), Attribute{std::string("journal#2")});
}

}  // namespace
}  // namespace nodenap::sim
