#include "controller/memory.hpp"

#include "fakes.hpp"

#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

using namespace std::chrono_literals;

class MemoryTest : public ::testing::Test {
protected:
    AttributeMap& item() { return store.items[{"prod", "state"}]; }

    State state() {
        const auto read = read_state(store, codec, "prod");
        EXPECT_TRUE(read);
        return read ? *read : State{};
    }

    void make(const Change& change) { ASSERT_TRUE(store.update(state_key("prod"), change, {})); }

    static Record record_at(Time now, std::int64_t epoch) {
        Record record;
        record.plan.cluster = "prod";
        record.plan.now = now;
        record.epoch = epoch;
        record.trigger = "scheduled";
        return record;
    }

    FakeStore store;
    FakeCodec codec;
};

Operation a_launch() {
    Operation operation;
    operation.id = "aaaa-7-0";
    operation.kind = OperationKind::launch;
    operation.epoch = 7;
    operation.since = fake_start + 1ms;
    operation.offering = {"workers", "t3.small", "us-east-1a", Capacity::spot};
    operation.subnet = "subnet-a";
    operation.launch_template = "lt-0abc";
    operation.launch_template_version = "3";
    return operation;
}

Operation an_answered_launch() {
    auto operation = a_launch();
    operation.instance_id = "i-0abc";
    return operation;
}

Operation a_removal() {
    Operation operation;
    operation.id = "aaaa-7-2";
    operation.kind = OperationKind::remove;
    operation.epoch = 7;
    operation.since = fake_start + 2ms;
    operation.offering = {"workers", "t3.small", "us-east-1b", Capacity::on_demand};
    operation.instance_id = "i-0def";
    operation.reason = "underused";
    return operation;
}

TEST_F(MemoryTest, OperationsRoundTrip) {
    Change change;
    change.set_if_absent = {{"open_intents", {AttributeMap{}}}, {"launched", {AttributeMap{}}}};
    make(change);
    Change announcing;
    announce(announcing, a_launch());
    announce(announcing, a_removal());
    make(announcing);
    EXPECT_EQ(state().open_operations, (std::vector<Operation>{a_launch(), a_removal()}));
    Change answering;
    note_answer(answering, an_answered_launch());
    make(answering);
    EXPECT_EQ(state().open_operations, (std::vector<Operation>{a_removal()}));
    EXPECT_EQ(state().launched, (std::vector<Operation>{an_answered_launch()}));
    Change closing;
    for (const auto* id : {"aaaa-7-0", "aaaa-7-2", "never there"}) close(closing, id);
    make(closing);
    EXPECT_TRUE(state().open_operations.empty());
    EXPECT_TRUE(state().launched.empty());
}

TEST_F(MemoryTest, NewClusterHasDefaults) {
    const auto found = state();
    EXPECT_EQ(found.epoch, 0);
    EXPECT_EQ(found.format, state_format);
    EXPECT_FALSE(found.lease_until || found.paused_until || found.last_pass_at);
    EXPECT_TRUE(found.open_operations.empty());
    EXPECT_EQ(found.memory, Memory{});
    EXPECT_FALSE(found.memory_forgotten);
    EXPECT_TRUE(store.items.empty()) << "reading creates nothing";
}

TEST_F(MemoryTest, EveryAttributeIsRead) {
    Memory memory;
    memory.last_reason = "cooldown";
    const auto ms = [](Time at) { return Attribute{std::int64_t{at.time_since_epoch().count()}}; };
    const AttributeMap interruption{{"kind", {std::string("rebalance")}}, {"at", ms(fake_start)}};
    item() = {{"epoch", {std::int64_t{9}}},
              {"generation", {std::string("abc")}},
              {"lease_owner", {std::string("me")}},
              {"lease_until", ms(fake_start + 1s)},
              {"notices", {AttributeMap{{"i-1", {interruption}}}}},
              {"memory", {codec.memory_text(memory)}},
              {"last_pass_at", ms(fake_start + 2s)},
              {"last_action_at", ms(fake_start + 3s)},
              {"paused_until", ms(fake_start + 4s)},
              {"format", {std::int64_t{2}}}};
    const auto found = state();
    EXPECT_EQ(found.epoch, 9);
    EXPECT_EQ(found.generation, "abc");
    EXPECT_EQ(found.lease_owner, "me");
    EXPECT_EQ(found.lease_until, fake_start + 1s);
    ASSERT_EQ(found.interruptions.size(), 1U);
    EXPECT_EQ(found.interruptions.at("i-1").kind, "rebalance");
    EXPECT_EQ(found.interruptions.at("i-1").at, fake_start);
    EXPECT_EQ(found.memory, memory);
    EXPECT_EQ(found.last_pass_at, fake_start + 2s);
    EXPECT_EQ(found.last_action_at, fake_start + 3s);
    EXPECT_EQ(found.paused_until, fake_start + 4s);
    EXPECT_EQ(found.format, 2);
}

