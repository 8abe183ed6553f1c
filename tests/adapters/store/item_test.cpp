#include "adapters/store/item.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace nodenap {
namespace {

AttributeMap sample() {
    return {{"n", {std::int64_t{5}}}, {"s", {std::string("b")}}, {"m", {AttributeMap{}}}};
}

TEST(Item, ConditionIsADisjunctionOfConjunctions) {
    const Clause is_five{"n", nodenap::Test::equals, {std::int64_t{5}}};
    const Clause is_gone{"gone", nodenap::Test::present};
    EXPECT_TRUE(holds(Condition{}, sample()));
    EXPECT_TRUE(holds({{{is_five}}}, sample()));
    EXPECT_FALSE(holds({{{is_five, is_gone}}}, sample()));
    EXPECT_TRUE(holds({{{is_gone}, {is_five}}}, sample()));
    EXPECT_FALSE(holds({{{{"s", nodenap::Test::less, {std::int64_t{9}}}}}}, sample()))
        << "another type";
}

TEST(Item, OnlyNumbersAndStringsAreOrdered) {
    struct Row {
        const char* name;
        Attribute than;
        bool wanted;
    };
    const Row rows[] = {{"n", {std::int64_t{6}}, true},
                        {"n", {std::int64_t{5}}, false},
                        {"s", {std::string("c")}, true},
                        {"s", {std::string("b")}, false},
                        {"s", {std::int64_t{9}}, false},
                        {"flag", {true}, false},
                        {"m", {AttributeMap{{"entry", {true}}}}, false},
                        {"gone", {std::int64_t{6}}, false}};
    auto item = sample();
    item["flag"] = {false};
    for (const auto& row : rows) {
        EXPECT_EQ(holds({{{{row.name, nodenap::Test::less, row.than}}}}, item), row.wanted)
            << row.name;
    }
}

TEST(Item, AbsentValuesEqualNothing) {
    EXPECT_FALSE(holds({{{{"gone", nodenap::Test::equals, {std::int64_t{5}}}}}}, sample()));
    EXPECT_TRUE(holds({{{{"gone", nodenap::Test::absent}}}}, sample()));
    EXPECT_FALSE(holds({{{{"n", nodenap::Test::absent}}}}, sample()));
}

TEST(Item, ChangesReadTheOldItem) {
    Change change;
    change.set = {{{"s"}, {std::string("c")}}, {{"m", "entry"}, {true}}};
    change.set_if_absent = {{"n", {std::int64_t{1}}}, {"new", {std::int64_t{1}}}};
    change.add = {{"count", 2}};
    auto item = sample();
    ASSERT_TRUE(apply_change(item, change));
    EXPECT_EQ(item.at("n"), Attribute{std::int64_t{5}});
    EXPECT_EQ(item.at("new"), Attribute{std::int64_t{1}});
    EXPECT_EQ(item.at("count"), Attribute{std::int64_t{2}});
    EXPECT_EQ(item.at("m"), (Attribute{AttributeMap{{"entry", {true}}}}));
}

TEST(Item, RefusesInvalidChangesLikeDynamoDb) {
    Change overlap;
    overlap.set = {{{"m", "a"}, {true}}};
    overlap.remove = {{"m"}};
    Change twice;
    twice.set = {{{"m", "a"}, {true}}, {{"m", "b"}, {true}}};
    twice.remove = {{"m", "a"}};
    Change no_map;
    no_map.set = {{{"gone", "a"}, {true}}};
    Change key;
    key.set = {{{"record"}, {true}}};
    Change partition;
    partition.remove = {{"cluster_id"}};
    Change text;
    text.add = {{"s", 1}};
    Change half;
    half.set = {{{"s"}, {std::string("c")}}};
    half.remove = {{"gone", "a"}};
    Change large;
    large.add = {{"n", std::numeric_limits<std::int64_t>::max()}};
    for (const auto& change : {overlap, twice, no_map, key, partition, text, half, large}) {
        auto item = sample();
        EXPECT_FALSE(apply_change(item, change));
        EXPECT_FALSE(update_item(item, {"prod", "state"}, change, {}));
        EXPECT_EQ(item, sample()) << "all or nothing";
    }
}

TEST(Item, EntriesOfOneMapDoNotOverlap) {
    Change change;
    change.set = {{{"m", "a"}, {true}}, {{"m", "b"}, {false}}};
    auto item = sample();
    ASSERT_TRUE(apply_change(item, change));
    EXPECT_EQ(item.at("m"), (Attribute{AttributeMap{{"a", {true}}, {"b", {false}}}}));
}

}  // namespace
}  // namespace nodenap
