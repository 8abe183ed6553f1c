#include "adapters/store/contract.hpp"

#include "adapters/store/contract_parts.hpp"

namespace nodenap {

namespace contract {

namespace {

void missing_item_is_empty(const OpenStore& open) {
    const auto store = open();
    const auto got = store->get(new_key());
    ASSERT_TRUE(got) << got.error().text;
    EXPECT_TRUE(got->empty());
}

void update_makes_the_item(const OpenStore& open) {
    const auto store = open();
    const auto key = new_key();
    const auto updated = store->update(key, set("owner", text("a")), {});
    ASSERT_TRUE(updated) << updated.error().text;
    EXPECT_FALSE(updated->refused);
    const AttributeMap wanted{
        {"cluster_id", text(key.cluster_id)}, {"record", text(key.record)}, {"owner", text("a")}};
    EXPECT_EQ(updated->item, wanted);
    EXPECT_EQ(*store->get(key), wanted);
}

void empty_change_makes_a_bare_item(const OpenStore& open) {
    const auto store = open();
    const auto key = new_key();
    ASSERT_TRUE(store->update(key, {}, {}));
    EXPECT_EQ(store->get(key)->size(), 2U);
}

void every_type_comes_back(const OpenStore& open) {
    const auto store = open();
    const auto key = new_key();
    const AttributeMap inner{{"kind", text("spot_warning")}, {"at", number(1'700'000'000'123)}};
    Change change;
    change.set = {{{"yes"}, flag(true)},
                  {{"no"}, flag(false)},
                  {{"low"}, number(-9'007'199'254'740'993)},
                  {{"high"}, number(9'007'199'254'740'993)},
                  {{"zero"}, number(0)},
                  {{"text"}, text("ü \"quoted\" \\ \n 日本")},
                  {{"none"}, text("")},
                  {{"map"}, map({{"i-0abc", map(inner)}, {"empty", map({})}})}};
    ASSERT_TRUE(store->update(key, change, {}));
    const auto got = *store->get(key);
    for (const auto& [path, value] : change.set) EXPECT_EQ(got.at(path.attribute), value);
}

void set_overwrites_and_keeps_the_rest(const OpenStore& open) {
    const auto store = open();
    const auto key = new_key();
    ASSERT_TRUE(store->update(key, set("a", number(1)), {}));
    ASSERT_TRUE(store->update(key, set("b", number(2)), {}));
    ASSERT_TRUE(store->update(key, set("a", text("now a text")), {}));
    EXPECT_EQ(store->get(key)->at("a"), text("now a text"));
    EXPECT_EQ(store->get(key)->at("b"), number(2));
}

void set_if_absent_keeps_what_is_there(const OpenStore& open) {
    const auto store = open();
    const auto key = new_key();
    Change first;
    first.set_if_absent = {{"generation", text("one")}};
    Change second;
    second.set_if_absent = {{"generation", text("two")}, {"notices", map({})}};
    ASSERT_TRUE(store->update(key, first, {}));
    const auto updated = store->update(key, second, {});
    ASSERT_TRUE(updated);
    EXPECT_EQ(updated->item.at("generation"), text("one"));
    EXPECT_EQ(updated->item.at("notices"), map({}));
}

void add_counts_from_nothing(const OpenStore& open) {
    const auto store = open();
    const auto key = new_key();
    Change change;
    change.add = {{"epoch", 1}, {"other", -5}};
    ASSERT_TRUE(store->update(key, change, {}));
    const auto updated = store->update(key, change, {});
    ASSERT_TRUE(updated);
    EXPECT_EQ(updated->item.at("epoch"), number(2));
    EXPECT_EQ(updated->item.at("other"), number(-10));
}

void add_to_a_text_is_an_error(const OpenStore& open) {
    const auto store = open();
    const auto key = new_key();
    ASSERT_TRUE(store->update(key, set("epoch", text("seven")), {}));
    Change change = set("other", number(1));
    change.add = {{"epoch", 1}};
    const auto updated = store->update(key, change, {});
    ASSERT_FALSE(updated);
    EXPECT_EQ(updated.error().kind, ErrorKind::invalid);
    EXPECT_FALSE(store->get(key)->contains("other")) << "writes are atomic";
}

void remove_takes_attributes_out(const OpenStore& open) {
    const auto store = open();
    const auto key = new_key();
    Change change = set("a", number(1));
    change.set.push_back({{"b"}, number(2)});
    ASSERT_TRUE(store->update(key, change, {}));
    Change gone;
    gone.remove = {{"a"}, {"never_there"}};
    const auto updated = store->update(key, gone, {});
    ASSERT_TRUE(updated) << updated.error().text;
    EXPECT_FALSE(updated->item.contains("a"));
    EXPECT_EQ(updated->item.at("b"), number(2));
}

void entries_are_set_and_removed(const OpenStore& open) {
    const auto store = open();
    const auto key = new_key();
    ASSERT_TRUE(store->update(key, set("notices", map({{"i-1", number(1)}})), {}));
    Change change;
    change.set = {{{"notices", "i-2"}, map({{"kind", text("rebalance")}})},
                  {{"notices", "i-3.with:odd#chars"}, number(3)}};
    change.remove = {{"notices", "i-1"}, {"notices", "never-there"}};
    const auto updated = store->update(key, change, {});
    ASSERT_TRUE(updated) << updated.error().text;
    EXPECT_EQ(updated->item.at("notices"), map({{"i-2", map({{"kind", text("rebalance")}})},
                                                {"i-3.with:odd#chars", number(3)}}));
}

void an_entry_of_no_map_is_an_error(const OpenStore& open) {
    const auto store = open();
    const auto key = new_key();
    ASSERT_TRUE(store->update(key, set("epoch", number(1)), {}));
    Change into_nothing;
    into_nothing.set = {{{"notices", "i-1"}, number(1)}};
    Change into_number;
    into_number.set = {{{"epoch", "i-1"}, number(1)}};
    for (const auto& change : {into_nothing, into_number}) {
        const auto updated = store->update(key, change, {});
        ASSERT_FALSE(updated);
        EXPECT_EQ(updated.error().kind, ErrorKind::invalid);
    }
}

void overlapping_paths_are_an_error(const OpenStore& open) {
    const auto store = open();
    const auto key = new_key();
    ASSERT_TRUE(store->update(key, set("notices", map({})), {}));
    Change twice = set("a", number(1));
    twice.add = {{"a", 1}};
    Change map_and_entry = set("notices", map({}));
    map_and_entry.set.push_back({{"notices", "i-1"}, number(1)});
    for (const auto& change : {twice, map_and_entry}) {
        const auto updated = store->update(key, change, {});
        ASSERT_FALSE(updated);
        EXPECT_EQ(updated.error().kind, ErrorKind::invalid);
    }
}

void reserved_words_are_names_too(const OpenStore& open) {
    const auto store = open();
    const auto key = new_key();
    Change change = set("owner", text("a"));
    change.set.push_back({{"ttl"}, number(1)});
    change.add = {{"count", 1}};
    ASSERT_TRUE(store->update(key, change, {}));
    const auto updated =
        store->update(key, set("state", text("b")), all_of({{"owner", Test::equals, text("a")}}));
    ASSERT_TRUE(updated) << updated.error().text;
    EXPECT_FALSE(updated->refused);
}

void clusters_do_not_see_each_other(const OpenStore& open) {
    const auto store = open();
    const auto one = new_key();
    const auto other = new_key();
    ASSERT_TRUE(store->update(one, set("a", number(1)), {}));
    EXPECT_TRUE(store->get(other)->empty());
    EXPECT_TRUE(store->get({one.cluster_id, "journal#1"})->empty());
}

}  // namespace

std::vector<StoreContractCase> change_cases() {
    return {{"MissingItemIsEmpty", missing_item_is_empty},
            {"UpdateMakesTheItem", update_makes_the_item},
            {"EmptyChangeMakesABareItem", empty_change_makes_a_bare_item},
            {"EveryTypeComesBack", every_type_comes_back},
            {"SetOverwritesAndKeepsTheRest", set_overwrites_and_keeps_the_rest},
            {"SetIfAbsentKeepsWhatIsThere", set_if_absent_keeps_what_is_there},
            {"AddCountsFromNothing", add_counts_from_nothing},
            {"AddToATextIsAnError", add_to_a_text_is_an_error},
            {"RemoveTakesAttributesOut", remove_takes_attributes_out},
            {"EntriesAreSetAndRemoved", entries_are_set_and_removed},
            {"AnEntryOfNoMapIsAnError", an_entry_of_no_map_is_an_error},
            {"OverlappingPathsAreAnError", overlapping_paths_are_an_error},
            {"ReservedWordsAreNamesToo", reserved_words_are_names_too},
            {"ClustersDoNotSeeEachOther", clusters_do_not_see_each_other}};
}

}  // namespace contract

const std::vector<StoreContractCase>& store_contract() {
    static const auto all = [] {
        auto cases = contract::change_cases();
        for (auto more :
             {contract::condition_cases(), contract::query_cases(), contract::concurrency_cases()})
            cases.insert(cases.end(), more.begin(), more.end());
        return cases;
    }();
    return all;
}

}  // namespace nodenap
