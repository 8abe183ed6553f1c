#pragma once

// Fake ports for tests: created for each test, they record calls and fail on demand.

#include "adapters/store/item.hpp"
#include "controller/ports.hpp"

#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace nodenap::test {

/// 2026-11-23T20:00:00Z: the start of every fake clock.
inline constexpr Time fake_start{std::chrono::seconds(1'795'464'000)};

/// Time moves only by sleep_for and `advance`; wall clock and monotonic clock can drift apart.
class FakeClock final : public Clock {
public:
    Time now() override { return wall; }
    Milliseconds monotonic() override { return passed; }
    void sleep_for(Milliseconds span) override {
        sleeps.push_back(span);
        advance(span);
        if (on_sleep) on_sleep();
    }
    void advance(Milliseconds span) {
        wall += span;
        passed += span;
    }

    Time wall = fake_start;
    Milliseconds passed{1'000};
    std::vector<Milliseconds> sleeps;
    std::function<void()> on_sleep;  // what happens meanwhile
};

/// Returns `signals`, or the result of `answer` for the time.
class FakeMetrics final : public Metrics {
public:
    Signals read(Time now, Milliseconds window) override {
        reads.push_back({now, window});
        return answer ? answer(now) : signals;
    }

    Signals signals;
    std::function<Signals(Time)> answer;
    std::vector<std::pair<Time, Milliseconds>> reads;
};

/// A cloud that launches at once and remembers client tokens.
class FakeFleet final : public Fleet {
public:
    Result<std::vector<Instance>> list() override {
        ++lists;
        if (list_error) return *list_error;
        return instances;
    }

    std::vector<Result<Instance>> launch(const std::vector<Operation>& operations) override {
        std::vector<Result<Instance>> answers;
        for (const Operation& operation : operations) {
            launches.push_back(operation);
            if (on_launch) on_launch(operation);
            answers.push_back(launch_one(operation));
        }
        return answers;
    }

    std::vector<Status> terminate(const std::vector<std::string>& ids) override {
        std::vector<Status> answers;
        for (const std::string& id : ids) {
            terminations.push_back(id);
            answers.push_back(terminate_one(id));
        }
        return answers;
    }

    Instance* find(const std::string& id) {
        for (Instance& instance : instances) {
            if (instance.id == id) return &instance;
        }
        return nullptr;
    }

    std::vector<Instance> instances;
    std::map<Offering, Error> refused_offerings;    // until removed
    std::deque<Error> launch_errors;                // one for each of the next launches
    bool launch_errors_land = false;                // the instance is launched, the response lost
    std::map<std::string, Error> terminate_errors;  // by instance id
    std::optional<Error> list_error;
    std::function<void(const Operation&)> on_launch;

    int lists = 0;
    std::vector<Operation> launches;
    std::vector<std::string> terminations;

private:
    Result<Instance> launch_one(const Operation& operation) {
        if (!launch_errors.empty()) {
            const Error error = launch_errors.front();
            launch_errors.pop_front();
            if (launch_errors_land) make(operation);
            return error;
        }
        const auto refused = refused_offerings.find(operation.offering);
        if (refused != refused_offerings.end()) return refused->second;
        return make(operation);
    }

    Instance make(const Operation& operation) {
        for (const Instance& instance : instances) {
            if (instance.operation == operation.id) return instance;
        }
        Instance made;
        made.id = "i-" + std::to_string(1000 + instances.size());
        made.offering = operation.offering;
        made.launch_template = operation.launch_template;
        made.launched_at = operation.since;
        made.operation = operation.id;
        made.epoch = operation.epoch;
        made.private_ip = "10.0.1." + std::to_string(10 + instances.size());
        instances.push_back(made);
        return made;
    }

    Status terminate_one(const std::string& id) {
        const auto error = terminate_errors.find(id);
        if (error != terminate_errors.end()) return error->second;
        if (Instance* instance = find(id)) instance->state = InstanceState::shutting_down;
        return Done{};
    }
};

/// A fault of a store; `landed`: the write took effect nevertheless.
struct StoreFault {
    Error error{ErrorKind::unavailable, "the store is away"};
    bool landed = false;
};

/// DynamoDB's UpdateItem, GetItem and Query on a map in memory, with its refusals.
class FakeStore final : public StateStore {
public:
    struct Write {
        Key key;
        Change change;
        Condition condition;
        bool refused = false;
    };

    Result<Updated> update(const Key& key, const Change& change,
                           const Condition& condition) override {
        if (before_update) before_update(key);
        const std::optional<StoreFault> fault = next_fault();
        if (fault && !fault->landed) return fault->error;
        AttributeMap& stored = items[{key.cluster_id, key.record}];
        auto after = update_item(stored, key, change, condition);
        if (!after) return after.error();
        writes.push_back({key, change, condition, after->refused});
        if (stored.empty()) items.erase({key.cluster_id, key.record});
        if (fault) return fault->error;
        return after;
    }

    Result<AttributeMap> get(const Key& key) override {
        ++gets;
        if (const auto fault = next_fault()) return fault->error;
        const auto found = items.find({key.cluster_id, key.record});
        return found == items.end() ? AttributeMap{} : found->second;
    }

    Result<std::vector<AttributeMap>> query(const Query& query) override {
        ++queries;
        if (const auto fault = next_fault()) return fault->error;
        std::vector<AttributeMap> found;
        for (const auto& [key, item] : items) {
            const bool inside = key.second >= query.from && key.second <= query.to;
            if (key.first == query.cluster_id && inside) found.push_back(item);
        }
        if (query.newest_first) found = {found.rbegin(), found.rend()};
        if (found.size() > static_cast<std::size_t>(query.limit)) {
            found.resize(static_cast<std::size_t>(query.limit));
        }
        return found;
    }

    std::size_t records_beginning(const std::string& prefix) const {
        std::size_t count = 0;
        for (const auto& [key, item] : items) count += key.second.starts_with(prefix) ? 1 : 0;
        return count;
    }

    std::map<std::pair<std::string, std::string>, AttributeMap> items;
    std::deque<StoreFault> faults;                  // one for each of the next calls
    std::optional<StoreFault> away;                 // every call, until removed
    std::function<void(const Key&)> before_update;  // an action of another process before it
    std::vector<Write> writes;
    int gets = 0;
    int queries = 0;

private:
    std::optional<StoreFault> next_fault() {
        if (away) return away;
        if (faults.empty()) return std::nullopt;
        const StoreFault fault = faults.front();
        faults.pop_front();
        return fault;
    }
};

/// Keeps values in memory; their "text" is the name under which they are stored.
class FakeCodec final : public Codec {
public:
    std::string memory_text(const Memory& memory) const override {
        return "memory:" + std::to_string(kept(memories, memory));
    }
    Result<Memory> memory(std::string_view text) const override {
        return find(memories, "memory:", text);
    }
    std::string record_text(const Record& record) const override {
        return "record:" + std::to_string(kept(records, record));
    }
    Result<Record> record(std::string_view text) const override {
        return find(records, "record:", text);
    }

    mutable std::vector<Memory> memories;
    mutable std::vector<Record> records;

private:
    template <class T>
    static std::size_t kept(std::vector<T>& values, const T& value) {
        for (std::size_t at = 0; at < values.size(); ++at) {
            if (values[at] == value) return at;
        }
        values.push_back(value);
        return values.size() - 1;
    }

    template <class T>
    static Result<T> find(const std::vector<T>& values, std::string_view prefix,
                          std::string_view text) {
        for (std::size_t at = 0; at < values.size(); ++at) {
            if (text == std::string(prefix) + std::to_string(at)) return values[at];
        }
        return Error{ErrorKind::invalid, "no value is kept under " + std::string(text)};
    }
};

class FakeLog final : public EventLog {
public:
    void write(const LogEvent& event) override { events.push_back(event); }
    void pass(const Record& record, bool succeeded) override {
        passes.emplace_back(record, succeeded);
    }

    /// The first of that name; null if there is none.
    const LogEvent* find(const std::string& name) const {
        for (const LogEvent& event : events) {
            if (event.name == name) return &event;
        }
        return nullptr;
    }
    bool has(const std::string& name) const { return find(name) != nullptr; }

    std::vector<LogEvent> events;
    std::vector<std::pair<Record, bool>> passes;
};

/// All of them together. Not to be moved: `ports` refers to the others.
struct FakeWorld {
    FakeClock clock;
    FakeMetrics metrics;
    FakeFleet fleet;
    FakeStore store;
    FakeCodec codec;
    FakeLog log;
    Ports ports{clock, metrics, fleet, store, codec, log};

    FakeWorld() = default;
    FakeWorld(const FakeWorld&) = delete;
    FakeWorld& operator=(const FakeWorld&) = delete;
};

}  // namespace nodenap::test