TEST_F(MemoryTest, UnreadableValuesAreSkippedNotGuessed) {
    item() = {{"epoch", {std::string("nine")}},
              {"notices", {AttributeMap{{"i-1", {true}}}}},
              {"open_intents", {AttributeMap{{"x", {std::string("?")}}}}},
              {"memory", {std::string("{broken")}}};
    const auto found = state();
    EXPECT_EQ(found.epoch, 0);
    EXPECT_TRUE(found.interruptions.empty());
    EXPECT_TRUE(found.open_operations.empty());
    EXPECT_EQ(found.memory, Memory{});
    EXPECT_TRUE(found.memory_forgotten);
}

TEST_F(MemoryTest, ImpossibleTimesAreClamped) {
    const Time last = std::chrono::sys_days(std::chrono::year(10000) / 1 / 1) - 1ms;
    const Time first = std::chrono::sys_days(std::chrono::year(1) / 1 / 1);
    item() = {{"lease_until", {std::numeric_limits<std::int64_t>::max()}},
              {"last_pass_at", {std::numeric_limits<std::int64_t>::min()}},
              {"paused_until", {std::numeric_limits<std::int64_t>::max()}}};
    EXPECT_EQ(state().lease_until, last);
    EXPECT_EQ(state().last_pass_at, first);
    EXPECT_EQ(state().paused_until, last) << "an absurdly late end of a pause is clamped";
}

TEST_F(MemoryTest, NoticeIsSavedForNewAndKnownClusters) {
    for (const bool seen : {false, true}) {
        FakeStore fresh;
        if (seen) fresh.items[{"prod", "state"}] = {{"notices", {AttributeMap{}}}};
        ASSERT_TRUE(post_interruption(fresh, "prod", "i-1", {"rebalance", fake_start}));
        ASSERT_TRUE(post_interruption(fresh, "prod", "i-2", {"spot_warning", fake_start + 1s}));
        ASSERT_TRUE(post_interruption(fresh, "prod", "i-1", {"spot_warning", fake_start + 2s}));
        const auto found = read_state(fresh, codec, "prod");
        ASSERT_TRUE(found);
        ASSERT_EQ(found->interruptions.size(), 2U) << seen;
        EXPECT_EQ(found->interruptions.at("i-1").kind, "spot_warning");
        EXPECT_EQ(found->interruptions.at("i-1").at, fake_start + 2s);
    }
}

TEST_F(MemoryTest, NoticeOfAKnownClusterIsOneWrite) {
    item() = {{"notices", {AttributeMap{}}}};
    ASSERT_TRUE(post_interruption(store, "prod", "i-1", {"rebalance", fake_start}));
    EXPECT_EQ(store.writes.size(), 1U);
}

TEST_F(MemoryTest, EachWriteOfANoticeMayFail) {
    for (const std::size_t fails : {0U, 1U, 2U}) {
        for (const auto kind : {ErrorKind::unavailable, ErrorKind::denied}) {
            FakeStore fresh;
            std::size_t calls = 0;
            fresh.before_update = [&](const Key&) {
                if (calls++ == fails) fresh.faults = {{{kind, "fault"}, false}};
            };
            const auto posted = post_interruption(fresh, "prod", "i-1", {"rebalance", fake_start});
            ASSERT_FALSE(posted);
            EXPECT_EQ(posted.error().kind, kind);
        }
    }
}

TEST_F(MemoryTest, NoticeIsReportedLostIfTheStateIsDeletedMeanwhile) {
    std::size_t calls = 0;
    store.before_update = [&](const Key&) {
        if (calls++ == 2) store.items.clear();  // the map was created, then the item deleted
    };
    const auto posted = post_interruption(store, "prod", "i-1", {"rebalance", fake_start});
    ASSERT_FALSE(posted);
    EXPECT_EQ(posted.error().kind, ErrorKind::conflict);
    EXPECT_TRUE(store.items.empty()) << "no partial state is created";
}

