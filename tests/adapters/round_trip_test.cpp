// Whatever is written into either store is read as it was: items, operations, memory and history.

#include "adapters/any_value.hpp"
#include "adapters/json/decision_json.hpp"
#include "adapters/store/dynamodb_json.hpp"
#include "adapters/store/item.hpp"
#include "adapters/store/sqlite.hpp"
#include "adapters/store/sqlite_item.hpp"

#include <unistd.h>
#include <algorithm>
#include <filesystem>
#include <memory>

namespace nodenap::test {
namespace {

/// A DynamoDB of one process: every item passes through the text that goes over the wire.
class WireStore final : public StateStore {
public:
    Result<Updated> update(const Key& key, const Change& change,
                           const Condition& condition) override {
        auto& text = items_[{key.cluster_id, key.record}];
        auto item = read(text);
        auto after = update_item(item, key, change, condition);
        if (after && !after->refused) text = written(item);
        if (after) after->item = read(written(after->item));
        return after;
    }
    Result<AttributeMap> get(const Key& key) override {
        return read(items_[{key.cluster_id, key.record}]);
    }
    Result<std::vector<AttributeMap>> query(const Query& query) override {
        std::vector<AttributeMap> out;
        for (const auto& [key, text] : items_) {
            const auto& [cluster, record] = key;
            const bool fits = record >= query.from && record <= query.to;
            if (cluster == query.cluster_id && fits && !text.empty()) out.push_back(read(text));
        }
        if (query.newest_first) std::ranges::reverse(out);
        if (std::cmp_greater(out.size(), query.limit)) out.resize(std::size_t(query.limit));
        return out;
    }

private:
    static std::string written(const AttributeMap& item) {
        return nlohmann::ordered_json{{"Item", dynamodb_json(item)}}.dump();
    }
    static AttributeMap read(const std::string& text) {
        if (text.empty()) return {};
        const auto answer = read_dynamodb_answer(text);
        RC_ASSERT(static_cast<bool>(answer));
        return answer->item;
    }

    std::map<std::pair<std::string, std::string>, std::string> items_;
};

/// A SQLite file that is gone with it.
class FileStore {
public:
    FileStore() {
        static int made = 0;
        path_ = std::filesystem::temp_directory_path() /
                ("nodenap-round-trip-" + std::to_string(getpid()) + "-" + std::to_string(++made));
        store_ = *SqliteStore::open(path_.string());
    }
    ~FileStore() {
        store_.reset();
        for (const char* end : {"", "-wal", "-shm"}) {
            std::error_code ignored;
            std::filesystem::remove(path_.string() + end, ignored);
        }
    }
    FileStore(const FileStore&) = delete;
    FileStore& operator=(const FileStore&) = delete;
    StateStore& store() { return *store_; }

private:
    std::filesystem::path path_;
    std::unique_ptr<SqliteStore> store_;
};

/// The same in each store; each has never seen the cluster.
template <class Check>
void in_both_stores(Check check) {
    WireStore wire;
    check(wire);
    FileStore file;
    check(file.store());
}

RC_GTEST_PROP(RoundTrip, ItemsHaveTheSameTextInBothStores, ()) {
    const auto item = any_attributes();
    const auto text = item_text(item);
    RC_ASSERT(text == dynamodb_json(item).dump());
    const auto from_file = item_from_text(text);
    RC_ASSERT(static_cast<bool>(from_file));
    RC_ASSERT(*from_file == item);
    const auto from_wire = read_dynamodb_answer("{\"Item\":" + text + "}");
    RC_ASSERT(static_cast<bool>(from_wire));
    RC_ASSERT(from_wire->item == item);
}

RC_GTEST_PROP(RoundTrip, MemoryRoundTrips, ()) {
    const JsonCodec codec;
    const auto memory = any_memory();
    const auto back = codec.memory(codec.memory_text(memory));
    RC_ASSERT(static_cast<bool>(back));
    RC_ASSERT(*back == memory);
}

RC_GTEST_PROP(RoundTrip, PlansAndRecordsRoundTrip, ()) {
    const auto record = any_record();
    const auto plan_back = plan_from_json(plan_json(record.plan));
    RC_ASSERT(static_cast<bool>(plan_back));
    RC_ASSERT(*plan_back == record.plan);
    const auto back = record_from_json(record_json(record));
    RC_ASSERT(static_cast<bool>(back));
    RC_ASSERT(*back == record);
}

RC_GTEST_PROP(RoundTrip, StateRoundTripsInBothStores, ()) {
    const JsonCodec codec;
    const auto memory = any_memory();
    std::vector<Operation> operations;
    for (int i = 0; i < any_of(0, 4); ++i)
        operations.push_back(any_operation("id-" + std::to_string(i)));
    const Interruption interruption{any_text(), any_time()};
    in_both_stores([&](StateStore& store) {
        Change maps;
        maps.set = {{{"open_intents"}, {AttributeMap{}}},
                    {{"launched"}, {AttributeMap{}}},
                    {{"memory"}, {codec.memory_text(memory)}}};
        RC_ASSERT(static_cast<bool>(store.update(state_key("prod"), maps, {})));
        Change announced;
        for (const auto& operation : operations) announce(announced, operation);
        RC_ASSERT(static_cast<bool>(store.update(state_key("prod"), announced, {})));
        RC_ASSERT(static_cast<bool>(post_interruption(store, "prod", "i-0abc", interruption)));
        auto state = read_state(store, codec, "prod");
        RC_ASSERT(static_cast<bool>(state));
        RC_ASSERT(state->open_operations == operations);
        RC_ASSERT(state->memory == memory);
        RC_ASSERT(state->interruptions.at("i-0abc").kind == interruption.kind);
        RC_ASSERT(state->interruptions.at("i-0abc").at == interruption.at);
        Change answered;
        for (const auto& operation : operations) note_answer(answered, operation);
        RC_ASSERT(static_cast<bool>(store.update(state_key("prod"), answered, {})));
        state = read_state(store, codec, "prod");
        RC_ASSERT(state->open_operations.empty());
        RC_ASSERT(state->launched == operations);
    });
}

RC_GTEST_PROP(RoundTrip, HistoryIsNewestFirstInBothStores, ()) {
    const JsonCodec codec;
    std::vector<Record> records;
    // Far ahead: the file forgets what is past its end by the machine's own clock.
    Time at{std::chrono::sys_days(std::chrono::year(2090) / 1 / 1)};
    for (int i = any_of(0, 4); i > 0; --i) {
        auto record = any_record();
        at += Milliseconds{1000} * any_of(1, 9999);
        record.plan.now = at;
        record.plan.cluster = "prod";
        records.push_back(record);
    }
    in_both_stores([&](StateStore& store) {
        for (const auto& record : records) {
            RC_ASSERT(static_cast<bool>(append_record(store, codec, record)));
            RC_ASSERT(static_cast<bool>(append_record(store, codec, record)));  // twice is once
        }
        const auto history = read_history(store, codec, "prod", {Time{}, 100});
        RC_ASSERT(static_cast<bool>(history));
        RC_ASSERT(history->unreadable.empty());
        auto wanted = records;
        std::ranges::reverse(wanted);
        RC_ASSERT(history->records == wanted);
    });
}

}  // namespace
}  // namespace nodenap::test
