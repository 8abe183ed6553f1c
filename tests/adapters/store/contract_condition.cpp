#include "adapters/store/contract_parts.hpp"

#include <random>

namespace nodenap::contract {

namespace {

struct Row {
    std::string name;
    Condition condition;
    bool holds;
};

/// Evaluated against {"n": 5, "s": "m", "yes": true, "map": {}}.
std::vector<Row> condition_rows() {
    const auto one = [](Clause clause) { return all_of({std::move(clause)}); };
    return {
        {"none", {}, true},
        {"present", one({"n", Test::present}), true},
        {"present, but missing", one({"gone", Test::present}), false},
        {"absent", one({"gone", Test::absent}), true},
        {"absent, but present", one({"n", Test::absent}), false},
        {"equal number", one({"n", Test::equals, number(5)}), true},
        {"other number", one({"n", Test::equals, number(6)}), false},
        {"equal text", one({"s", Test::equals, text("m")}), true},
        {"equal flag", one({"yes", Test::equals, flag(true)}), true},
        {"other flag", one({"yes", Test::equals, flag(false)}), false},
        {"equal map", one({"map", Test::equals, map({})}), true},
        {"equals another type", one({"n", Test::equals, text("5")}), false},
        {"equals what is absent", one({"gone", Test::equals, number(5)}), false},
        {"less", one({"n", Test::less, number(6)}), true},
        {"less, equal", one({"n", Test::less, number(5)}), false},
        {"less, by number not by letter", one({"n", Test::less, number(10)}), true},
        {"less text", one({"s", Test::less, text("n")}), true},
        {"less text, by byte", one({"s", Test::less, text("Z")}), false},
        {"less than another type", one({"n", Test::less, text("6")}), false},
        {"absent is not less", one({"gone", Test::less, number(6)}), false},
        {"all of two", all_of({{"n", Test::equals, number(5)}, {"s", Test::present}}), true},
        {"one of two fails", all_of({{"n", Test::equals, number(5)}, {"s", Test::absent}}), false},
        {"the second list holds",
         {{{{"gone", Test::present}}, {{"n", Test::less, number(6)}}}},
         true},
        {"no list holds", {{{{"gone", Test::present}}, {{"n", Test::less, number(5)}}}}, false}};
}

Change known_item() {
    Change change = set("n", number(5));
    change.set.push_back({{"s"}, text("m")});
    change.set.push_back({{"yes"}, flag(true)});
    change.set.push_back({{"map"}, map({})});
    return change;
}

void conditions_hold_or_not(const OpenStore& open) {
    const auto store = open();
    for (const auto& row : condition_rows()) {
        SCOPED_TRACE(row.name);
        const auto key = new_key();
        ASSERT_TRUE(store->update(key, known_item(), {}));
        const auto updated = store->update(key, set("written", flag(true)), row.condition);
        ASSERT_TRUE(updated) << updated.error().text;
        EXPECT_EQ(!updated->refused, row.holds);
        EXPECT_EQ(store->get(key)->contains("written"), row.holds);
    }
}

void refused_returns_what_is_there(const OpenStore& open) {
    const auto store = open();
    const auto key = new_key();
    ASSERT_TRUE(store->update(key, set("lease_owner", text("b")), {}));
    const auto updated =
        store->update(key, set("lease_owner", text("a")), all_of({{"lease_owner", Test::absent}}));
    ASSERT_TRUE(updated) << updated.error().text;
    EXPECT_TRUE(updated->refused);
    EXPECT_EQ(updated->item, *store->get(key));
    EXPECT_EQ(updated->item.at("lease_owner"), text("b"));
}

void refused_makes_nothing(const OpenStore& open) {
    const auto store = open();
    const auto key = new_key();
    const auto updated =
        store->update(key, set("a", number(1)), all_of({{"epoch", Test::equals, number(7)}}));
    ASSERT_TRUE(updated) << updated.error().text;
    EXPECT_TRUE(updated->refused);
    EXPECT_TRUE(updated->item.empty());
    EXPECT_TRUE(store->get(key)->empty());
}

/// A refusal takes precedence: errors of the change do not matter then.
void condition_is_judged_before_the_change(const OpenStore& open) {
    const auto store = open();
    const auto key = new_key();
    ASSERT_TRUE(store->update(key, set("a", number(1)), {}));
    Change into_nothing;
    into_nothing.set = {{{"notices", "i-1"}, number(1)}};
    const auto updated = store->update(key, into_nothing, all_of({{"notices", Test::present}}));
    ASSERT_TRUE(updated) << updated.error().text;
    EXPECT_TRUE(updated->refused);
}

}  // namespace

Key new_key() {
    static std::random_device random;
    static int count = 0;
    return {"contract-" + std::to_string(random()) + "-" + std::to_string(++count), "state"};
}

std::vector<StoreContractCase> condition_cases() {
    return {{"ConditionsHoldOrNot", conditions_hold_or_not},
            {"RefusedReturnsWhatIsThere", refused_returns_what_is_there},
            {"RefusedMakesNothing", refused_makes_nothing},
            {"ConditionIsJudgedBeforeTheChange", condition_is_judged_before_the_change}};
}

}  // namespace nodenap::contract
