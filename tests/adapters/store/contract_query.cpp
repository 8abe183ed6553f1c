#include "adapters/store/contract_parts.hpp"

namespace nodenap::contract {

namespace {

const std::vector<std::string> records = {"journal#0000000000001#1#0", "journal#0000000000002#1#0",
                                          "journal#0000000000002#2#0", "journal#0000000000003#2#0",
                                          "state"};

std::string fill(StateStore& store) {
    const auto cluster = new_key().cluster_id;
    for (const auto& record : records)
        EXPECT_TRUE(store.update({cluster, record}, set("body", text(record)), {}));
    return cluster;
}

struct Row {
    std::string name;
    std::string from;
    std::string to;
    bool newest_first;
    int limit;
    std::vector<std::size_t> wanted;
};

std::vector<Row> rows() {
    return {{"all, newest first", "journal#", "journal$", true, 100, {3, 2, 1, 0}},
            {"all, oldest first", "journal#", "journal$", false, 100, {0, 1, 2, 3}},
            {"newest two", "journal#", "journal$", true, 2, {3, 2}},
            {"oldest two", "journal#", "journal$", false, 2, {0, 1}},
            {"from a time on", "journal#0000000000002", "journal$", false, 100, {1, 2, 3}},
            {"both ends are included", records[1], records[2], false, 100, {1, 2}},
            {"nothing in between", "journal#5", "journal$", true, 100, {}},
            {"other records are not included", "a", "k", true, 100, {3, 2, 1, 0}},
            {"everything", "a", "z", false, 100, {0, 1, 2, 3, 4}}};
}

void ranges_order_and_limit(const OpenStore& open) {
    const auto store = open();
    const auto cluster = fill(*store);
    for (const auto& row : rows()) {
        SCOPED_TRACE(row.name);
        const auto found = store->query({cluster, row.from, row.to, row.newest_first, row.limit});
        ASSERT_TRUE(found) << found.error().text;
        std::vector<std::string> got;
        for (const auto& item : *found)
            got.push_back(*std::get_if<std::string>(&item.at("body").value));
        std::vector<std::string> wanted;
        for (const auto at : row.wanted) wanted.push_back(records[at]);
        EXPECT_EQ(got, wanted);
    }
}

void items_come_whole(const OpenStore& open) {
    const auto store = open();
    const auto cluster = fill(*store);
    const auto found = store->query({cluster, "state", "state", true, 1});
    ASSERT_TRUE(found) << found.error().text;
    ASSERT_EQ(found->size(), 1U);
    EXPECT_EQ(found->front(), *store->get({cluster, "state"}));
    EXPECT_EQ(found->front().at("record"), text("state"));
}

/// More than one DynamoDB page of 1 MB.
void large_answers_are_complete(const OpenStore& open) {
    const auto store = open();
    const auto cluster = new_key().cluster_id;
    const std::string body(100'000, 'x');
    for (int at = 10; at < 35; ++at)
        ASSERT_TRUE(
            store->update({cluster, "journal#" + std::to_string(at)}, set("body", text(body)), {}));
    const auto found = store->query({cluster, "journal#", "journal$", true, 100});
    ASSERT_TRUE(found) << found.error().text;
    ASSERT_EQ(found->size(), 25U);
    EXPECT_EQ(found->front().at("record"), text("journal#34"));
    EXPECT_EQ(found->back().at("record"), text("journal#10"));
}

}  // namespace

std::vector<StoreContractCase> query_cases() {
    return {{"RangesOrderAndLimit", ranges_order_and_limit},
            {"ItemsComeWhole", items_come_whole},
            {"LargeAnswersAreComplete", large_answers_are_complete}};
}

}  // namespace nodenap::contract