TEST_F(MemoryTest, NoticeWithLostResponseIsSaved) {
    for (const bool landed : {false, true}) {
        FakeStore fresh;
        fresh.items[{"prod", "state"}] = {{"notices", {AttributeMap{}}}};
        fresh.faults = {{{ErrorKind::unknown_outcome, "no answer"}, landed}};
        ASSERT_TRUE(post_interruption(fresh, "prod", "i-1", {"rebalance", fake_start}));
        EXPECT_EQ(read_state(fresh, codec, "prod")->interruptions.size(), 1U);
    }
}

TEST_F(MemoryTest, RecordIsWrittenOncePerTimeAndEpoch) {
    const auto record = record_at(fake_start + 123ms, 42);
    ASSERT_TRUE(append_record(store, codec, record));
    ASSERT_TRUE(append_record(store, codec, record));
    ASSERT_EQ(store.items.size(), 1U);
    const auto& [key, stored] = *store.items.begin();
    EXPECT_EQ(key.second, "journal#1795464000123#42#0");
    const auto ends = std::get<std::int64_t>(stored.at("expires_at").value);
    EXPECT_EQ(ends, 1'795'464'000 + 30 * 24 * 3600) << "in seconds, as the TTL requires";
}

TEST_F(MemoryTest, RecordWithLostResponseIsWrittenOnce) {
    for (const bool landed : {false, true}) {
        FakeStore fresh;
        fresh.faults = {{{ErrorKind::unknown_outcome, "no answer"}, landed}};
        ASSERT_TRUE(append_record(fresh, codec, record_at(fake_start, 1)));
        EXPECT_EQ(fresh.items.size(), 1U);
    }
}

TEST_F(MemoryTest, HistoryIsNewestFirstWithinItsRangeAndLimit) {
    for (int minute = 0; minute < 10; ++minute) {
        ASSERT_TRUE(append_record(store, codec, record_at(fake_start + minute * 1min, minute)));
    }
    struct Span {
        Time since;
        int limit;
        std::vector<std::int64_t> epochs;
    };
    const Span spans[] = {{fake_start + 7min, 100, {9, 8, 7}},
                          {fake_start + 7min + 1ms, 100, {9, 8}},
                          {Time{}, 3, {9, 8, 7}},
                          {fake_start + 1h, 100, {}}};
    for (const auto& span : spans) {
        const auto records = read_history(store, codec, "prod", {span.since, span.limit});
        ASSERT_TRUE(records);
        std::vector<std::int64_t> epochs;
        for (const auto& record : records->records) epochs.push_back(record.epoch);
        EXPECT_EQ(epochs, span.epochs);
    }
}

TEST_F(MemoryTest, HistoryHasNoStateAndNoRecordsOfOtherClusters) {
    item() = {{"epoch", {std::int64_t{1}}}, {"record", {std::string("state")}}};
    auto other = record_at(fake_start, 1);
    other.plan.cluster = "staging";
    ASSERT_TRUE(append_record(store, codec, other));
    const auto records = read_history(store, codec, "prod", {});
    ASSERT_TRUE(records);
    EXPECT_TRUE(records->records.empty());
}

TEST_F(MemoryTest, UnreadableRecordIsReportedAndHidesNoOther) {
    ASSERT_TRUE(append_record(store, codec, record_at(fake_start, 1)));
    ASSERT_TRUE(append_record(store, codec, record_at(fake_start + 1min, 2)));
    store.items.begin()->second["body"] = {std::string("{broken")};
    const auto records = read_history(store, codec, "prod", {});
    ASSERT_TRUE(records);
    ASSERT_EQ(records->records.size(), 1U);
    EXPECT_EQ(records->records[0].epoch, 2);
    ASSERT_EQ(records->unreadable.size(), 1U);
    EXPECT_TRUE(records->unreadable[0].starts_with("journal#1795464000000#1#0: "));
}

TEST_F(MemoryTest, EveryReadMayFail) {
    store.away = StoreFault{{ErrorKind::throttled, "slow down"}, false};
    EXPECT_EQ(read_state(store, codec, "prod").error().kind, ErrorKind::throttled);
    EXPECT_EQ(read_history(store, codec, "prod", {}).error().kind, ErrorKind::throttled);
    EXPECT_EQ(append_record(store, codec, record_at(fake_start, 1)).error().kind,
              ErrorKind::throttled);
}

}  // namespace
}  // namespace nodenap::test
